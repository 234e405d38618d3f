"""Read an archive of submissions, and write nothing that it does not hold for a student.

An archive with a path that leads out of its folder, with a link or with a password is refused as a
whole: no learning management system makes one. A file that is too large is left out.
"""

import re
import stat
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from coursekit.homework.text import HomeworkError

__all__ = ["Entry", "open_archive"]

LARGEST_FILE = 100_000_000  # bytes
MOST_FILES = 50_000
CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """A file of an archive."""

    path: str  # with slashes
    when: datetime
    size: int  # as the archive says
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def copy(self, target):
        """Write the content to a file; return why it could not be, or ""."""
        large = f"is larger than {LARGEST_FILE / 1e6:.0f} MB"
        if self.size > LARGEST_FILE:
            return large
        written = 0
        try:
            with self.archive.open(self.info) as source, open(target, "wb") as file:
                while part := source.read(CHUNK):
                    written += len(part)
                    if written > LARGEST_FILE:  # more than it says
                        return large
                    file.write(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            return f"is damaged in the archive ({error})"
        return ""


@contextmanager
def open_archive(path):
    """Yield the files of an archive, without those that programs add.

    Parameters
    ----------
    path : str or Path

    Yields
    ------
    list of Entry

    Raises
    ------
    HomeworkError
        Why it is refused.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MOST_FILES:
                raise HomeworkError(f"{path} holds {len(infos)} files; at most {MOST_FILES:,}.")
            yield [
                Entry(name, datetime(*_date(info)), info.file_size, archive, info)
                for info in infos
                if not _is_added(name := _checked(info, path))
            ]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        raise HomeworkError(f"{path} cannot be read as a zip archive: {error}.") from None


def _checked(info, path):
    """Return the name of a file of an archive; refuse one that no system makes."""
    name = _decoded(info)
    parts = PurePosixPath(name.replace("\\", "/")).parts
    outside = name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:[\\/]", name)
    if outside or "\0" in name or not parts:
        raise HomeworkError(f"{path}: {name!r} leads out of its folder; nothing was imported.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise HomeworkError(f"{path}: {name!r} is a link; nothing was imported.")
    if info.flag_bits & 0x1:
        raise HomeworkError(f"{path}: {name!r} has a password; nothing was imported.")
    return name


def _decoded(info):
    """Return a name in Unicode: some programs write UTF-8 and do not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _date(info):
    """Return date and time of a file; 1980 for what is no date."""
    try:
        datetime(*info.date_time)
    except ValueError:
        return (1980, 1, 1)
    return info.date_time


def _is_added(name):
    """Whether macOS, Windows or Jupyter has added a file."""
    parts = name.split("/")
    if {"__MACOSX", ".ipynb_checkpoints"} & {*parts}:
        return True
    return parts[-1].startswith("._") or parts[-1] in ADDED


ADDED = (".DS_Store", "Thumbs.db", "desktop.ini")
