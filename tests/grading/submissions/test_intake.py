"""Whatever is handed in becomes a job, or a sentence that says why not."""

import json
import os
import resource
import shutil
import textwrap
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tiny_homework import NAMES, new_course

from coursekit.grading.submissions import files as file_limits
from coursekit.grading.submissions import intake
from coursekit.grading.submissions.homework import load_homework
from coursekit.grading.submissions.notebook_file import Unreadable, read_cells
from coursekit.grading.submissions.python_names import bound_names, imports
from coursekit.homework.nbgrader_course import nbgrader_of
from coursekit.homework.source import prepare
from coursekit.homework.text import HomeworkError

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader 0.9.6 is older than SQLAlchemy 2.1


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    """Return a course with a tiny homework, which has a data file of its own, released."""
    course = new_course(tmp_path_factory.mktemp("course"), gradebook=False)
    (course / "source" / "tiny" / "data.csv").write_text("the source's")
    return loaded(course)


def loaded(course, config=None):
    api = nbgrader_of(course, gradebook=False)
    return load_homework(prepare(api, "tiny", course), api.coursedir, config or api.config)


@pytest.fixture
def handed_out(homework):
    """Return the notebook of a student who has not begun yet."""
    course = Path(homework.coursedir.root)
    return json.loads((course / "release" / "tiny" / "tiny.ipynb").read_text())


@pytest.fixture
def folder(homework):
    """Return the empty folder of a submission."""
    folder = homework.folder("1001")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def taken_in(homework, folder):
    """Hand in a notebook; return the job's cells by id."""

    def take_in(notebook):
        (folder / "tiny.ipynb").write_text(json.dumps(notebook))
        return {cell["id"]: cell for cell in job(homework)["notebook"]["cells"]}

    return take_in


def job(homework):
    ((job,), _) = intake.jobs_of(homework, "1001")
    return job


def cell(notebook, name):
    (found,) = (cell for cell in notebook["cells"] if cell["id"] == name)
    return found


def own(source, **more):
    return {"cell_type": "code", "id": "mine", "metadata": {}, "source": source, "outputs": [],
            "execution_count": 1} | more  # fmt: skip


# What is no notebook -----------------------------------------------------------------------

NO_NOTEBOOKS = [
    (b"", "is an empty file"),
    (b" \n\0", "nothing but blanks"),
    (b"{", "is not valid JSON: Expecting property name .* line 1 column 2"),
    (b'{"cells": [], "nbformat": 4', "is not valid JSON"),
    (b'{"cells": [{"outputs": [[1, "]"', "is not valid JSON"),
    (b'{"a": ' + b"1" * 10_000 + b"}", "is not valid JSON"),
    (b"[1]", "is JSON, but not a notebook"),
    (b"{}", "has no list of cells"),
    (b'{"cells": 3}', "has no list of cells"),
    (b'{"nbformat": 3}', "has no list of cells|broken|lost the marks|is empty"),
    (b'{"nbformat": 3, "worksheets": [4]}', "of format 3 is broken"),
    (b'{"nbformat": 5, "cells": []}', "is of format 5; save it in format 4"),
    (b'{"nbformat": "4", "cells": []}', "is of format '4'"),
    (b'{"cells": [], "nbformat": 4}', "is empty; hand in the one you worked on"),
    (b'{"cells": [7, null], "nbformat": 4}', "is empty; hand in the one you worked on"),
    (b'{"cells": [{"source": "1"}]}', "has lost the marks of its graded cells; copy the answers"),
    ("{\"cells\": \"über\"}".encode("latin-1"), "no text in UTF-8 .byte 12 is 0xfc"),
    (b"\x1f\x8b\x08", "a compressed archive"),
    (b"%PDF-1.7", "a PDF"),
    (b"\n<!DOCTYPE html>", "a web page"),
    (b'{"cells": [' + b"{}," * 6000 + b"{}]}", "has 6001 cells; at most 5000"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), NO_NOTEBOOKS, ids=range(len(NO_NOTEBOOKS)))
def test_no_notebook(homework, folder, content, reason):
    (folder / "tiny.ipynb").write_bytes(content)
    with pytest.raises(Unreadable, match=reason):
        job(homework)


def test_nested_too_deeply(homework, folder):
    (folder / "tiny.ipynb").write_bytes(b"[" * 200_000)
    with ThreadPoolExecutor() as pool:  # the recursion would end the measuring of coverage here
        error = pool.submit(job, homework).exception()
    assert isinstance(error, Unreadable)
    assert "nested too deeply" in str(error)


def test_zip_named_as_notebook(homework, folder):
    with zipfile.ZipFile(folder / "tiny.ipynb", "w") as archive:
        archive.writestr("tiny.ipynb", "{}")
    with pytest.raises(Unreadable, match="a zip archive; hand in the"):
        job(homework)


def test_wrong_name(homework, folder):
    with pytest.raises(Unreadable, match=r"no tiny\.ipynb in its folder, which is empty"):
        job(homework)
    (folder / "tiny.py").write_text("")
    with pytest.raises(Unreadable, match=r"no tiny\.ipynb in its folder, but tiny\.py; rename it"):
        job(homework)


def test_the_only_notebook_may_have_another_name(homework, folder, handed_out):
    (folder / "tiny (1).ipynb").write_text(json.dumps(handed_out))
    jobs, notes = intake.jobs_of(homework, "1001")
    assert [job["part"] for job in jobs] == ["tiny"]
    assert notes == ["tiny (1).ipynb was taken for tiny.ipynb"]
    (folder / "another.ipynb").write_text("{}")
    with pytest.raises(Unreadable, match=r"but another\.ipynb, tiny \(1\)\.ipynb; rename it"):
        job(homework)


def test_no_file(homework, folder):
    os.mkfifo(folder / "tiny.ipynb")  # to open it would wait for ever
    with pytest.raises(Unreadable, match="is no file"):
        job(homework)
    (folder / "tiny.ipynb").unlink()
    (folder / "tiny.ipynb").symlink_to("tiny.ipynb")
    with pytest.raises(Unreadable, match=r"no tiny\.ipynb|cannot be read"):
        job(homework)


def test_no_right_to_read(homework, folder, monkeypatch):
    (folder / "tiny.ipynb").write_text("{}")

    def refuse(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Unreadable, match="cannot be read: Permission denied"):
        job(homework)


@pytest.mark.parametrize("limit", ["LARGEST_FILE", "LARGEST_TEXT"])
def test_too_large(homework, folder, limit, monkeypatch):
    monkeypatch.setattr(f"coursekit.grading.submissions.notebook_file.{limit}", 1e6)
    (folder / "tiny.ipynb").write_text(json.dumps({"cells": [{"source": "1" * 2_000_000}]}))
    with pytest.raises(Unreadable, match="its notebook has 2 MB"):
        job(homework)


# What the job holds ------------------------------------------------------------------------


def test_job(homework, folder, handed_out):
    cell(handed_out, "double")["source"] = "double = lambda x: 2 * x"
    (folder / "tiny.ipynb").write_text(json.dumps(handed_out))
    (folder / "sub").mkdir()
    (folder / "sub" / "mine.py").write_text("x = 1")
    (folder / "data.csv").write_text("the student's")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "mine.pyc").write_text("no")
    whole = job(homework)
    assert {key: whole[key] for key in ("homework", "student", "names", "preload", "sandbox")} == {
        "homework": "tiny",
        "student": "1001",
        "names": {"double": ["double"]},
        "preload": ["import math", "from math import pi"],
        "sandbox": True,
    }
    assert whole["files"] == {"data.csv": b"the source's", "sub/mine.py": b"x = 1"}
    assert whole["given"] == ["data.csv"]
    assert whole["limits"]["cell_seconds"] == 60
    cells = {cell["id"]: cell for cell in whole["notebook"]["cells"]}
    assert [key for key in cells if key in NAMES] == NAMES
    assert cells["double"]["source"] == "double = lambda x: 2 * x"
    assert "assert double(pi) == 2 * pi" in cells["double-values"]["source"]
    assert cells["why"]["source"] == "*YOUR ANSWER HERE*"
    for name in NAMES:
        assert cells[name]["metadata"] == homework.notebooks["tiny"].cells[name]["metadata"]
    assert whole["notebook"]["metadata"]["kernelspec"]["name"] == "python3"
    assert len(repr(whole)) < 5000


def test_limits_are_set_in_the_configuration(homework):
    from traitlets.config import Config

    def load(**own):
        config = Config({"Coursekit": own, "Execute": {"timeout": 7}})
        return loaded(homework.coursedir.root, config).limits

    limits = load(memory_mb=4096, submission_seconds=30)
    assert (limits["memory_mb"], limits["submission_seconds"], limits["cell_seconds"]) == (
        4096,
        30,
        7,
    )
    assert limits["processes"] == 256
    with pytest.raises(HomeworkError, match=r"c\.Coursekit\.memory is no limit; there are: .*mem"):
        load(memory=1)
    with pytest.raises(HomeworkError, match=r"c\.Coursekit\.file_mb must be a number above 0"):
        load(file_mb="1 GB")


def test_notebook_is_valid(homework, taken_in, handed_out):
    import nbformat

    handed_out["cells"] += [own("1"), own("2"), own("3", id="not valid!"), own("4", id="double")]
    cells = taken_in(handed_out)
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells.values())}
    nbformat.validate(notebook)
    assert len(cells) == len(handed_out["cells"])


def test_edited_tests_are_as_they_were(homework, taken_in, handed_out):
    test = cell(handed_out, "double-values")
    test["source"] = "pass"
    test["cell_type"] = "markdown"
    test["metadata"] = {"nbgrader": test["metadata"]["nbgrader"] | {"points": 100, "grade": False}}
    cell(handed_out, "setup")["source"] = "import os as math"
    cells = taken_in(handed_out)
    for name in ("setup", "double-values"):
        expected = homework.notebooks["tiny"].cells[name]
        assert cells[name]["source"] == expected["source"]
        assert cells[name]["metadata"] == expected["metadata"]
        assert cells[name]["cell_type"] == "code"


@pytest.mark.parametrize("schema", [None, 0, 1, 2, 4, "3"])
def test_other_schema_of_nbgrader(taken_in, handed_out, schema):
    marks = cell(handed_out, "double")["metadata"]["nbgrader"]
    marks["schema_version"] = schema
    cell(handed_out, "double")["source"] = "mine"
    assert taken_in(handed_out)["double"]["source"] == "mine"


def test_order_is_the_students(taken_in, handed_out):
    cells = handed_out["cells"]
    cells.append(cells.pop([cell["id"] for cell in cells].index("double")))
    cells.insert(0, own("first"))
    order = list(taken_in(handed_out))
    assert order[0] == "mine"
    assert order[-1] == "double"


def test_missing_cells_go_behind_their_predecessors(taken_in, handed_out):
    missing = ("setup", "double-check", "double-values", "double-texts", "why")
    handed_out["cells"] = [c for c in handed_out["cells"] if c["id"] not in missing]
    handed_out["cells"].append(own("at the end"))
    assert list(taken_in(handed_out)) == [
        "setup", "_0", "double", "double-check", "double-values", "double-texts", "why", "mine",
    ]  # fmt: skip


def test_missing_solutions(taken_in, handed_out):
    handed_out["cells"] = [c for c in handed_out["cells"] if c["id"] not in ("double", "why")]
    handed_out["cells"].insert(1, own("def double(x): return x"))
    cells = taken_in(handed_out)
    assert cells["double"]["source"].startswith("# This cell was missing")
    assert cells["why"]["source"] == "*YOUR ANSWER HERE*"  # for which nbgrader gives 0


@pytest.mark.parametrize("name", ["double", "double-values"])
def test_the_last_copy_counts_as_for_nbgrader(homework, taken_in, handed_out, name):
    import nbformat
    from nbgrader.preprocessors import DeduplicateIds

    original = cell(handed_out, name)
    for number, place in enumerate((0, 1000)):
        copied = original | {"id": f"copy-{number}", "source": f"copy {number}"}
        handed_out["cells"].insert(place, json.loads(json.dumps(copied)))
    original["source"] = "the original"
    kept, _ = DeduplicateIds()(nbformat.from_dict(handed_out), {})
    marked = [cell for cell in kept.cells if cell.metadata.get("nbgrader")]
    (source,) = [cell.source for cell in marked if cell.metadata.nbgrader.grade_id == name]
    assert source == "copy 1"
    cells = taken_in(handed_out)
    assert len(cells) == len(handed_out["cells"])
    own_cells = [cell for cell in cells.values() if "nbgrader" not in cell["metadata"]]
    assert {"copy 0", "the original"} < {cell["source"] for cell in own_cells}
    expected = source if name == "double" else homework.notebooks["tiny"].cells[name]["source"]
    assert cells[name]["source"] == expected
    assert list(cells)[-1] == name


def test_lost_metadata_is_found_by_id(taken_in, handed_out):
    for number, found in enumerate(handed_out["cells"]):
        found["metadata"] = [{}, None, 7, {"nbgrader": 3}, {"nbgrader": {"grade_id": "?"}}][
            number % 5
        ]
    cell(handed_out, "double")["source"] = "mine"
    cells = taken_in(handed_out)
    assert cells["double"]["source"] == "mine"
    assert [key for key in cells if key in NAMES] == NAMES


def test_lost_metadata_and_ids(homework, taken_in, handed_out):
    for found in handed_out["cells"]:
        found["metadata"] = {}
        del found["id"]
    with pytest.raises(Unreadable, match="it has lost the marks of its graded cells; copy"):
        taken_in(handed_out)


def test_odd_cells(taken_in, handed_out):
    odd = {"nbgrader": {"grade": True, "points": 9, "grade_id": "own"}, "tags": ["skip-execution"]}
    handed_out["metadata"] = {"kernelspec": {"name": "julia"}, "x": 10**30}
    handed_out["cells"] += [
        own("tagged", id="a", metadata=odd),
        {"cell_type": "code", "id": "b"},
        own(["two\n", 3, "lines"], id="c"),
        own({"no": "text"}, id="d"),
        own("?", id="e", cell_type="heading"),
        own("half \ud800", id="f"),
        "no cell",
        own("![](p)", id="g", cell_type="markdown", attachments={"p": {"image/png": "AA", "n": 1}}),
        own("", id="h", cell_type="markdown", attachments=[1]),
        own("pasted", id="i", attachments={"p": {"image/png": "AA"}}),
    ]
    cells = taken_in(handed_out)
    for key in "abcdefghi":
        assert cells[key]["metadata"] == {}
    assert [cells[key]["source"] for key in "bcdf"] == ["", "two\nlines", "", "half ?"]
    assert cells["e"]["cell_type"] == "raw"
    assert cells["g"]["attachments"] == {"p": {"image/png": "AA"}}
    assert "attachments" not in cells["h"] | cells["i"]


def test_answer_keeps_its_picture(taken_in, handed_out):
    cell(handed_out, "why")["attachments"] = {"p": {"image/png": ["A", "A"]}}
    assert taken_in(handed_out)["why"]["attachments"] == {"p": {"image/png": "AA"}}


@pytest.mark.parametrize("code", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_unicode(homework, folder, handed_out, code):
    cell(handed_out, "double")["source"] = "ü"
    text = json.dumps(handed_out, ensure_ascii=False)
    (folder / "tiny.ipynb").write_bytes(text.encode(code))
    cells = {cell["id"]: cell for cell in job(homework)["notebook"]["cells"]}
    assert cells["double"]["source"] == "ü"


def test_nbformat_3(taken_in, handed_out):
    import nbformat

    cell(handed_out, "double")["source"] = "mine"
    handed_out["cells"].append(own("1"))
    for found in handed_out["cells"]:
        found["source"] = "".join(found["source"])
        found.pop("id", None)
    handed_out["nbformat_minor"] = 4
    old = nbformat.convert(nbformat.from_dict(handed_out), 3)
    cells = taken_in(old)
    assert cells["double"]["source"] == "mine"
    assert [key for key in cells if key in NAMES] == NAMES
    assert list(cells.values())[-1]["source"] == "1"


@pytest.fixture
def forty_megabytes(folder, handed_out):
    """Hand in a notebook with large outputs; return its path."""
    printed = ['a "quoted" line] \\ "outputs": [\n' * 30] * 25_000
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 20_000_000}}
    stream = {"output_type": "stream", "name": "stdout", "text": printed}
    handed_out["cells"] += [
        own('"outputs": [', outputs=[stream, [[picture]]]),
        own("after", id="z"),
    ]
    path = folder / "tiny.ipynb"
    path.write_text(json.dumps(handed_out, indent=1))
    assert path.stat().st_size > 40e6
    return path


@pytest.mark.benchmark
def test_forty_megabytes_of_outputs_take_little_time(homework, forty_megabytes):
    begun = time.process_time()
    job(homework)
    assert time.process_time() - begun < 5


def test_forty_megabytes_of_outputs(homework, forty_megabytes):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cells = {cell["id"]: cell for cell in job(homework)["notebook"]["cells"]}
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before  # kB, the map included
    assert grown < forty_megabytes.stat().st_size / 1e3 + 20_000
    assert cells["mine"]["source"] == '"outputs": ['
    assert cells["z"]["source"] == "after"
    assert cells["mine"]["outputs"] == []


# Files ---------------------------------------------------------------------------------------


def test_links_are_not_followed_out(homework, folder, handed_out, tmp_path):
    (folder / "tiny.ipynb").write_text(json.dumps(handed_out))
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "grades.db").write_text("secret")
    (folder / "notes.txt").write_text("mine")
    (folder / "same.txt").symlink_to("notes.txt")
    (folder / "stolen.db").symlink_to(tmp_path / "secret" / "grades.db")
    (folder / "sub").symlink_to(tmp_path / "secret")
    (folder / "circle").symlink_to("circle")
    (whole,), notes = intake.jobs_of(homework, "1001")
    files = {"data.csv": b"the source's", "notes.txt": b"mine", "same.txt": b"mine"}
    assert whole["files"] == files
    assert "stolen.db is a link out of its folder and was left out" in notes
    (folder / "tiny.ipynb").rename(tmp_path / "tiny.ipynb")
    (folder / "tiny.ipynb").symlink_to(tmp_path / "tiny.ipynb")
    with pytest.raises(Unreadable, match="a link out of its folder; hand in the file itself"):
        job(homework)


@pytest.mark.parametrize(
    ("limit", "most", "reason"),
    [("MOST_FILES", 2, "3 files in its folder; at most 2"), ("LARGEST_FILES", 1e6, "too large")],
)
def test_too_many_files(homework, folder, handed_out, limit, most, reason, monkeypatch):
    monkeypatch.setattr(file_limits, limit, most)
    (folder / "tiny.ipynb").write_text(json.dumps(handed_out))
    for number in range(3):
        (folder / f"{number}.bin").write_bytes(b"0" * 500_000)
    with pytest.raises(Unreadable, match=reason):
        job(homework)


@pytest.mark.parametrize("text", ["yesterday evening", "2026-99-99", "\udcff"])
def test_timestamp_that_is_no_date(homework, folder, handed_out, text):
    (folder / "tiny.ipynb").write_text(json.dumps(handed_out))
    (folder / "timestamp.txt").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Unreadable, match=r"its timestamp\.txt holds no date, but '"):
        job(homework)


def test_fingerprint_changes_with_all_that_matters(homework, folder, handed_out):
    import dataclasses

    def look():
        return intake.fingerprint(homework, "1001")

    (folder / "tiny.ipynb").write_text(json.dumps(handed_out))
    seen = {look()}
    os.utime(folder / "tiny.ipynb", (0, 0))
    assert look() in seen
    changes = [
        lambda: (folder / "tiny.ipynb").write_text(json.dumps(handed_out) + " "),
        lambda: (folder / "a.txt").write_text("1"),
        lambda: (folder / "a.txt").write_text("2"),
        lambda: (folder / "a.txt").rename(folder / "b.txt"),
        lambda: (folder / "c.txt").symlink_to("b.txt"),
        lambda: (folder / "tiny.ipynb").unlink(),
    ]
    for change in changes:
        change()
        assert look() not in seen
        seen.add(look())
    other = dataclasses.replace(homework, digest="other")
    assert intake.fingerprint(other, "1001") not in seen


def test_source_with_links(homework, tmp_path):
    course = Path(homework.coursedir.root)
    link = course / "source" / "tiny" / "out"
    link.symlink_to("/etc/hostname")
    try:
        with pytest.raises(HomeworkError, match="out in the source of tiny is a link"):
            loaded(course)
    finally:
        link.unlink()


# What the source says ------------------------------------------------------------------------

BINDINGS = [
    ("def f(a, b=(d := 1)): c = 1", ["f", "d"]),
    ("async def f(): pass\nclass C(B):\n    x = 1\n    def m(self): pass", ["f", "C"]),
    ("a = b = 1; (c, [d, *e]) = x; f.g = h[0] = 2", ["a", "b", "c", "d", "e"]),
    ("a += 1\nb: int = 2\nc: int", ["a", "b", "c"]),
    ("import a.b, c as d; from e import f as g, h; from i import *", ["a", "d", "g", "h"]),
    ("for i, j in x:\n    k = 1\nelse:\n    m = 1", ["i", "j", "k", "m"]),
    ("with a as b, c as (d, e): f = 1", ["b", "d", "e", "f"]),
    ("try:\n    a = 1\nexcept E as b:\n    c = 1\nfinally:\n    d = 1", ["a", "b", "c", "d"]),
    ("if (n := 3) > 2: y = [z := i for i in x if (w := i)]", ["n", "y", "z", "w"]),
    ("f = lambda x: (y := x)\nwhile (line := g()): pass", ["f", "line"]),
    ("a = {k: v for k, v in x}; b = (i for i in x); c = {j for j in x}", ["a", "b", "c"]),
    ("match p:\n    case [a, *b] | {'k': a, **b}: c = 1\n    case C(x=d) as e: pass",
     ["a", "b", "c", "d", "e"]),
    ("def f():\n    global a, b\n    a = 1", ["f", "a", "b"]),
    ("a = 1\ndel a", ["a"]),
    ("print(1)", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), BINDINGS)
def test_bound_names(text, names):
    assert sorted(bound_names(text)) == sorted(names)
    assert len(set(bound_names(text))) == len(names)


def test_imports():
    texts = [
        "from __future__ import annotations\nimport a as b",
        "if x:\n    import a as b, c",
        "def f():\n    from . import d\n    try: import e\n    except ImportError: pass",
    ]
    assert imports(texts) == ["import a as b", "import a as b, c", "import e"]
    assert imports(["%matplotlib inline\nimport a, b.c", "import d"], without=["b"]) == ["import d"]
    assert imports(["no python"]) == []


def test_reading_needs_no_course(tmp_path):
    path = tmp_path / "any.ipynb"
    path.write_text(textwrap.dedent('{"cells": [{"cell_type": "markdown", "source": ["a", "b"]}]}'))
    (found,) = read_cells(path)
    assert (found.kind, found.source, found.name) == ("markdown", "ab", None)
