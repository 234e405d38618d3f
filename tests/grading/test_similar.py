"""Submissions that are alike: found in spite of new names, and only beyond what everybody has."""

import random
import re
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_homework import hand_in, new_course

from coursekit.grading.similar import (
    LENGTH,
    WINDOW,
    _tokens,
    pairs_of,
    read_similar,
    to_html,
    winnow,
)
from coursekit.homework.text import HomeworkError

ANSWER = """\
def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):
    path = [np.array(x0)]
    for k in range(maxiter):
        gradient = grad_func(path[-1])
        if np.linalg.norm(gradient) < 1e-4:
            break
        path.append(path[-1] - step_size * gradient)
    return path[-1], path, [f(x) for x in path]
"""
RENAMED = '''\
def descend( start,fun, dfun , h = 0.25,n=200 ):
    """My own idea."""
    xs=[ np.array(start) ]   # the first point
    for i in range(n):
        g = dfun(xs[-1])

        if np.linalg.norm(g)<1e-4: break
        xs.append(xs[-1]-h*g)  # a step
    return xs[-1],xs,[ fun(z) for z in xs ]
'''
OTHERS = [
    "def minimize(x0, f, g, h=0.25, n=200):\n    if n == 0 or abs(g(x0)).max() <= 1e-4:\n"
    "        return x0, [x0], [f(x0)]\n    x, xs, fs = minimize(x0 - h * g(x0), f, g, h, n - 1)\n"
    "    return x, [x0] + xs, [f(x0)] + fs\n",
    "def minimize(x0, f, g, **options):\n    found = scipy.optimize.minimize(f, x0, jac=g)\n"
    "    assert found.success, found.message\n    return found.x, [x0, found.x], [f(x0), 1.0]\n",
    "class Walk:\n    def __init__(self, x):\n        self.x, self.seen = x, []\n\n"
    "    def __call__(self, g, h):\n        self.seen += [self.x]\n"
    "        self.x = self.x - h * g(self.x)\n",
    "x = np.array(x0)\nwhile True:\n    d = g(x)\n    if (d @ d) ** 0.5 < tol: break\n"
    "    x -= h * d; trace = np.vstack([trace, x])\n",
]  # fmt: skip
WORDS = (
    "The gradient is zero at a saddle point too, so the run stops there although the function "
    "falls in another direction; a small push would let it go on."
)


def answers(**texts):
    return {who: {("minimize", True): text} for who, text in texts.items()}


def together(*pairs):
    return [pair.students for pair in pairs]


def test_new_names_layout_and_comments_hide_nothing():
    found = pairs_of(answers(a=ANSWER, b=RENAMED, c=OTHERS[0], d=OTHERS[1], e=OTHERS[2]), [])
    assert together(*found) == [("a", "b")]
    (pair,) = found
    assert pair.share == pytest.approx(1)
    ((name, first, second),) = pair.cells
    assert name == "minimize"
    assert "".join(text for text, _ in first) == ANSWER
    assert "".join(text for text, _ in second) == RENAMED
    alike = "".join(text for text, is_alike in second if is_alike)
    assert "xs.append(xs[-1]-h*g)" in alike


def test_a_copy_among_other_code():
    padded = f"{OTHERS[1]}\n\n{RENAMED}\n\n{OTHERS[2]}"
    (pair,) = pairs_of(answers(a=ANSWER, b=padded, c=OTHERS[0], d=OTHERS[3]), [])
    assert pair.students == ("a", "b")
    assert pair.share > 0.8  # of the smaller one
    ((_, _, second),) = pair.cells
    assert not any("scipy" in text for text, is_alike in second if is_alike)


def test_different_answers_are_not_alike():
    texts = dict(zip("abcde", [ANSWER, *OTHERS], strict=True))
    assert pairs_of(answers(**texts), []) == []


def test_what_the_notebook_gives_does_not_count():
    given = [{"cell_type": "code", "source": ANSWER, "metadata": {}}]
    assert pairs_of(answers(a=ANSWER, b=RENAMED, c=OTHERS[0]), given) == []
    more = (
        "\nassert minimize(np.ones(3), sphere, slope)[1][0].shape == (3,), 'shape' + str(4)\n" * 2
    )
    (pair,) = pairs_of(answers(a=ANSWER + more, b=RENAMED + more, c=OTHERS[0]), given)
    ((_, first, _),) = pair.cells
    alike = "".join(text for text, is_alike in first if is_alike)
    assert "sphere" in alike
    assert "append" not in alike


def test_what_many_have_does_not_count():
    """Of twenty, six found the one short way; two of them share more than that."""
    texts = {f"s{k}": ANSWER for k in range(6)}
    for k in range(6, 20):
        rng = random.Random(k)
        texts[f"s{k:02}"] = "\n".join(
            f"y{i} = f{i}({rng.random()}, {rng.random()}) {rng.choice('+-*/@')} z[{rng.random()}]"
            for i in range(30)
        )
    assert pairs_of(answers(**texts), []) == []
    texts["s0"] += OTHERS[2]
    texts["s1"] += OTHERS[2].replace("seen", "old")
    assert together(*pairs_of(answers(**texts), [])) == [("s0", "s1")]


def test_written_answers_by_their_words():
    texts = {
        who: {("why", False): text}
        for who, text in {
            "a": WORDS,
            "b": WORDS.replace(",", " –").replace("The", "the").replace("\n", " "),
            "c": "It is a maximum. The test asks for a small gradient and for nothing else, which "
            "holds there; nobody moved it in the first place.",
        }.items()
    }
    assert together(*pairs_of(texts, [])) == [("a", "b")]


def test_short_answers_tell_nothing():
    assert pairs_of(answers(a="def double(x): return 2 * x", b="def f(y): return 2 * y"), []) == []


@pytest.mark.parametrize("text", ["def f(:\n  'open", "%matplotlib inline\n!ls", "", "(" * 500_000])
def test_what_is_no_python(text):
    assert pairs_of(answers(a=text, b=ANSWER, c=RENAMED), [])[0].students == ("b", "c")


def test_tokens_and_their_places():
    source = "total = sum(price['net'])  # euros"
    tokens = _tokens(source, True)
    assert [word for word, *_ in tokens] == ["name", "=", "sum", "(", "name", "[", "text", "]", ")"]
    assert [source[start:end] for _, start, end in tokens] == [
        "total", "=", "sum", "(", "price", "[", "'net'", "]", ")"
    ]  # fmt: skip


NUMBERS = st.lists(st.integers(0, 50), max_size=30)


@given(
    NUMBERS, NUMBERS, st.lists(st.integers(0, 50), min_size=WINDOW, max_size=30), NUMBERS, NUMBERS
)
def test_texts_that_share_a_run_share_a_fingerprint(before, after, run, before_too, after_too):
    """The guarantee of winnowing: of each window of the run one is kept in both."""
    one, other = [*before, *run, *after], [*before_too, *run, *after_too]
    kept = [winnow([(n, k) for k, n in enumerate(text)]) for text in (one, other)]
    assert {*kept[0]} & {*kept[1]} & {*run}
    for text, prints in zip((one, other), kept, strict=True):
        assert all(text[k] == n for n, places in prints.items() for k in places)


def test_fewer_fingerprints_than_a_window():
    assert winnow([]) == {}
    assert winnow([(3, 0), (2, 1)]) == {2: [1]}
    assert (LENGTH, WINDOW) == (10, 6)  # as the page for instructors says: 15 tokens


# In a course -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = new_course(tmp_path_factory.mktemp("similar") / "course", gradebook=False)
    hand_in(course, "1001", {"double": ANSWER, "why": WORDS})
    hand_in(course, "1002<b>", {"double": RENAMED, "why": "Because."})
    hand_in(course, "1003", {"double": OTHERS[0], "why": "So."})
    hand_in(course, "1004", {"double": "def double(x): return x + x"})
    (course / "submitted/1004/tiny/tiny.ipynb").write_text("{")
    return course


def test_pairs_of_a_course(course):
    found = read_similar("tiny", course)
    assert found.n == 3
    assert together(*found.pairs) == [("1001", "1002<b>")]
    assert [name for name, *_ in found.pairs[0].cells] == ["double"]
    assert list(found.unreadable) == ["1004"]
    assert not (course / "gradebook.db").exists()


def test_of_many_pairs_the_first_are_shown(course, monkeypatch):
    from coursekit.grading import similar

    monkeypatch.setattr(similar, "MOST_PAIRS", 1)
    hand_in(course, "1005", {"double": ANSWER + OTHERS[1]})
    try:
        found = read_similar("tiny", course)
    finally:
        shutil.rmtree(course / "submitted/1005")
    assert (found.n_pairs, len(found.pairs)) == (3, 1)


def test_one_submission_is_not_enough(tmp_path):
    course = new_course(tmp_path / "course", gradebook=False)
    hand_in(course, "1001", {"double": ANSWER})
    with pytest.raises(HomeworkError, match="fewer than two submissions of tiny can be read"):
        read_similar("tiny", course)


def test_a_page_side_by_side_that_accuses_nobody(course, browser, tmp_path):
    page = tmp_path / "similar.html"
    to_html(read_similar("tiny", course), page)
    said = re.sub(r"<[^>]+>", " ", page.read_text())
    assert not re.search(r"plagiar|cheat|copied|suspect|guilt|fraud", said, re.I)
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    tab, happened = context.new_page(), []
    tab.on("request", lambda request: happened.append(request.url))
    tab.goto(page.as_uri())
    assert happened == [page.as_uri()]
    assert "1 pairs among 3 submissions" in tab.locator("header").inner_text()
    assert "1001 and 1002<b>" in tab.locator("table").first.inner_text()
    boxes = [box.bounding_box() for box in tab.locator(".two > div").all()]
    assert boxes[0]["y"] == boxes[1]["y"]  # side by side
    assert boxes[0]["x"] < boxes[1]["x"]
    assert "path.append(path[-1] - step_size * gradient)" in "".join(
        tab.locator(".two > div").first.locator("mark").all_inner_texts()
    )
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.write_text(page.read_text().replace("default-src 'none'", "default-src 'unsafe-inline'"))
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme)
        tab.goto(page.as_uri())
        found = axe.run(tab).response["violations"]
        serious = [rule["id"] for rule in found if rule["impact"] in {"serious", "critical"}]
        assert serious == []
    context.close()
