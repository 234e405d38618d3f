"""The glossary: each word is explained once, and taught where its entry says."""

import re

import pytest
from places import BOOK

ENTRY = r"((?:^\S.*\n)+)((?:^  .*\n)+)"
TEXT = (BOOK / "glossary.md").read_text("utf-8").split("```")[1].split("\n", 1)[1]
ENTRIES = [(words.strip().split("\n"), text) for words, text in re.findall(ENTRY, TEXT, re.M)]
CHAPTERS = {path: path.read_text("utf-8") for path in BOOK.glob("*/*.md")}


def _chapter_with(label):
    return next(text for text in CHAPTERS.values() if f"({label})=" in text)


def test_the_words_are_in_order_and_none_is_explained_twice():
    first = [words[0].lower().replace("–", " ") for words, _ in ENTRIES]
    assert first == sorted(first)
    words = [word.lower() for words, _ in ENTRIES for word in words]
    assert len(words) == len(set(words)) > 100


@pytest.mark.parametrize(("words", "text"), ENTRIES, ids=[words[0] for words, _ in ENTRIES])
def test_a_word_is_taught_where_its_entry_says(words, text):
    labels = re.findall(r"\{ref\}`([\w-]+)`", text)
    assert labels
    for label in labels:
        chapter = " ".join(_chapter_with(label).lower().split())
        assert any(word.lower().removesuffix(" matrix") in chapter for word in words), label
