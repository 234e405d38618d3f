"""Tables of pandas cross by value where they hold numbers, dates and texts."""

import msgpack
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal
from small_jobs import submit

from coursekit.grading.execution.arguments import contents, differs, overwrite
from coursekit.grading.execution.decoding import Decoder
from coursekit.grading.execution.encoding import Encoder
from coursekit.grading.execution.messages import WireError
from coursekit.grading.runner import close_all


class NoReferences:
    def refer(self, value):
        raise AssertionError(f"{value!r} was to cross by value")


def through(value):
    """Encode, pack, unpack, decode."""
    node = Encoder(NoReferences())(value)
    return Decoder(NoReferences())(msgpack.unpackb(msgpack.packb(node), strict_map_key=False))


DATES = pd.DatetimeIndex(["2024-02-28", "2024-02-29", "2024-03-01"])
TABLES = {
    "numbers": pd.DataFrame({"a": [1, 2, 3], "b": [0.5, np.nan, 2.0], "c": [True, False, True]}),
    "texts": pd.DataFrame({"name": ["Ada", None, "Emmy"], "year": [1815, 1912, 1882]}),
    "objects": pd.DataFrame({"x": pd.Series([1, "a", [2, 3]], dtype=object)}),
    "dates": pd.DataFrame({"day": DATES, "gap": DATES - DATES[0]}, index=DATES),
    "named-index": pd.DataFrame({"n": [1.0, 2.0]}, index=pd.Index(["x", "y"], name="key")),
    "same-name-twice": pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]),
    "numbers-as-columns": pd.DataFrame(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "empty": pd.DataFrame({"a": np.array([], dtype=np.int8)}),
    "no-columns": pd.DataFrame(index=[3, 4]),
    "steps": pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(4, 0, -2)),
}
CATEGORIES = pd.DataFrame({"kind": pd.Categorical(["a", "b"])})
LEVELS = pd.DataFrame({"n": [1]}, index=pd.MultiIndex.from_tuples([("a", 1)]))


@pytest.fixture(scope="module", autouse=True)
def _end_warm_processes():
    yield
    close_all()


@pytest.mark.parametrize("name", TABLES)
def test_a_frame_is_the_same_behind_the_wire(name):
    assert_frame_equal(through(TABLES[name]), TABLES[name])


@pytest.mark.parametrize("name", ["numbers", "texts", "dates", "named-index"])
def test_so_is_each_of_its_columns(name):
    for column in TABLES[name]:
        assert_series_equal(through(TABLES[name][column]), TABLES[name][column])


def test_the_same_table_twice_stays_one():
    table = TABLES["numbers"]
    first, second, others = through([table, table, [7]])
    assert first is second
    assert others == [7]


@pytest.mark.parametrize("table", [CATEGORIES, LEVELS, LEVELS["n"]])
def test_others_stay_references(table):
    with pytest.raises(AssertionError, match="was to cross by value"):
        Encoder(NoReferences())(table)


@pytest.mark.parametrize(
    "axes",
    [
        [["range", [0, 2, 1], None], ["object", [], None], ["category", ["a", "b"], "x"]],
        [["range", [0, 2, 1], None], ["object", ["x"], None], ["", ["l", [1, 2]], "x"]],
        [["range", [0, 3, 1], None], ["object", ["x"], None], ["object", [1, 2], "x"]],
        [["range", ["a", 2, 1], None], ["object", [], None]],
        [[1]],
    ],
)
def test_what_is_no_table_is_refused(axes):
    node = msgpack.unpackb(msgpack.packb(["B", True, axes]))
    with pytest.raises(WireError):
        Decoder(NoReferences())(node)


def test_what_is_done_to_a_copy_is_done_to_the_table():
    table = TABLES["numbers"].copy()
    before = contents(table)
    assert not differs(contents(table), before)
    copy = through(table)
    copy["d"] = copy.pop("a") * 2
    copy.loc[3] = [1.5, True, 8]
    assert differs(contents(copy), before)
    overwrite(table, through(copy))
    assert_frame_equal(table, copy)


def test_tables_in_a_test_apart():
    errors, _, _ = submit(
        ("import pandas as pd\nprices = pd.DataFrame({'kind': ['a', 'b', 'a'], 'cost': [1, 2, 3]})",
         "locked", "setup"),
        ("def total(table):\n    return table.groupby('kind')['cost'].sum()\n"
         "def mark(table):\n    table['done'] = True\nsums = total(prices)\n"
         "best = prices[prices.cost > 1]", "solution", "f"),
        ("assert list(best.columns) == ['kind', 'cost'] and best.shape == (2, 2)\n"
         "assert isinstance(sums, pd.Series) and sums['a'] == 4", "test", "values"),
        ("pd.testing.assert_series_equal(total(prices), prices.groupby('kind')['cost'].sum())\n"
         "mark(prices)\nassert prices['done'].all()", "test", "calls"),
        ("assert total(prices)['b'] == 3, 'b is not 3'", "test", "wrong"),
        names=("total", "mark", "sums", "best"),
    )  # fmt: skip
    assert errors == ["", "", "", "", "AssertionError: b is not 3"]
