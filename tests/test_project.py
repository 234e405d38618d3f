"""What the front door says is true: commands exist, versions agree, pins are complete."""

import doctest
import re
import subprocess
import tomllib

import pytest
from places import ROOT

import coursekit

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
GUIDES = [
    "README.md",
    "CONTRIBUTING.md",
    "book/index.md",
    "book/students.md",
    "book/instructors.md",
]


def listed():
    """Return the commands that `make help` lists, one line each."""
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {line.split()[0] for line in said.stdout.splitlines() if not line.startswith("make")}


def test_make_without_a_target_lists_every_command():
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for command in (
        "book",
        "test",
        "serve",
        "lab",
        "notebooks",
        "release",
        "grade",
        "bench",
        "clean",
    ):
        assert re.search(rf"^{command} +\w", said, re.M), command


@pytest.mark.parametrize("guide", GUIDES)
def test_guides_name_only_commands_that_exist(guide):
    code = re.findall(r"```shell\n(.*?)```|`([^`\n]+)`", (ROOT / guide).read_text(), re.S)
    named = {m for pair in code for m in re.findall(r"^make ([a-z]+)", "\n".join(pair), re.M)}
    assert named <= listed()


def test_readme_examples_run():
    done = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert done.attempted > 0
    assert done.failed == 0


def test_versions_agree():
    version = coursekit.__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_dependency_is_pinned():
    pins = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.M))
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    wanted = {re.match(r"[\w.-]+", entry)[0] for group in groups for entry in group}
    assert wanted <= pins, "run `make requirements`"


def test_an_unsuitable_python_is_refused_before_anything_is_made(tmp_path):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.1\nexit 1\n')
    python.chmod(0o755)
    venv = tmp_path / "venv"
    said = subprocess.run(
        ["make", f"{venv}/.ready", f"VENV={venv}", f"PYTHON={python}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert said.returncode != 0
    assert "the course needs Python 3.11, 3.12 or 3.13" in said.stdout
    assert "Python 3.9.1" in said.stdout
    assert not venv.exists()
