"""The page of a grading that is under way: what it shows, and to whom."""

import http.client
import json
import shutil
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import msgpack
import pytest
from places import COURSE

from coursekit.grading.grade import Row
from coursekit.grading.pages.live import Live, served

HOSTILE = "<img src=x onerror=alert('x')>"


def keep(folder, student, errors):
    """Keep a result as grading does: question: what its test said."""
    cells = [
        {"id": name, "index": k, "part": "hw", "role": "test", "error": error}
        for k, (name, error) in enumerate(errors.items())
    ]
    cells.append({"id": None, "index": 9, "part": "hw", "role": "own", "error": "NameError: x"})
    folder.mkdir(parents=True, exist_ok=True)
    packed = msgpack.packb(["fingerprint", {"student": student, "cells": cells}])
    (folder / f"{student}.msgpack").write_bytes(packed)


def half_way(live):
    """Let a grading go half of its way."""
    live("total", n=5)
    live("note", text="a test is odd")
    for student, errors in {
        "1001": {"a": "AssertionError: At x = 0.5 it is 3.", "b": ""},
        "1002": {"a": "AssertionError: At x = 2 it is 17.", "b": f"ValueError: {HOSTILE}"},
    }.items():
        live("start", student=student)
        keep(live.results, student, errors)
        live("done", row=Row(student, "graded", 1.0, 2.0))
    live("start", student="1003")
    live("done", row=Row(HOSTILE, "unreadable", note="its notebook is a PDF\x1b[2J"))


@pytest.fixture
def course(tmp_path):
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    return tmp_path


def get(address):
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def test_what_is_known_half_way(tmp_path):
    live = Live("hw", tmp_path)
    assert live.state()["total"] == 0
    half_way(live)
    state = live.state()
    assert (state["total"], state["done"], state["running"]) == (5, 3, ["1003"])
    assert state["failures"] == [[HOSTILE, "unreadable", "its notebook is a PDF"]]
    assert state["notes"] == ["a test is odd"]
    assert state["messages"] == [
        [2, "a", "At x = # it is #.", "1001, 1002"],
        [1, "b", f"ValueError: {HOSTILE}", "1002"],
    ]


def test_a_result_that_is_not_there_is_left_out(tmp_path):
    live = Live("hw", tmp_path)
    live("total", n=1)
    live("done", row=Row("1001", "unchanged", 1.0, 2.0))
    assert (live.state()["done"], live.state()["messages"]) == (1, [])


def test_only_who_knows_the_address_is_answered(course):
    with served("hw", course) as (address, live):
        half_way(live)
        assert json.loads(get(f"{address}state"))["done"] == 3
        assert "hw: grading" in get(address)
        root = f"http://{urlsplit(address).netloc}/"
        for other in ("", "state", "x/state", "../state", f"{urlsplit(address).path[1:]}state/x"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(root + other)
        host, port = urlsplit(address).netloc.split(":")
        assert host == "127.0.0.1"
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    with pytest.raises(OSError):  # noqa: PT011  it has ended
        connection.request("GET", "/")


def test_two_gradings_have_two_addresses(course):
    with served("hw", course) as (one, _), served("hw", course) as (other, _):
        assert one != other


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_follows_and_says_when_it_ends(course, browser, theme):
    context = browser.new_context(color_scheme=theme, viewport={"width": 390, "height": 844})
    tab, happened = context.new_page(), []
    tab.on("request", lambda request: happened.append(request.url))
    tab.on("dialog", lambda dialog: happened.append(dialog.message))
    with served("hw", course) as (address, live):
        tab.goto(address)
        tab.get_by_text("0 of 0 done").wait_for()
        half_way(live)
        tab.get_by_text("3 of 5 done, 1 running, 1 without a score").wait_for()
        assert tab.locator("#bar").evaluate("bar => [bar.value, bar.max]") == [3, 5]
        rows = tab.locator("#messages tbody tr").all_inner_texts()
        assert [row.split("\t")[:3] for row in rows] == [
            ["2", "a", "At x = # it is #."], ["1", "b", f"ValueError: {HOSTILE}"]
        ]  # fmt: skip
        assert HOSTILE in tab.locator("#failures").inner_text()
        assert tab.locator("#ended").is_hidden()
        assert {*happened} == {address, f"{address}state"}
        assert tab.evaluate("document.documentElement.scrollWidth") <= 391
    tab.get_by_text("The grading has ended or was stopped.").wait_for()
    assert "3 of 5 done" in tab.locator("#counts").inner_text()  # how it stood
    context.close()


def test_the_page_is_accessible(course, browser):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    with served("hw", course) as (address, live):
        half_way(live)
        tab.goto(address)
        tab.get_by_text("3 of 5 done").wait_for()
        found = axe.run(tab).response["violations"]
    serious = [rule["id"] for rule in found if rule["impact"] in {"serious", "critical"}]
    assert serious == []
    context.close()
