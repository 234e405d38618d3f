"""Tables of pandas, DataFrame and Series, as the numbers and texts that they are made of.

Columns of numbers, dates, texts and plain objects cross by value; a table with anything else, with
categories, say, or several levels of an index, stays a reference.
"""

import datetime
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np

from coursekit.grading.execution.messages import WireError

__all__ = ["describe", "is_table", "rebuild"]

NUMBERS = "biufcmM"  # kinds of NumPy's types
LISTED = ("object", "str", "string")  # types whose items are sent one by one
ITEMS = (type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set, np.generic)
ITEMS += (datetime.date, datetime.time, datetime.timedelta, Decimal, Fraction)


def is_table(value):
    """Whether a value is a DataFrame or a Series; False as long as nobody has loaded pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series))


def describe(encode, value):
    """Return the node of a table, None if it is not plain.

    Parameters
    ----------
    encode : coursekit.grading.execution.encoding.Encoder
    value : pandas.DataFrame or pandas.Series
    """
    is_frame = value.ndim == 2
    columns = [value.iloc[:, k] for k in range(value.shape[1])] if is_frame else [value]
    axes = [value.index, *([value.columns] if is_frame else []), *columns]
    if not all(map(_is_plain, axes)):
        return None
    encode.keep(value)
    return ["B", is_frame, [_axis(encode, axis) for axis in axes]]


def _is_plain(axis):
    if getattr(axis, "nlevels", 1) > 1 and axis.ndim == 1 and not hasattr(axis, "iloc"):
        return False
    is_number = isinstance(axis.dtype, np.dtype) and axis.dtype.kind in NUMBERS
    return is_number or axis.dtype.name in LISTED


def _axis(encode, axis):
    """Return type, items and name of a column or an index."""
    name = encode(axis.name)
    if type(axis).__name__ == "RangeIndex":
        return ["range", [axis.start, axis.stop, axis.step], name]
    if axis.dtype.name not in LISTED:
        return ["", encode(np.array(axis)), name]
    items = list(axis)
    if axis.dtype.name != "object":
        items = [
            None if absent else str(item) for item, absent in zip(items, axis.isna(), strict=True)
        ]
    return [axis.dtype.name, [encode(item) for item in items], name]


def rebuild(decode, is_frame, axes):
    """Return a table from its node; what the other process has sent is data here."""
    import pandas

    place = len(decode.kept)
    decode.kept.append(None)
    index, *others = [_items(decode, *axis) for axis in axes]
    index = _index(pandas, *index)
    columns = [
        pandas.Series(items, index=index, name=name, dtype=kind or None)
        for kind, items, name in others[is_frame:]
    ]
    if is_frame:
        made = pandas.DataFrame(dict(enumerate(columns)), index=index)
        made.columns = _index(pandas, *others[0])
    else:
        (made,) = columns
    decode.kept[place] = made
    return made


def _items(decode, kind, data, name):
    name = decode(name)
    if kind == "range":
        return kind, [int(number) for number in data], name
    if kind == "":
        items = decode(data)
        if not (isinstance(items, np.ndarray) and items.ndim == 1 and items.dtype.kind in NUMBERS):
            raise WireError("a column that is no array")
        return kind, items.copy(), name
    items = [decode(item) for item in data]
    if kind not in LISTED or not all(isinstance(item, ITEMS) for item in items):
        raise WireError(f"a column of {kind!r:.20}")
    return kind, items, name


def _index(pandas, kind, items, name):
    if kind == "range":
        return pandas.RangeIndex(*items, name=name)
    return pandas.Index(items, dtype=kind or None, name=name)
