"""Start the course: ``python start.py``.

The first time, it makes an environment in ``.venv`` beside it and installs there what the course
needs; nothing else on the machine changes. Each time, it puts into ``lab`` what is not there yet,
and opens JupyterLab. What is in ``lab`` is yours: it is never written over.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
SETTINGS = {  # no question about news, no warning at each start of a kernel
    "jupyter/labconfig/page_config.json": json.dumps(
        {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    ),
    "ipython/ipython_kernel_config.py": 'c.IPKernelApp.log_level = "ERROR"\n',
}


def install():
    """Make the environment, unless it is there and complete."""
    ready = VENV / ".ready"
    if ready.exists():
        return
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found = sys.version.split()[0]
        sys.exit(f"error: the course needs Python 3.11, 3.12 or 3.13; this is {found}.")
    print("Making the environment: about 2 GB are loaded, some minutes, this first time only ...")
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    except subprocess.CalledProcessError:
        sys.exit(
            "error: no environment could be made. On Debian or Ubuntu: apt install python3-venv"
        )
    wheel = next(HERE.glob("coursekit-*.whl")).name
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--constraint", "requirements.txt", f"./{wheel}[student,tensorflow]"]
    if subprocess.run(command, cwd=HERE).returncode:
        sys.exit("error: not everything could be installed, see above; run this again to go on.")
    for place, text in SETTINGS.items():
        path = VENV / "etc" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ready.touch()


def copy_new(source, target):
    """Copy the files of one folder that another one lacks, and no others."""
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)


def main(*options):
    """Install, copy, and open JupyterLab; options are handed on to it."""
    install()
    copy_new(HERE / "course", HERE / "lab")
    command = [PYTHON, "-m", "jupyterlab", "--ServerApp.root_dir=lab"]
    command += ["--LabApp.default_url=/lab/tree/start.ipynb", *options]
    with contextlib.suppress(KeyboardInterrupt):
        subprocess.run(command, cwd=HERE, env=QUIET | os.environ, check=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
