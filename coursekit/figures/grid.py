"""Operable figures with two sliders: curves for each pair of values."""

import json

from coursekit.figures import svg as draw
from coursekit.figures.interactive import Interactive, slider_text
from coursekit.figures.sliders import slide_curves

__all__ = ["slide_grid"]


def slide_grid(frames, *, names, notes=None, alt=None, **options):
    """Draw curves, points and shaded areas of the plane for the values of two sliders.

    Parameters
    ----------
    frames : dict of (value, value) to dict of label to (k, 2) array
        Every value of the first slider with every value of the second.
    names : (str, str)
        What the values are.
    notes : dict of (value, value) to str, optional
        A line of the readout.
    alt : str, optional
        Text alternative; the default names the labels and the values.
    **options
        Of `slide_curves`: ``window``, ``background``, ``equal``, ``axes``, ``areas``, ``arrows``.

    Returns
    -------
    Interactive

    Raises
    ------
    ValueError
        If a pair of values is missing, or as of `slide_curves`.

    Examples
    --------
    >>> frames = {(a, b): {"line": [[0, b], [1, a + b]]} for a in (1, 2) for b in (0, 3, 5)}
    >>> slide_grid(frames, names=("slope", "height"))
    line, for 2 values of slope from 1 to 2 and 3 values of height from 0 to 5.
    """
    frames = dict(frames)
    if not frames:
        raise ValueError("frames is empty: pass at least one pair of values")
    values = [list(dict.fromkeys(pair[n] for pair in frames)) for n in (0, 1)]
    pairs = [(first, second) for first in values[0] for second in values[1]]
    if missing := [pair for pair in pairs if pair not in frames]:
        raise ValueError(f"frames must have every pair of values; {missing[0]} is missing")
    if notes is not None and set(notes) != set(frames):
        raise ValueError(f"notes must have the values of frames, got {list(notes)}")
    texts = [[slider_text(value) for value in some] for some in values]
    head = {pair: ", ".join(map(slider_text, pair)) for pair in pairs}
    spans = [
        f"{len(some)} values of {name} from {some[0]} to {some[-1]}"
        for name, some in zip(names, texts, strict=True)
    ]
    alt = alt or f"{', '.join(next(iter(frames.values()), ()))}, for {' and '.join(spans)}."
    flat = slide_curves(
        {head[pair]: frames[pair] for pair in pairs},
        name=", ".join(names),
        notes=notes and {head[pair]: notes[pair] for pair in pairs},
        alt=alt,
        **options,
    )
    grid = json.dumps({"names": list(names), "values": texts}, ensure_ascii=False)
    start = "<descent-player "
    body = flat.body.replace(start, f'{start}data-grid="{draw.escape(grid)}" ', 1)
    return Interactive(alt, body)
