"""Pyodide, which runs the cells of a page: which files, and how they come beside the site.

    python book/_ext/live_runtime.py put SOURCE SITE    copy it beside a built site
    python book/_ext/live_runtime.py pin SOURCE         use another release, whole, from now on

SOURCE is a folder that holds an unpacked release of Pyodide, at any depth. ``put`` copies the
files that pages load, each only with the checksum that is written down in ``live``, so it does not
matter who packed them.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

PINNED = Path(__file__).parent / "live/pyodide.json"
LOCK = Path(__file__).parent / "live/pyodide-lock.json"  # Pyodide's own, less what no page loads
CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
AT_START = ("ipython", "matplotlib", "scipy")
LATER = ("scikit-learn",)  # by the pages that import it


def _checksum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _folder(source):
    """Return the folder of a release, wherever it lies in what was unpacked."""
    found = sorted(Path(source).rglob(LOCK.name), key=lambda path: len(path.parts))
    if not found:
        sys.exit(f"error: {source} holds no release of Pyodide: there is no {LOCK.name} in it.")
    return found[0].parent


def _with_dependencies(names, packages):
    found = {}
    for name in names:
        entry = packages[name.lower().replace("_", "-")]
        found |= {entry["name"].lower().replace("_", "-"): entry}
        found |= _with_dependencies(entry["depends"], packages)
    return found


def pin(source):
    """Write down the files of a release: names, checksums, sizes."""
    folder = _folder(source)
    lock = json.loads((folder / LOCK.name).read_text("utf-8"))
    start = _with_dependencies(AT_START, lock["packages"])
    lock["packages"] = start | _with_dependencies(LATER, lock["packages"])
    checksums = {name: _checksum(folder / name) for name in CORE}
    checksums |= {entry["file_name"]: entry["sha256"] for entry in lock["packages"].values()}
    files = [*CORE, *(entry["file_name"] for entry in start.values())]
    pinned = {
        "version": lock["info"]["version"],
        "packages": list(AT_START),
        "at start": {name: (folder / name).stat().st_size for name in files},
        "sha256": checksums,
    }
    LOCK.parent.mkdir(exist_ok=True)
    LOCK.write_text(json.dumps(lock, indent=1) + "\n", "utf-8")
    PINNED.write_text(json.dumps(pinned, indent=1) + "\n", "utf-8")


def beside(site):
    """Return where Pyodide stands beside a site, if it does."""
    version = json.loads(PINNED.read_text("utf-8"))["version"]
    return Path(site, "_live", f"pyodide-{version}")


def put(source, site):
    """Copy the pinned files beside a site, for its pages, and what serves them from there."""
    folder, pinned = _folder(source), json.loads(PINNED.read_text("utf-8"))
    target = beside(site)
    for old in target.parent.glob("pyodide-*/"):
        shutil.rmtree(old)
    target.mkdir()
    for name, checksum in pinned["sha256"].items():
        path = folder / name
        if not path.exists() or _checksum(path) != checksum:
            state = "is not that of" if path.exists() else "is missing, which is part of"
            sys.exit(f"error: {path} {state} Pyodide {pinned['version']}.")
        shutil.copy(path, target)
    shutil.copy(Path(__file__).with_name("serve.py"), site)
    config = Path(site, "_live/config.json")
    settings = json.loads(config.read_text("utf-8")) | {"runtime": f"{target.name}/"}
    config.write_text(json.dumps(settings, indent=1), "utf-8")
    size = sum(path.stat().st_size for path in target.iterdir())
    print(f"Pyodide {pinned['version']} stands beside the site: {size / 1e6:.0f} MB in {target}.")
    print(f"Wherever the folder {site} is copied to, python3 serve.py in it serves the live book.")


if __name__ == "__main__":
    {"put": put, "pin": pin}[sys.argv[1]](*sys.argv[2:])
