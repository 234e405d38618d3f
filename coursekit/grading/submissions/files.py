"""The files beside a notebook: which they are, and what they hold."""

from pathlib import Path

from coursekit.grading.submissions.notebook_file import Unreadable

__all__ = ["find", "other_files"]

MOST_FILES = 500
LARGEST_FILES = 50_000_000  # bytes of all files that come with a notebook


def find(folder, ignore):
    """Return the other files of a folder, sorted, as nbgrader finds them."""
    from nbgrader.utils import find_all_files

    return sorted(map(Path, find_all_files(str(folder), ignore)))


def other_files(folder, ignore):
    """Read the files beside the notebook; return them, and which are links out of the folder."""
    found, links, total = {}, [], 0
    paths = find(folder, ignore)
    if len(paths) > MOST_FILES:
        raise Unreadable(f"{len(paths)} files in its folder; at most {MOST_FILES} are graded")
    for path in paths:
        name = path.relative_to(folder).as_posix().encode("utf-8", "replace").decode()
        try:
            real = path.resolve()
            if not real.is_relative_to(folder.resolve()):
                links.append(name)
            elif real.is_file():
                total += real.stat().st_size
                if total > LARGEST_FILES:
                    limit = f"at most {LARGEST_FILES / 1e6:.0f} MB are graded"
                    raise Unreadable(f"the files in its folder are too large, {name} too; {limit}")
                found[name] = real.read_bytes()
        except (OSError, RuntimeError) as error:
            if not path.is_symlink():
                raise Unreadable(f"its file {name} cannot be read: {error}") from None
            links.append(name)  # which may lead in a circle
    return found, links
