"""The sources of the chapters: complete by the syllabus, and fit to be read as text."""

import dis
import re
from inspect import iscode
from pathlib import Path

import nbformat
import pytest
import yaml
from places import BOOK, RUNS

SYLLABUS = {  # of each finished chapter: topic, and how many items it has, or which
    "numbers/floating-point.md": {
        "NC-floating-point": 11,
        "OPT-floating-point": [3, 4, 5, 7, 8],
        "LRN-floating-point": [2],
    },
    "numbers/softmax.md": {"NC-softmax": 9, "OPT-softmax": 4, "LRN-softmax": 7},
    "numbers/conditioning.md": {
        "NC-conditioning": 8,
        "OPT-conditioning": 8,
        "LRN-conditioning": 4,
    },
    "models/derivative.md": {
        "NC-derivatives": 8,
        "LRN-derivatives": 7,
        "OPT-derivatives": [1, 2, 15],
        "ADD-derivatives": 1,
    },
    "models/gradient.md": {
        "NC-derivatives": [9, 11, 12, 13],
        "OPT-derivatives": [*range(3, 11), 12, 13],
        "OPT-interfaces": [1, 2, 3, 5, 6],
    },
    "models/jacobian-hessian.md": {
        "NC-jacobian-hessian": 13,
        "OPT-jacobian-hessian": 9,
        "LRN-jacobian-hessian": 5,
    },
    "models/taylor.md": {
        "NC-taylor": 8,
        "OPT-taylor": 9,
        "LRN-taylor": 2,
        "NC-derivatives": [10],
        "OPT-derivatives": [14],
        "OPT-floating-point": [1, 2],
    },
    "models/convexity.md": {"NC-convexity": 4, "OPT-convexity": 17, "LRN-convexity": 4},
    "descent/gradient-descent.md": {
        "NC-gradient-descent": [1, 2, 3, 6, 8, 9],
        "OPT-gradient-descent": [*range(1, 6), 8, 9, *range(11, 20)],
        "LRN-gradient-descent": [1, 3],
        "OPT-derivatives": [11],
        "OPT-floating-point": [6, 9],
        "OPT-interfaces": [7, 8, 9],
    },
    "descent/landscapes.md": {
        "NC-gradient-descent": [4, 5, 7, 10, 11, 12],
        "OPT-gradient-descent": [1, 6, 7, 10],
        "LRN-gradient-descent": [1, 2, 4],
    },
    "descent/newton.md": {"NC-newton": 7, "OPT-newton": 12, "LRN-newton": 2},
    "descent/stochastic.md": {
        "OPT-stochastic": [*range(1, 8), 18, 19, 25, 27],
        "LRN-stochastic": 3,
        "NC-stochastic": 2,
        "LRN-floating-point": [3],
    },
    "descent/kaczmarz.md": {"OPT-stochastic": [*range(8, 18)], "ADD-stochastic": 1},
    "descent/momentum.md": {
        "NC-momentum": 3,
        "OPT-momentum": 8,
        "LRN-momentum": 2,
        "OPT-stochastic": [20, 21, 22, 23, 24, 26],
        "ADD-stochastic": [2],
    },
    "constraints/lagrange.md": {"NC-lagrange": 8, "OPT-lagrange": 8, "LRN-lagrange": 1},
    "constraints/kkt.md": {"NC-kkt": 9, "OPT-kkt": 5, "LRN-kkt": 2},
    "constraints/linear-programming.md": {
        "NC-linear-programming": 2,
        "OPT-linear-programming": 8,
        "LRN-linear-programming": 2,
    },
    "constraints/least-squares.md": {
        "NC-least-squares": 9,
        "OPT-least-squares": 6,
        "LRN-least-squares": 6,
    },
    "learning/networks.md": {
        "LRN-networks": [*range(1, 7), *range(9, 14)],
        "NC-networks": 3,
        "OPT-networks": [1, 2, 3],
    },
    "learning/backpropagation.md": {
        "LRN-backpropagation": 12,
        "NC-backpropagation": 3,
        "OPT-backpropagation": 4,
        "LRN-networks": [7, 8],
        "LRN-floating-point": [1, 4],
    },
    "learning/convolution.md": {
        "NC-convolution": 1,
        "OPT-convolution": 1,
        "LRN-convolution": 14,
        "ADD-convolution": [2],
    },
    "learning/cnn.md": {"NC-cnn": 1, "OPT-cnn": 1, "LRN-cnn": 12, "ADD-convolution": [1]},
    "learning/generalisation.md": {
        "LRN-hyperparameters": 8,
        "NC-hyperparameters": 2,
        "OPT-hyperparameters": 4,
        "ADD-hyperparameters": 3,
        "LRN-networks": [14, 15],
        "OPT-networks": [4],
        "OPT-beyond": [1, 2, 3],
    },
    "learning/beyond.md": {"LRN-beyond": 3, "NC-beyond": 1, "ADD-beyond": 1},
}
APPENDIX = {"notation.md": {"LRN-notation": 6, "OPT-interfaces": [4, 10], "ADD-interfaces": 1}}
READING = {"LRN-beyond": range(4, 10), "NC-beyond": range(2, 5), "OPT-beyond": [4, 5]}
ON_ERRATA = {"NC-errata": 2, "LRN-errata": 2}  # how the errata are told
COMPUTED = {"LRN-beyond-05", "LRN-beyond-06", "LRN-beyond-09"}  # of the reading page
IDS = (Path(__file__).parent / "syllabus_ids.txt").read_text("utf-8").split()
PAGES = sorted(path.relative_to(BOOK).as_posix() for path in BOOK.rglob("*.md"))
PAGES = [page for page in PAGES if not page.startswith("_") and ".ipynb_checkpoints" not in page]
NOTEBOOKS = [page for page in PAGES if "\nkernelspec:" in (BOOK / page).read_text("utf-8")]
MOST_LINES = 15  # of a code cell
CELL = re.compile(r"^(`{3,})\{code-cell\}[^\n]*\n(.*?)^\1\s*$", re.S | re.M)


def text_of(page):
    return (BOOK / page).read_text("utf-8")


def cells_of(page):
    """Return the code of each cell, less its metadata."""
    codes = (match[2] for match in CELL.finditer(text_of(page)))
    return [
        re.sub(r"\A(?:---\n[\s\S]*?^---\n|(?::[\w-]+:.*\n)+)", "", c, flags=re.M) for c in codes
    ]


def names_of(code):
    """Return the names that code takes from elsewhere, and those that it binds itself."""
    taken, bound, inner = set(), set(), []
    for step in dis.get_instructions(code):
        if step.opname in {"LOAD_NAME", "LOAD_GLOBAL"} and step.argval not in bound:
            taken.add(step.argval)
        elif step.opname in {"STORE_NAME", "STORE_GLOBAL"}:
            bound.add(step.argval)
        elif iscode(step.argval):
            inner.append(step.argval)
    for function in inner:  # it runs later: the names of the whole cell are there
        taken |= names_of(function)[0] - bound
    return taken, bound


def changed_names(codes):
    """Say which cells would run otherwise if they were run again after all others."""
    cells = [names_of(code) for code in codes]
    return [
        f"cell {first} takes {name} from an earlier cell, cell {second} gives it another value"
        for first, (taken, _) in enumerate(cells)
        for second, (_, bound) in enumerate(cells)
        for name in sorted(taken & bound)
        if second >= first
    ]


def named(topics):
    """Return the ids of items: of each topic their number, or which."""
    return {
        f"{topic}-{i:02}"
        for topic, items in topics.items()
        for i in (range(1, items + 1) if isinstance(items, int) else items)
    }


def outside_cells(page):
    return CELL.sub("", text_of(page))


def items_of(page):
    """Return each item marked on a page, and whether a cell after it prints or asserts something.

    After it is up to the next heading, or the next marker that follows a cell. What a cell prints
    is in the recorded run, whose cells stand in the order of the page.
    """
    run = nbformat.read(RUNS / f"{Path(page).stem}.ipynb", 4).cells
    cells = (cell for cell in run if cell.cell_type == "code")
    text = CELL.sub("CODE CELL", text_of(page))
    text = re.sub(r"^((?:% .*\n+)+)((?:\(.*\)=\n+)?#+ .*\n)", r"\2\1", text, flags=re.M)
    executed, region, closed = {}, [], True
    for line in re.findall(
        r"^(?:% *(?:NC|OPT|LRN|ADD)-\S+-\d\d|#+ .*|CODE CELL) *$", text, flags=re.M
    ):
        if line.startswith("#"):
            region = []  # what no cell has followed by now is not executed
        elif line == "CODE CELL":
            cell = next(cells)
            if cell.outputs or "assert " in cell.source:
                executed |= dict.fromkeys(region, True)
            closed = True
        else:
            region = [*([] if closed else region), line.strip("% ")]
            executed |= {item: executed.get(item, False) for item in region}
            closed = False
    return executed


@pytest.mark.parametrize("page", SYLLABUS | APPENDIX)
def test_every_syllabus_item_is_on_the_page_and_executed(page):
    executed = items_of(page)
    assert named((SYLLABUS | APPENDIX)[page]) - set(executed) == set()
    assert [item for item, shown in executed.items() if not shown] == []


def test_every_item_of_the_reading_page_is_there_and_leads_somewhere():
    """What an item computes is in a cell; the others name books, papers, programs or chapters."""
    text = CELL.sub("CODE CELL", text_of("reading.md"))
    after = dict(re.findall(r"^% (\S+-\d\d)$(.*?)(?=^% |\Z)", text, re.M | re.S))
    assert set(after) == named(READING)
    leads = r"\]\(https://|\{(?:doc|ref|cite)\}`"
    assert [item for item, body in after.items() if not re.search(leads, body)] == []
    computed = {item for item, body in after.items() if "CODE CELL" in body}
    assert computed == COMPUTED


def test_every_item_of_the_syllabus_is_on_a_page_and_executed():
    """The list has all of them; only what to read and how the errata are told computes nothing."""
    items = [name for name in IDS if not re.match(r"(LRN-)?E-?\w*-?\d+$", name)]
    assert len(items) == len(set(items)) == 470
    pages = [*(SYLLABUS | APPENDIX).values(), READING, ON_ERRATA]
    assert set().union(*map(named, pages)) == set(items)
    shown = {item for page in NOTEBOOKS for item, ran in items_of(page).items() if ran}
    assert set(items) - shown == (named(READING) - COMPUTED) | named(ON_ERRATA)
    assert shown <= set(items)


def test_the_finished_chapters_are_in_the_table_of_contents():
    toc = yaml.safe_load((BOOK.parent / "_toc.yml").read_text("utf-8"))
    listed = {chapter["file"] + ".md" for part in toc["parts"] for chapter in part["chapters"]}
    assert listed | {toc["root"] + ".md"} == set(PAGES)
    assert set(SYLLABUS) <= set(NOTEBOOKS)


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_header_makes_the_page_a_notebook(page):
    header = yaml.safe_load(text_of(page).split("---\n")[1])
    form = header["jupytext"]["text_representation"]
    assert (form["extension"], form["format_name"]) == (".md", "myst")
    assert header["kernelspec"]["name"] == "python3"
    assert "jupytext_version" not in form  # would change with whoever edits the page


@pytest.mark.parametrize("page", PAGES)
def test_one_title(page):
    text = re.sub(r"^(`{3,}).*?^\1", "", outside_cells(page), flags=re.S | re.M)
    assert len(re.findall(r"^# ", text, flags=re.M)) == 1


@pytest.mark.parametrize("page", SYLLABUS | APPENDIX)
def test_chapters_are_labelled_by_their_topic(page):
    assert re.search(rf"^\({Path(page).stem}\)=\n+# ", text_of(page), flags=re.M)


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_cells_are_short(page):
    lengths = [(len(code.strip().splitlines()), code[:80]) for code in cells_of(page)]
    assert lengths
    assert [cell for cell in lengths if cell[0] > MOST_LINES] == []


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_a_name_keeps_its_meaning_through_a_page(page):
    assert changed_names(cells_of(page)) == []


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["x = 1", "print(x)"], 0),
        (["x = 1", "x = 2", "print(x)"], 0),
        (["x = 1", "print(x)", "x = 'two'"], 1),
        (["x = 1", "x = x + 1"], 1),
        (["x = 1", "x += 1"], 1),
        (["n = 1", "def f():\n    return n", "for n in range(3): f()"], 1),
        (["n = 1", "print([n for n in range(3)])", "n = 2"], 0),
        (["b = 1", "print([a + b for a in range(3)])", "import a as b"], 1),
        (["def f(n):\n    return n\nn = 1"], 0),
    ],
)
def test_a_changed_name_is_seen(cells, said):
    assert len(changed_names(cells)) == said


def test_the_teaching_plan_has_the_minutes_of_the_pages():
    plan = re.findall(r"\{doc\}`/([\w/-]+)`: (\d+) \+ (\d+) \|", text_of("instructors.md"))
    said = r"\*\*Time:\*\* (\d+) minutes, and (\d+) more for the exercises\."
    boxes = [
        (page.removesuffix(".md"), *re.search(said, text_of(page)).groups()) for page in SYLLABUS
    ]
    assert plan == boxes


def test_the_questions_of_the_teaching_plan_have_the_numbers_of_the_pages():
    parts = re.split(r"^On \{doc\}`/([\w/-]+)`:$", text_of("instructors.md"), flags=re.M)
    assert len(parts) == 1 + 2 * len(SYLLABUS)
    for page, part in zip(parts[1::2], parts[2::2], strict=True):
        cells = nbformat.read(RUNS / f"{page.rpartition('/')[2]}.ipynb", 4).cells
        outputs = [output.get("text", "") for c in cells for output in c.get("outputs", [])]
        run = (
            "\n".join([*(c.source for c in cells), *outputs])
            .replace("e-0", "e-")
            .replace("e+0", "e")
        )
        question = re.search(r"\*\*Ask:\*\*(.*?)- \*\*Check", part, re.S)[1]
        numbers = re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?", question)
        assert numbers
        assert [n for n in numbers if not re.search(rf"(?<![\d.]){n}", run)] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_outputs_are_kept(page):
    assert (
        re.findall(r"^`{3,}\{?(?:code-)?output|data:image/|^Traceback", text_of(page), re.M) == []
    )
    assert list((BOOK / page).parent.glob("*.ipynb")) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_path_of_somebodys_machine(page):
    assert (
        re.findall(r"/(?:home|root|work|tmp|Users|mnt|opt)/\S*|\b[A-Z]:\\\S*", text_of(page)) == []
    )


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_no_cell_needs_a_network(page):
    network = (
        r"https?://|\b(?:urllib|requests|socket|ftplib|wget|curl|fetch_\w+|get_file)\b|\bpip\b"
    )
    assert [code for code in cells_of(page) if re.search(network, code)] == []
    assert re.findall(r"http://\S*|localhost|\d+\.\d+\.\d+\.\d+", outside_cells(page)) == []
