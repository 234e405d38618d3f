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
