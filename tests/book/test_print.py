"""The course as one PDF: two of its pages printed, and the contents of all of them."""

import shutil
import sys

import pytest
from places import BOOK

sys.path.insert(0, str(BOOK / "_ext"))
pikepdf = pytest.importorskip("pikepdf")
print_course = pytest.importorskip("print_course")

built = pytest.mark.skipif(
    not (print_course.HTML / "index.html").exists(), reason="the book is not built: make book"
)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Print two pages; the value is the path of the PDF."""
    if not any(map(shutil.which, print_course.NAMES)):
        pytest.skip("no Chromium found; on Debian: apt install chromium")
    path = tmp_path_factory.mktemp("pdf") / "small.pdf"
    articles = {name: print_course.article(name) for name in ("index", "references")}
    print_course.print_pages(articles, path)
    return path


@built
def test_the_outline_has_the_titles_of_the_pages(small):
    with pikepdf.open(small) as pdf, pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert titles == [
        "The numerics of deep learning",
        "Contents",
        "The numerics of deep learning",
        "References",
    ]


@built
def test_the_contents_lead_to_pages_in_order(small):
    numbers = print_course.page_numbers(small)
    with pikepdf.open(small) as pdf:
        assert numbers["index--the-numerics-of-deep-learning"] > 2
        assert numbers["index--the-numerics-of-deep-learning"] < numbers["references--references"]
        assert numbers["references--references"] <= len(pdf.pages)


@built
def test_the_contents_name_every_page_of_the_book():
    names = [name for _, names in print_course.pages() for name in names]
    articles = {name: print_course.article(name) for name in names}
    contents = print_course.contents(articles, {})
    assert [name for name in names if f'href="#{name}--' not in contents] == []


@built
def test_links_between_pages_stay_inside_and_folds_are_open():
    page = print_course.article("index")
    assert 'href="#' in page
    assert '.html"' not in page
    assert "<details " not in page.replace("<details open ", "")
