"""The errata chapter: every entry can be found, linked to, and run."""

import re

import nbformat
import pytest
from places import ROOT

BOOK = ROOT / "book"
FRONT = (BOOK / "errata.md").read_text(encoding="utf-8")
KINDS = {"claim", "condition", "code", "misprint"}
IDS = {  # the errors that the syllabus lists for the finished chapters, page by page
    "numbers": """
        E-ALL-01 E-MK-07 E-MK-08 E-MK-09 E-DNN-01 E-DNN-02 E-31 E-32 LRN-E79 LRN-E80 LRN-E81
        LRN-E82 E-ALL-02 E-ALL-03 E-MK-11 E-MK-12 E-NC-01 E-NC-02 E-48 LRN-E18""",
    "models": """
        E-MK-19 E-MK-24 E-MK-25 E-MK-26 E-MK-27 E-MK-28 E-MK-30 E-MK-31 E-DNN-05 E-DNN-13
        E-NC-03 E-NC-04 E-NC-05 E-05 E-06 E-15 E-29 E-30 LRN-E53 LRN-E54 LRN-E55 LRN-E58
        E-MK-29 E-NC-06 E-NC-07 E-NC-21 E-07 E-08 E-11 E-13 E-35""",
    "descent": """
        E-MK-17 E-MK-18 E-DNN-07 E-NC-08 E-NC-09 E-04 E-09 E-10 E-12 E-20 E-21 E-22 E-23
        E-24 E-25 E-26 E-41 E-42 E-43 E-86 E-87 E-88 LRN-E66 LRN-E67""",
    "constraints": """
        E-ALL-06 E-MK-37 E-MK-38 E-MK-39 E-MK-40 E-DNN-10 E-DNN-11 E-NC-14 E-NC-15 E-NC-16
        E-NC-17 E-NC-18 E-69 E-70 E-72 E-73 E-74 LRN-E89 E-MK-41 E-MK-42 E-MK-43 E-MK-44
        E-MK-45 E-MK-46 E-MK-47 E-MK-50 E-DNN-12 E-71 LRN-E06 LRN-E13 LRN-E69""",
    "learning": """
        LRN-E20 LRN-E31 LRN-E33 LRN-E34 LRN-E35 LRN-E36 LRN-E37 LRN-E38 LRN-E39 LRN-E40
        LRN-E41 LRN-E42 LRN-E43 LRN-E44 LRN-E45 LRN-E48
        LRN-E32 LRN-E46 LRN-E47 LRN-E49 LRN-E50 LRN-E51 LRN-E85""",
}
IDS = {part: ids.split() for part, ids in IDS.items()}
ALL = [name for ids in IDS.values() for name in ids]
PAGES = {part: (BOOK / f"errata-{part}.md").read_text(encoding="utf-8") for part in IDS}

CELL = re.compile(r"^```\{code-cell\} ipython3\n(?:---\n.*?^---\n)?(.*?)^```$", re.S | re.M)
ROW = re.compile(r"^\| \[\{ref\}`(\S+) <(\S+)>`\]\S* \| [^|]+ \| (\w+) \| [^|]+ \| [^|]+ \|$", re.M)
ENTRY = re.compile(
    r"^\((erratum-\S+)\)=\n### (\S+) · (.+?)\n(.*?)(?=^## |^\(erratum-|\Z)", re.S | re.M
)

ROWS = {name: (target, kind) for name, target, kind in ROW.findall(FRONT)}
ENTRIES = {
    name: (anchor, body) for page in PAGES.values() for anchor, name, _, body in ENTRY.findall(page)
}


def anchor_of(name):
    return f"erratum-{name.lower()}"


def test_every_page_of_entries_is_tested():
    assert {f"errata-{part}.md" for part in IDS} == {page.name for page in BOOK.glob("errata-*.md")}


def test_every_id_has_one_anchor_one_mark_and_one_row():
    for part, page in PAGES.items():
        for name in IDS[part]:
            assert page.count(f"\n({anchor_of(name)})=\n") == 1, name
            assert len(re.findall(rf"^% {name}$", page, re.M)) == 1, name
            assert FRONT.count(f"| [{{ref}}`{name} <") == 1, name


def test_the_pages_have_no_other_entries_and_keep_one_order():
    assert list(ENTRIES) == ALL
    assert list(ROWS) == ALL


def test_the_items_on_presentation_are_marked():
    for name in ("NC-errata-01", "NC-errata-02", "LRN-errata-01", "LRN-errata-02"):
        assert len(re.findall(rf"^% {name}$", FRONT, re.M)) == 1, name


def test_every_reference_to_an_entry_resolves_to_the_entry_it_names():
    references = re.findall(r"\{ref\}`(\S+) <(erratum-\S+)>`", "".join([FRONT, *PAGES.values()]))
    assert len(references) > len(ALL)
    for name, target in references:
        assert target == anchor_of(name)
        assert ENTRIES[name][0] == target


@pytest.mark.parametrize("name", ALL)
def test_entry_has_statement_cell_verdict_source_and_the_kind_of_its_row(name):
    _, body = ENTRIES[name]
    head, statement, run, verdict = re.split(r"\*\*(?:The statement|Run it|Verdict)\.\*\*", body)
    assert re.search(r"\*Source:\* \{cite(:t)?\}`[\w,-]+`", head)
    kind = re.search(r"\*Kind:\* (\w+)\.", head)[1]
    assert kind in KINDS
    assert kind == ROWS[name][1]
    assert statement.strip()
    assert verdict.strip()
    assert CELL.search(run), "the computation stands between 'Run it' and 'Verdict'"
    for cell in CELL.findall(body):
        assert len(cell.splitlines()) <= 15


@pytest.mark.parametrize("name", ALL)
def test_entry_leads_to_a_passage_of_a_chapter(name):
    head = ENTRIES[name][1].split("**The statement.**")[0]
    chapter = ROOT / "book" / f"{re.search(r'{doc}`/([^`]+)`', head)[1]}.md"
    text = chapter.read_text(encoding="utf-8")
    for label in re.findall(r"\{ref\}`([^`]+)`", head):
        assert f"\n({label})=\n" in text


def test_every_source_cited_is_in_the_bibliography():
    bibliography = (BOOK / "references.bib").read_text(encoding="utf-8")
    known = set(re.findall(r"@\w+\{([^,\s]+),", bibliography))
    text = "".join([FRONT, *PAGES.values()])
    cited = ",".join(re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text)).split(",")
    assert set(cited) <= known


@pytest.mark.parametrize("part", IDS)
def test_every_entry_prints_what_decides_it(part):
    run = nbformat.read(ROOT / f"tests/notebooks/errata-{part}.ipynb", as_version=4)
    said = {c.source: c.outputs for c in run.cells if c.cell_type == "code"}
    for name in IDS[part]:
        cells = [cell.strip() for cell in CELL.findall(ENTRIES[name][1])]
        assert any(output.get("text", "").strip() for cell in cells for output in said[cell]), name


def test_the_homework_answer_is_not_on_the_page():
    """The library's objective stands in for it; no cell writes the function out."""
    for part in ("models", "descent"):
        for cell in CELL.findall(PAGES[part]):
            assert not re.search(r"exp\(\s*-.*(\*\*\s*2|@|sum|norm|dot)", cell)
