"""What the front door says is true: commands exist, versions agree, pins are complete."""

import doctest
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from places import COURSE, ROOT

import coursekit
from coursekit.homework.source import exams

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
GUIDES = [
    "README.md",
    "CONTRIBUTING.md",
    "book/index.md",
    "book/students.md",
    "book/instructors.md",
]

PLACES = (
    "book/{part}/{topic}.md",
    "coursekit/{part}/{module}.py",
    "tests/{part}/test_{module}.py",
    "assignments/{topic}.md",
    "tests/homework/wrong_answers/{topic}.py",
    "tests/notebooks/{topic}.ipynb",
)
TOPICS = [
    chapter["file"]
    for part in yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    for chapter in part["chapters"]
    if "/" in chapter["file"]
]
LACKING = {  # what a topic does without
    "coursekit/models/derivative.py",  # coursekit/derivatives/dual.py
    "tests/models/test_derivative.py",
    "assignments/derivative.md",  # its homework is gradients
    "tests/homework/wrong_answers/derivative.py",
    "coursekit/models/gradient.py",  # coursekit/objectives.py and coursekit/derivatives
    "tests/models/test_gradient.py",
    "assignments/gradient.md",  # its homework, gradients, is that of derivative, too
    "tests/homework/wrong_answers/gradient.py",
    "coursekit/models/jacobian_hessian.py",  # coursekit/derivatives and the check of Jacobians
    "tests/models/test_jacobian_hessian.py",
    "assignments/jacobian-hessian.md",
    "tests/homework/wrong_answers/jacobian-hessian.py",
    "coursekit/descent/landscapes.py",  # gradient_descent.py, and coursekit/objectives.py
    "tests/descent/test_landscapes.py",
    "assignments/landscapes.md",  # its homework is that of gradient-descent
    "tests/homework/wrong_answers/landscapes.py",
    "coursekit/learning/beyond.py",  # recurrent.py, kernels.py and pagerank.py
    "tests/learning/test_beyond.py",
    "assignments/beyond.md",  # the last chapter has no homework
    "tests/homework/wrong_answers/beyond.py",
    "assignments/convolution.md",  # its homework is that of cnn
    "tests/homework/wrong_answers/convolution.py",
}


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
    named = {m for pair in code for m in re.findall(r"^make ([a-z-]+)", "\n".join(pair), re.M)}
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


def expected(topic):
    """Return where a topic has its files, by CONTRIBUTING.md."""
    part, name = topic.split("/")
    words = {"part": part, "topic": name, "module": name.replace("-", "_")}
    return {place.format(**words) for place in PLACES}


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_one_name_everywhere(topic):
    there = {place for place in expected(topic) if (ROOT / place).exists()}
    assert expected(topic) - LACKING == there


def test_what_topics_lack_is_about_topics():
    assert set().union(*map(expected, TOPICS)) >= LACKING


def test_an_exam_belongs_to_no_page():
    topics = {topic.split("/")[1] for topic in TOPICS}
    pages = {path.stem for path in (ROOT / "book").rglob("*.md")}
    links = (ROOT / "book/_ext/homework_links.py").read_text("utf-8")
    assert exams(COURSE)
    for exam in exams(COURSE):
        assert exam not in topics | pages
        assert f'"{exam}"' not in links
        for page in (ROOT / "book").rglob("*.md"):
            assert f"{exam}.ipynb" not in page.read_text("utf-8") or page.stem == "instructors"


@pytest.mark.parametrize("place", PLACES)
def test_contributing_says_where_a_topic_goes(place):
    said = place.format(part="<part>", topic="<topic>", module="<topic>")
    assert f"`{said}`" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


@pytest.mark.parametrize("guide", ["README.md", "CONTRIBUTING.md"])
def test_paths_in_the_guides_exist(guide):
    named = set(
        re.findall(
            r"(?:book|coursekit|tests|assignments|benchmarks)/[\w./-]*+(?!<)",
            (ROOT / guide).read_text("utf-8"),
        )
    )
    made = ("assignments/release", "assignments/submitted")
    assert named
    assert [n for n in named if not (ROOT / n).exists() and not n.startswith(made)] == []


FORBIDDEN = {  # a module, and what it must not import
    "checks/wording.py": "coursekit.figures.static",
    "grading/execution/rpc.py": "coursekit.grading.pages.report",
    "figures/svg.py": "coursekit.objectives",
    "descent/gradient_descent.py": "coursekit.checks.failure",
}


@pytest.mark.parametrize("module", FORBIDDEN)
def test_the_lint_fails_when_an_arrow_goes_the_wrong_way(module, tmp_path):
    shutil.copytree(ROOT / "coursekit", tmp_path / "coursekit")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "coursekit" / module
    path.write_text(f"{path.read_text()}\n\ndef late():\n    import {FORBIDDEN[module]}\n")
    lint = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(lint, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 broken" in done.stdout
    assert FORBIDDEN[module] in done.stdout


def test_a_wrong_only_says_what_it_can_name():
    done = subprocess.run(
        [sys.executable, ROOT / "tests/run.py", "--only", "softmx"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Did you mean ONLY=softmax?" in done.stderr
