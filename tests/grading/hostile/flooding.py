"""Submissions that print, show or send too much, or something that cannot be stored.

ATTACKS: {description: (cells, tests that lose their points, what the instructor is told)}.
"""

# ruff: noqa: E501  (cells of a notebook, a line each)

from hostile.endless import LATE
from hostile.forging import PEER

DOUBLE = "double-values double-arrays"
COUNT = "count-words count-all count-some"
OUTPUTS = """
def outputs(*made):
    run = peer.handlers["cell"]
    peer.handlers["cell"] = lambda source: [list(made), run(source)[1]]
"""


def lie(node):
    return {"double": f"{PEER}\nlie({node})\ndef double(x): pass"}


def sends(text):
    return {"double": f"{PEER}import os, struct, time\nsock = peer.sock\n{text}"}


ATTACKS = {
    "50 MB printed": ({"first": "for k in range(50):\n    print('x' * 10**6)"}, ""),
    "50 MB printed in tests": (
        {"double": "def double(x):\n    print('x' * 5 * 10**6)\n    return 2 * x"}, "",
    ),
    "50 MB to the file descriptor": (
        {"first": "import os\nfor k in range(50):\n    os.write(1, bytes(10**6))\n    os.write(2, bytes(10**6))"},
        "",
    ),
    "a display of 40 MB": (
        {"first": "from IPython.display import HTML, display\ndisplay(HTML('x' * 40 * 10**6))"}, "",
    ),
    "100,000 outputs": (
        {"first": "from IPython.display import display\nfor k in range(10**5):\n    display(k)"}, "",
    ),
    "100,000 lines, each in its own stream": (
        {"first": "import sys\nfor k in range(10**5):\n    print(k)\n    print(k, file=sys.stderr)"}, "",
    ),
    "a huge representation": (
        {"first": "class Huge:\n    def __repr__(self): return 'x' * 10**8\nHuge()"}, "",
    ),
    "a huge exception": (
        {"double": "def double(x):\n    raise ValueError('x' * 10**8)"}, DOUBLE,
    ),
    "a huge exception in a cell": ({"double": "raise ValueError('x' * 10**8)"}, DOUBLE),
    "a huge answer": ({"double": "def double(x):\n    return 'x' * 10**8"}, DOUBLE),
    "a huge name": ({"double": "double = type('x' * 10**6, (), {})"}, DOUBLE),
    "text that is no Unicode": (
        {"first": "print('\\ud800')\nfrom IPython.display import HTML, display\n"
         "display(HTML('\\udfff\\x00'))\nraise ValueError('\\ud800')"}, "",
    ),
    "outputs that no notebook can hold": (
        {"last": "get_ipython().display_pub.publish({'text/plain': 5, 7: b'x', 'image/png': b'x', "
         "'text/html': {'a': [1.5, None]}, 'application/json': {'n': float('nan')}, 'x': object()})"}, "",
    ),
    "forged outputs": (
        {"first": PEER + OUTPUTS + "outputs({'output_type': 'execute_result', 'data': {'text/plain': b'4'}}, "
         "{'output_type': 'display_data', 'data': {'text/html': 5, 'image/png': b'\\xff', 'a': "
         "{'b': float('inf')}}}, {'output_type': 'stream', 'name': 'x', 'text': ['a']}, "
         "{'output_type': 'error', 'traceback': [1]}, {'output_type': 'made up'})"}, "",
    ),
    "forged outputs that are none": (
        {"first": PEER + OUTPUTS + "peer.handlers['cell'] = lambda source: ['x', 'y']"},
        f"{DOUBLE} {COUNT} primes-values primes-close follow-steps",
    ),
    "garbage on the socket": (sends("sock.sendall(os.urandom(1000))\ndef double(x): pass"), DOUBLE),
    "a message of 2**63 bytes": (
        sends("sock.sendall(struct.pack('>Q', 2**63) + bytes(100))\ndef double(x): pass"), DOUBLE,
    ),
    "a message that never comes": (
        sends("sock.sendall(struct.pack('>Q', 2**20))\ntime.sleep(9)"), DOUBLE, LATE,
    ),
    "a message drop by drop": (
        sends("import signal\nsignal.signal(2, signal.SIG_IGN)\nsock.sendall(struct.pack('>Q', 2**20))\n"
              "while True:\n    time.sleep(0.3)\n    sock.sendall(b'x')"), DOUBLE, LATE,
    ),
    "a million messages": (
        sends("from coursekit.grading.execution import messages\nwhile True:\n    messages.send(sock, [1, 'call', 0, 'call', [], {}])"),
        DOUBLE, LATE,
    ),
    "a message a thousand deep": (
        sends("body = b'\\x91' * 10**6 + b'\\xc0'\nsock.sendall(struct.pack('>Q', len(body)) + body)"), DOUBLE,
    ),
    "a value a thousand deep": (
        {"double": PEER + "node = ['l', []]\nfor k in range(400): node = ['l', [node]]\nlie(node)\n"
         "def double(x): pass"}, DOUBLE,
    ),
    "a message that grows a hundredfold": (
        sends("body = b'\\xdd' + struct.pack('>I', 6 * 10**7) + b'\\x80' * 6 * 10**7\n"
              "sock.sendall(struct.pack('>Q', len(body)) + body)"), DOUBLE,
    ),
    "a dictionary whose keys collide": (
        {"follow": PEER + "pairs = [[['I', hex(k * (2**61 - 1))], None] for k in range(30_000)]\n"
         "name(follow=['d', pairs])"}, "follow-steps",
    ),
    "a map whose keys collide": (
        sends("import msgpack\nbody = msgpack.packb({k * (2**61 - 1) % 2**63: 0 for k in range(1, 4)})\n"
              "keys = [k * (2**61 - 1) for k in range(-4, 4)]\n"
              "body = b'\\xdf' + struct.pack('>I', 10**5) + b''.join("
              "msgpack.packb((k % 8 - 4) * (2**61 - 1)) + b'\\xc0' for k in range(10**5))\n"
              "sock.sendall(struct.pack('>Q', len(body)) + body)"), DOUBLE,
    ),
    "an array of a strange type": (
        {"double": PEER + "import itertools\ntypes = itertools.cycle(['O', 'V8', 'f8,O', 'S0', 'U999999999', "
         "'<f16', '|b1', [['a', 'O']], None, '(9,9)f8', 5])\n"
         "Peer._do = lambda self, *r: [True, ['a', next(types), [2, 2], 'C', True, bytes(64)], [], '']\n"
         "def double(x): pass"}, DOUBLE,
    ),
    "an array of an impossible shape": (
        {"double": PEER + "lie(['a', '<f8', [-1, 2**40, 0], 'C', True, bytes(64)])\ndef double(x): pass"},
        DOUBLE,
    ),
    "an integer with too many digits": (
        {"double": "def double(x):\n    return 1 << 10**7"}, DOUBLE,
    ),
}  # fmt: skip
