"""Files that answers have written, for tests that read them: text, tables and pictures.

No kind of file is among them that Python runs, imports or unpickles: what the student's process
has written is data to the judge.
"""

import re
from pathlib import Path, PurePosixPath

__all__ = ["looks_for_files", "take", "written"]

TEXTS, PICTURES = ".txt .csv .tsv .json .md .html .xml .tex .bib .log", ".svg .png .jpg .jpeg .gif"
KINDS = {*TEXTS.split(), *PICTURES.split()}
MOST, LARGEST = 100, 20_000_000  # files, and bytes of all
READS = re.compile(r"open|read|load|exists|is_?file|listdir|glob|Path|size")


def looks_for_files(source):
    """Whether a test may read files.

    Examples
    --------
    >>> looks_for_files("assert open('x.txt').read() == '1'"), looks_for_files("assert f(1)")
    (True, False)
    """
    return bool(READS.search(source))


def written(given):
    """Return name and content of the files in this folder, but for those that are given."""
    found, left = [], LARGEST
    for path in sorted(Path().rglob("*")):
        name = path.as_posix()
        if name in given or path.suffix.lower() not in KINDS or path.is_symlink():
            continue
        try:
            left -= path.stat().st_size if path.is_file() else 0
            if left < 0 or len(found) == MOST:
                break
            if path.is_file():
                found.append([name, path.read_bytes()])
        except OSError:
            continue
    return found


def take(found, given):
    """Write files of the other process into this folder; nothing outside it, and none given."""
    for name, content in found[:MOST]:
        path = PurePosixPath(str(name))
        if path.is_absolute() or ".." in path.parts or path.suffix.lower() not in KINDS:
            continue
        if str(path) in given or not isinstance(content, bytes):
            continue
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(content)
        except (OSError, ValueError):
            continue  # a name that no file can have
