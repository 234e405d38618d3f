"""The tables of the notation page: what they say of a page is on it, and no letter is missing."""

import re

import pytest
from places import BOOK

TEXT = (BOOK / "notation.md").read_text("utf-8")
CHAPTERS = {path.stem: path for path in BOOK.glob("*/*.md") if path.parent.name[0] not in "._"}
ELSEWHERE = ("everywhere else", "all others")
NAMES = (
    "alpha|beta|gamma|delta|epsilon|eta|theta|kappa|lambda|mu|xi|rho|sigma|tau|phi|psi|omega|ell"
)
LETTER = re.compile(rf"[A-Za-z]|\\(?:var)?(?:{NAMES}|{NAMES.title()})")
NO_LETTERS = re.compile(
    r"\\(?:text|mathrm|operatorname|begin|end)\*?\{[^{}]*\}"  # words
    r"|\\math(?:bb|bf|sf|cal)\s*(?:\{\w\}|\w)|_\{(?:\\rm )?[a-z]{2,}\}|\[\d+pt\]"
)
BOX = re.compile(r"^(`{3,})\{prf:(?:definition|theorem|algorithm)\}(.*?)^\1\s*$", re.S | re.M)


def formulas(text):
    """Return what stands between dollars, outside of code."""
    text = re.sub(
        r"^(`{3,})\{(?:code-cell|literalinclude)\}.*?^\1\s*$", "", text, flags=re.S | re.M
    )
    text = re.sub(r"^:label:.*$|`[^`\n$]*`", "", text, flags=re.M)
    return [
        display or line for display, line in re.findall(r"\$\$(.*?)\$\$|\$([^$]+)\$", text, re.S)
    ]


def letters(formula):
    """Return the Latin and Greek letters of a formula that are not parts of words or signs."""
    tokens = set(re.findall(r"\\[A-Za-z]+|[A-Za-z]", NO_LETTERS.sub(" ", formula)))
    return {token for token in tokens if LETTER.fullmatch(token)}


def signs(formula):
    """Return the commands of a formula, with one name for either kind of bars."""
    formula = formula.replace(r"\|", r"\lVert ").replace(r"\Vert", r"\lVert ")
    return set(re.findall(r"\\[A-Za-z]+", formula)) - {r"\rVert", r"\left", r"\right"}


def rows(section):
    """Return the rows of the tables of a section: its formulas, meaning, shape, pages."""
    part = re.search(rf"^\({section}\)=$(.*?)(?=^\([\w-]+\)=$|\Z)", TEXT, re.S | re.M)[1]
    cells = [line.strip("| ").split(" | ") for line in part.splitlines() if line[:3] == "| $"]
    return [(re.findall(r"\$([^$]+)\$", first), *others) for first, *others in cells]


SIGNS = rows("notation-signs")
LETTERS = rows("notation-latin") + rows("notation-greek")
WRITTEN = {name: formulas(path.read_text("utf-8")) for name, path in CHAPTERS.items()}


def pages(row):
    return re.findall(r"\{doc\}`[\w-]+ </\w+/([\w-]+)>`", row[-1])


def letters_of(row):
    """Return the letters that a row is about, without those of its indices."""
    return {letter for f in row[0] for letter in letters(re.sub(r"_(?:\{[^}]*\}|\\?\w+)", "", f))}


def test_a_row_has_a_meaning_a_shape_and_pages():
    assert len(SIGNS) > 25
    assert len(LETTERS) > 150
    for row in SIGNS + LETTERS:
        assert len(row) == 4, row
        assert all(row), row
        assert pages(row) or row[-1] in ELSEWHERE, row


def test_the_pages_of_a_letter_use_it():
    assert all(map(letters_of, LETTERS))
    used = {page: set().union(*map(letters, written)) for page, written in WRITTEN.items()}
    wrong = [(row[0], page, letters_of(row) - used[page]) for row in LETTERS for page in pages(row)]
    assert [where for where in wrong if where[-1]] == []


def test_the_pages_of_a_sign_use_one_of_its_prints():
    used = {page: set().union(*map(signs, written)) for page, written in WRITTEN.items()}
    wrong = [
        (row[0], page)
        for row in SIGNS
        for page in pages(row)
        if not any(signs(formula) <= used[page] for formula in row[0])
    ]
    assert wrong == []


@pytest.mark.parametrize("page", CHAPTERS)
def test_each_letter_in_a_box_of_a_chapter_is_in_the_tables(page):
    boxes = "\n".join(box[1] for box in BOX.findall(CHAPTERS[page].read_text("utf-8")))
    wanted = set().union(*map(letters, formulas(boxes)))
    said = [row for row in SIGNS + LETTERS if page in pages(row) or row[-1].endswith(ELSEWHERE)]
    known = {letter for row in said for formula in row[0] for letter in letters(formula)}
    assert wanted - known - {r"\pi"} == set()


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_letter_has_one_row_on_a_page(page):
    here = [formula for row in LETTERS if page in pages(row) for formula in row[0]]
    assert [formula for formula in here if here.count(formula) > 1] == []


def test_the_letters_are_in_order():
    first = [re.search(r"[A-Za-z]", row[0][0])[0].lower() for row in rows("notation-latin")]
    assert first == sorted(first)
