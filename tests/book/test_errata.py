"""The errata: each entry is there once, says what is true, and leads to where that is shown."""

import re

import nbformat
import pytest
from places import ROOT

BOOK = ROOT / "book"
IDS = {  # the errors that the syllabus lists for the finished chapters, page by page
    "numbers": """
        E-MK-01 E-MK-02 E-MK-03 E-MK-04 E-MK-05 E-MK-06 E-02
        E-ALL-01 E-MK-07 E-MK-08 E-MK-09 E-DNN-01 E-DNN-02 E-31 E-32 LRN-E79 LRN-E80 LRN-E81
        LRN-E82 E-ALL-02 E-ALL-03 E-MK-11 E-MK-12 E-NC-01 E-NC-02 E-48 LRN-E18""",
    "models": """
        E-DNN-06 E-DNN-03 E-DNN-04 E-ALL-04 E-MK-51 E-MK-10 E-MK-13 E-MK-14 E-MK-15 E-MK-20
        E-MK-21 E-MK-22 E-MK-23 E-33 LRN-E07 LRN-E56 LRN-E57 LRN-E72
        E-MK-16 E-01 E-03 E-14 E-96
        E-MK-19 E-MK-24 E-MK-25 E-MK-26 E-MK-27 E-MK-28 E-MK-30 E-MK-31 E-DNN-05 E-DNN-13
        E-NC-03 E-NC-04 E-NC-05 E-05 E-06 E-15 E-29 E-30 LRN-E53 LRN-E54 LRN-E55 LRN-E58
        E-MK-29 E-NC-06 E-NC-07 E-NC-21 E-07 E-08 E-11 E-13 E-35
        E-MK-36 E-DNN-09 E-16 E-17 E-18 E-19 E-36 E-37 E-38 E-39 E-40 E-89 E-90 E-94 LRN-E52""",
    "descent": """
        E-MK-17 E-MK-18 E-DNN-07 E-NC-08 E-NC-09 E-04 E-09 E-10 E-12 E-20 E-21 E-22 E-23
        E-24 E-25 E-26 E-34 E-41 E-42 E-43 E-86 E-87 E-88 LRN-E66 LRN-E67
        E-MK-32 E-MK-33 E-MK-34 E-MK-35 E-DNN-08 E-NC-19 E-27 E-28 E-44 E-67 E-93 E-98 LRN-E65
        E-49 E-50 E-51 E-52 E-53 E-54 E-55 E-59 E-60 E-92 E-61 E-68 LRN-E21 LRN-E98
        E-46 E-47 E-56 E-57 E-58 E-95
        E-45 E-62 E-63 E-64 E-65 E-66 LRN-E84""",
    "constraints": """
        E-ALL-05 E-MK-48 E-MK-49 E-NC-10 E-NC-11 E-NC-12 E-NC-13 E-NC-20
        E-ALL-06 E-MK-37 E-MK-38 E-MK-39 E-MK-40 E-DNN-10 E-DNN-11 E-NC-14 E-NC-15 E-NC-16
        E-NC-17 E-NC-18 E-69 E-70 E-72 E-73 E-74 LRN-E89
        E-75 E-76 E-77 E-78 E-79 E-80 E-81 E-82 E-91 E-97 LRN-E88
        E-MK-41 E-MK-42 E-MK-43 E-MK-44
        E-MK-45 E-MK-46 E-MK-47 E-MK-50 E-DNN-12 E-71 E-99 LRN-E06 LRN-E13 LRN-E69""",
    "learning": """
        LRN-E08 LRN-E09 LRN-E14 E-83 LRN-E01 LRN-E03 LRN-E04 LRN-E05 LRN-E02 LRN-E23 LRN-E24
        LRN-E25 LRN-E26 LRN-E27 LRN-E22 LRN-E28 LRN-E29 LRN-E30
        LRN-E16 LRN-E17 LRN-E19 LRN-E59 LRN-E60 LRN-E61 LRN-E62 LRN-E63 LRN-E64
        LRN-E20 LRN-E31 LRN-E33 LRN-E34 LRN-E35 LRN-E36 LRN-E37 LRN-E38 LRN-E39 LRN-E40
        LRN-E41 LRN-E42 LRN-E43 LRN-E44 LRN-E45 LRN-E48
        LRN-E32 LRN-E46 LRN-E47 LRN-E49 LRN-E50 LRN-E51 LRN-E85
        LRN-E10 LRN-E11 LRN-E12 LRN-E68 LRN-E70 LRN-E71 LRN-E73 LRN-E74 LRN-E75 LRN-E76 LRN-E77
        LRN-E78 LRN-E83 E-84 E-85 E-100
        LRN-E86 LRN-E87 LRN-E90 LRN-E15 LRN-E91 LRN-E92 LRN-E93
        LRN-E94 LRN-E95 LRN-E96 LRN-E97""",
}
IDS = {part: ids.split() for part, ids in IDS.items()}
ALL = [name for ids in IDS.values() for name in ids]
FRONT = (BOOK / "errata.md").read_text(encoding="utf-8")
PAGES = {part: (BOOK / f"errata-{part}.md").read_text(encoding="utf-8") for part in IDS}
CHAPTERS = {
    str(page.relative_to(BOOK).with_suffix("")): page.read_text(encoding="utf-8")
    for page in [*BOOK.glob("*/*.md"), BOOK / "reading.md", BOOK / "notation.md"]
    if not page.parent.name.startswith((".", "_"))
}
HOMEWORK = [page.read_text(encoding="utf-8") for page in (ROOT / "assignments").rglob("*.md")]

ENTRY = re.compile(
    r"^\((erratum-\S+)\)=\n### (\S+) · (\S[^\n]*)\n\n"
    r"\*\*Said\*\* \(([^\n]+?)\): ([^\n]+)\n\n"
    r"\*\*True:\*\* ([^\n]+)\n(.*?)(?=^## |^\(|\Z)",
    re.S | re.M,
)
CELL = re.compile(r"^```\{code-cell\} ipython3\n(.*?)^```$", re.S | re.M)
ENTRIES = {entry[1]: entry for page in PAGES.values() for entry in ENTRY.findall(page)}
SOURCES = "TensorFlow notebook|slides|blog notes|lecture notes|thesis"


def labels(text):
    """Return all labels of a page: of sections, boxes, figures and equations."""
    return set(
        re.findall(r"^\((\S+)\)=$", text, re.M)
        + re.findall(r"^:label: (\S+)$", text, re.M)
        + re.findall(r"^ +name: (\S+)$", text, re.M)
        + re.findall(r"^\$\$ \((\S+)\)$", text, re.M)
    )


LABELS = set().union(*map(labels, CHAPTERS.values()))


def linked(text):
    """Return the targets of the links to errata in a text."""
    return re.findall(r"\{ref\}`(?:[^`<]*<)?(erratum-[^`>]*)>?`", text)


def test_every_page_of_entries_is_tested_and_linked_from_the_first():
    assert {f"errata-{part}.md" for part in IDS} == {page.name for page in BOOK.glob("errata-*.md")}
    for part in IDS:
        assert f"{{doc}}`/errata-{part}`" in FRONT


@pytest.mark.parametrize("part", IDS)
def test_every_id_of_the_syllabus_has_one_entry_in_the_form_of_all(part):
    """What the pattern does not match is no entry, so the two lists below would differ."""
    found = ENTRY.findall(PAGES[part])
    assert [name for _, name, *_ in found] == IDS[part]
    assert [anchor for anchor, *_ in found] == [f"erratum-{name.lower()}" for name in IDS[part]]
    assert PAGES[part].count("\n### ") == PAGES[part].count(")=\n") == len(IDS[part])
    titles = [title for _, _, title, *_ in found]
    assert len(set(titles)) == len(titles)


def test_every_erratum_of_the_syllabus_is_there():
    """No row was dropped: 283 of the three files, and six that a second reading added."""
    named = (ROOT / "tests/book/syllabus_ids.txt").read_text("utf-8").split()
    wanted = [name for name in named if re.match(r"(LRN-)?E-?\w*-?\d+$", name)]
    assert len(wanted) == 283 + 6
    assert sorted(ALL) == sorted(wanted)


@pytest.mark.parametrize("name", ALL)
def test_entry_names_its_source_and_leads_to_a_chapter(name):
    _, _, _, where, said, true, _ = ENTRIES[name]
    assert re.match(SOURCES, where)
    assert said.endswith((".", "$"))
    assert true.endswith(".")
    targets = re.findall(r"\{(?:ref|numref|eq|prf:ref)\}`([^`]+)`", true)
    pages = re.findall(r"\{doc\}`/([^`]+)`", true)
    assert targets or pages
    assert set(targets) <= LABELS
    for page in pages:
        for heading in re.findall(rf"\{{doc\}}`/{page}`, \*([^*]+)\*", true):
            assert re.search(rf"^#+ {re.escape(heading)}$", CHAPTERS[page], re.M)
    assert set(pages) <= set(CHAPTERS)


def test_links_to_errata_resolve_and_show_the_id_that_they_lead_to():
    texts = [FRONT, *PAGES.values(), *CHAPTERS.values(), *HOMEWORK]
    anchors = {entry[0] for entry in ENTRIES.values()}
    assert {target for text in texts for target in linked(text)} <= anchors
    for text in texts:
        for shown, target in re.findall(r"\{ref\}`([^`<]+) <(erratum-[^`>]+)>`", text):
            assert target == f"erratum-{shown.lower()}"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_erratum_that_a_chapter_marks_is_linked_there(chapter):
    text = CHAPTERS[chapter]
    marks = re.findall(r"^% ((?:E-|LRN-E)\S+)$", text, re.M)
    assert {f"erratum-{name.lower()}" for name in marks} <= set(linked(text))


def test_the_items_on_presentation_are_marked():
    for name in ("NC-errata-01", "NC-errata-02", "LRN-errata-01", "LRN-errata-02"):
        assert len(re.findall(rf"^% {name}$", FRONT, re.M)) == 1, name


def test_every_source_cited_is_in_the_bibliography():
    bibliography = (BOOK / "references.bib").read_text(encoding="utf-8")
    known = set(re.findall(r"@\w+\{([^,\s]+),", bibliography))
    text = "".join([FRONT, *PAGES.values()])
    cited = ",".join(re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)).split(",")
    assert set(cited) <= known


def test_a_cell_prints_evidence_asserts_it_and_fits_a_phone():
    with_cells = [part for part, page in PAGES.items() if CELL.search(page)]
    assert with_cells
    for part in with_cells:
        run = nbformat.read(ROOT / f"tests/notebooks/errata-{part}.ipynb", as_version=4)
        printed = {cell.source: cell.outputs for cell in run.cells if cell.cell_type == "code"}
        for cell in CELL.findall(PAGES[part]):
            assert "assert " in cell
            assert len(cell.splitlines()) <= 15
            assert max(map(len, cell.splitlines())) <= 68
            assert any(re.search(r"\d", out.get("text", "")) for out in printed[cell.strip()])


def test_most_entries_need_no_cell():
    """Chapters compute; an entry has a cell only where none does."""
    cells = sum(len(CELL.findall(entry[-1])) for entry in ENTRIES.values())
    assert cells == sum(len(CELL.findall(page)) for page in PAGES.values())
    assert 3 * cells <= len(ALL)


def test_the_homework_answer_is_not_on_the_page():
    """The library's objective stands in for it; no cell writes the function out."""
    for cell in CELL.findall(PAGES["descent"]):
        assert not re.search(r"exp\(\s*-.*(\*\*\s*2|@|sum|norm|dot)", cell)
