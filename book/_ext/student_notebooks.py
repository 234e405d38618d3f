"""Write the chapters as notebooks for students, without running them: half a minute at most.

    python book/_ext/student_notebooks.py FOLDER

Sphinx reads all pages, for their notebooks say the numbers of figures, boxes and equations.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from jupyter_book.sphinx import build_sphinx

ROOT = Path(__file__).parents[2]
OFF = {
    "latex_individualpages": False,
    "nb_execution_mode": "off",
    "suppress_warnings": ["*"],
    "katex_prerender": False,
}


def write(folder):
    """Write PART/TOPIC.ipynb for each chapter into a folder, in place of what is there."""
    with tempfile.TemporaryDirectory() as place:
        made = Path(place, "made")  # MyST-NB writes beside it
        failed = build_sphinx(
            ROOT / "book",
            made,
            noconfig=True,
            path_config=ROOT / "_config.yml",
            confoverrides=OFF | {"external_toc_path": str(ROOT / "_toc.yml")},
            doctreedir=Path(place, ".doctrees"),
            builder="dummy",
            really_quiet=True,
        )
        if failed:
            sys.exit("error: the chapters cannot be read; `make book` says why.")
        shutil.rmtree(folder, ignore_errors=True)
        for notebook in sorted(made.glob("*/*.ipynb")):
            target = Path(folder, notebook.relative_to(made))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(notebook, target)


if __name__ == "__main__":
    write(*sys.argv[1:])
