"""Maps of kinds with a slider: what becomes of each point, told by colour and counted."""

import base64
import io

import numpy as np

from coursekit.figures import svg as draw
from coursekit.figures.interactive import check_kinds, figure, slider_text

__all__ = ["slide_maps"]

COLOURS = "#f7d046", "#4a90b8", "#a02c2c", "#2a1f4f"  # from light to dark: told apart in grey too


def slide_maps(frames, *, kinds, name, notes=None, alt=None):
    """Show maps of kinds, side by side, for the value of a slider.

    Parameters
    ----------
    frames : dict of value to dict of title to (h, w) array of int
        The number of the kind of each point, -1 for none: there the page shows through. All
        frames have the same titles. A map that is the same in all frames is stored once.
    kinds : list of str
        Their names, at most 4; the first is the lightest.
    name : str
        What the value is.
    notes : dict of value to str, optional
        A line of the readout.
    alt : str, optional
        Text alternative; the default names the titles, the values and the kinds.

    Returns
    -------
    Interactive
        Its readout tells the share of each kind.

    Raises
    ------
    ValueError
        If there are no frames or no kinds, their titles differ, there are more than 4 kinds, an
        array is not of shape (h, w) or holds another number, or the notes belong to other values.

    Examples
    --------
    >>> frames = {k: {"side": np.tri(4, k=k, dtype=int)} for k in (-1, 1)}
    >>> slide_maps(frames, kinds=["above", "below"], name="k")
    side, for 2 values of k from -1 to 1: above, below.
    """
    frames, kinds = dict(frames), [str(kind) for kind in kinds]
    check_kinds("kinds", len(kinds))
    stacks = _stacks(frames, len(kinds))
    if notes is not None and list(notes) != list(frames):
        raise ValueError(f"notes must have the values of frames, got {list(notes)}")
    width = min((draw.WIDTH - draw.GAP * (len(stacks) - 1)) / len(stacks), 300)
    left = (draw.WIDTH - len(stacks) * (width + draw.GAP) + draw.GAP) / 2
    layers, picture, words, height = [""] * len(frames), "", "", 0.0
    for title, stack in stacks.items():
        rows, columns = stack.shape[1:]
        pictures = [draw.image(_png(numbers), left, width, rows, columns) for numbers in stack]
        if len(set(pictures)) == 1:
            picture += pictures[0]
        else:
            layers = [layer + drawn for layer, drawn in zip(layers, pictures, strict=True)]
        tall = width * rows / columns
        words += (
            f'<path class="dp-axes" d="M{draw.one_decimal(left)} 0h{draw.one_decimal(width)}'
            f'v{draw.one_decimal(tall)}h-{draw.one_decimal(width)}z"/>'
        )
        words += draw.text(left + width / 2, -9, draw.escape(title))
        left, height = left + width + draw.GAP, max(height, tall)
    picture += "".join(draw.layer(i, layer) for i, layer in enumerate(layers))
    rows = [[_shares(stacks, i, kind) for i in range(len(frames))] for kind in range(len(kinds))]
    legend = [_row(kind, label, rows[kind][0]) for kind, label in enumerate(kinds)]
    if notes is not None:
        rows.append(list(notes.values()))
        legend.append(draw.text_row("", rows[-1][0]))
    first, last = (slider_text(value) for value in (next(iter(frames)), list(frames)[-1]))
    span = f"for {len(frames)} values of {name} from {first} to {last}"
    alt = alt or f"{', '.join(stacks)}, {span}: {', '.join(kinds)}."
    data = {"name": name, "heads": [f"{name} = {slider_text(v)}" for v in frames], "rows": rows}
    return figure(alt, draw.gallery(picture, words, height + 1, alt), data, legend)


def _stacks(frames, count):
    """Return the maps of each title, shape (frames, h, w), or say what is wrong."""
    if not frames or not next(iter(frames.values())) or not count:
        raise ValueError("frames and kinds: pass at least one map and one kind")
    titles = list(next(iter(frames.values())))
    for value, frame in frames.items():
        if list(frame) != titles:
            raise ValueError(
                f"frames: {value!r} has the titles {list(frame)}, but the first frame has {titles}"
            )
    stacks = {title: [np.asarray(frame[title]) for frame in frames.values()] for title in titles}
    for title, maps in stacks.items():
        for value, numbers in zip(frames, maps, strict=True):
            at = f"frames: {title!r} at {value!r}"
            if numbers.ndim != 2 or numbers.shape != maps[0].shape or not numbers.size:
                raise ValueError(
                    f"{at} has shape {numbers.shape}; a map has shape (h, w), the same in all "
                    "frames"
                )
            if numbers.dtype.kind not in "iu" or not ((numbers >= -1) & (numbers < count)).all():
                raise ValueError(f"{at} must hold integers from -1 to {count - 1}, one a kind")
    return {title: np.array(maps) for title, maps in stacks.items()}


def _png(numbers):
    """Return a map as base64 of a PNG with a palette, in which -1 is transparent."""
    from PIL import Image

    picture = Image.fromarray((numbers + 1).astype(np.uint8), mode="P")
    palette = ["#000000", *COLOURS]
    picture.putpalette(b"".join(bytes.fromhex(colour[1:]) for colour in palette))
    file = io.BytesIO()
    picture.save(file, "png", optimize=True, transparency=0)
    return base64.b64encode(file.getvalue()).decode()


def _shares(stacks, frame, kind):
    """Say how much of each map is of a kind."""
    shares = {title: f"{np.mean(stack[frame] == kind):.0%}" for title, stack in stacks.items()}
    shares = {title: share.replace("%", " %") for title, share in shares.items()}
    if len(shares) == 1:
        return next(iter(shares.values()))
    return ", ".join(f"{title} {share}" for title, share in shares.items())


def _row(kind, label, shares):
    """Return the line of the legend with the colour of a kind and its shares."""
    swatch = (
        f'<rect class="dp-axes" style="fill:{COLOURS[kind]}" x="1" y="1" width="42" height="14"/>'
    )
    return (
        f'<div class="dp-row"><svg viewBox="0 0 44 16" aria-hidden="true">{swatch}</svg>'
        f'<span>{draw.escape(label)}</span> <span class="dp-value">{draw.escape(shares)}</span>'
        "</div>"
    )
