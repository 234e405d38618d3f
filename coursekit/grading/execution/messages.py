"""Messages between two processes: plain data, packed by msgpack, over a socket."""

import struct

import msgpack

LONGEST = 2**26  # bytes of one message
MOST = 2**21  # lists in one message
HEAD = struct.Struct(">Q")


class WireError(Exception):
    """A message that none of our programs sends, or a connection that broke."""


class Cut(WireError):
    """The other end is gone."""


def send(sock, message):
    """Send one message of plain data."""
    body = msgpack.packb(message, unicode_errors="surrogatepass")
    if len(body) > LONGEST:
        raise WireError(f"a value of {len(body) / 1e6:.0f} MB is too large to pass on")
    try:
        sock.sendall(HEAD.pack(len(body)) + body)
    except TimeoutError:
        raise
    except OSError as error:
        raise Cut(str(error)) from None


def receive(sock, buffer, before=lambda: None):
    """Receive one message; ``buffer`` keeps what has come of the next one.

    A socket with a timeout raises TimeoutError, after which it can be asked again; ``before`` is
    called before each part of a message is waited for, and can shorten the timeout.
    """
    size = HEAD.size
    while len(buffer) < size or (size := _length(buffer)) > len(buffer):
        before()
        try:
            part = sock.recv(2**20)
        except TimeoutError:
            raise
        except OSError as error:
            raise Cut(str(error)) from None
        if not part:
            raise Cut("the other end is closed")
        buffer += part
    body = bytes(memoryview(buffer)[HEAD.size : size])
    del buffer[:size]
    left = MOST

    def count(made):  # an empty list takes 1 byte in a message and 64 in memory
        nonlocal left
        left -= 1
        if left < 0:
            raise ValueError(f"more than {MOST} lists in it")
        return made

    options = {"unicode_errors": "surrogatepass", "strict_map_key": False}
    try:
        return msgpack.unpackb(body, list_hook=count, object_hook=count, **options)
    except (ValueError, msgpack.UnpackException) as error:
        raise WireError(f"not a message: {error}") from None


def _length(buffer):
    """Return the bytes of the first message, its head included."""
    (size,) = HEAD.unpack_from(buffer)
    if size > LONGEST:
        raise WireError(f"a message of {size} bytes")
    return HEAD.size + size
