"""Does the gradient reach the first layer? If not: does it vanish, explode, or meet dead units?"""

import numpy as np

from coursekit._arguments import number
from coursekit.checks.failure import CheckFailed

__all__ = ["check_gradient_flow"]

SAMPLES = 10  # with fewer, a unit that is off by chance looks dead
DEAD = 0.9  # of the units: deep layers see all samples alike, and half of their units are off


def check_gradient_flow(values, gradients, *, factor=1e3):
    r"""Check that a network's gradient has about the same size in all of its layers.

    The size of an array is the root of the mean of its squares, which does not depend on widths.
    The gradients are those in the *outputs* of the layers. In the weights they would not do: a
    weight's gradient is the product of a gradient in an output and a value from below, so that
    both may vanish while the products agree.

    Parameters
    ----------
    values : sequence of array_like, shape (N, n_k)
        Outputs of layers 1, 2, ..., d for the same N samples, at least 10. Put those of a
        convolution, (N, H, W, C), into the shape (N H W, C).
    gradients : sequence of array_like, shape (N, n_k)
        The gradient of the loss in each of them.
    factor : float
        How many times larger or smaller than in the last layer the gradient may be elsewhere.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what is wrong first: number of layers, kind, shape, samples; overflow, of values or of
        gradients; values that become 0 by underflow; a layer
        in which more than 90 % of the units are 0 for all samples; a gradient
        that is exactly 0, by underflow or as the way is cut; one that vanishes or explodes, and
        whether by a factor in each layer or between two of them.
    TypeError, ValueError
        If `factor` is not one number above 1.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> values = rng.standard_normal((3, 50, 8))
    >>> check_gradient_flow(values, rng.standard_normal((3, 50, 8)))
    True
    >>> check_gradient_flow(values, [1e-7 * values[0], 1e-3 * values[1], 5.0 * values[2]])
    Traceback (most recent call last):
    ...
    coursekit.checks.CheckFailed: the gradient vanishes on its way back to layer 1.
      layer 3 it has the size 4.7
      layer 1 it has the size 1e-07, 0.00015 times as much for each layer
    Try: how much does one layer shrink a vector? Look at the variance of its first weights and
    at the slopes of its activation.
    """
    factor = number("factor", factor, above=1)
    values, gradients = _layers(values, "values"), _layers(gradients, "gradients")
    _require_pairs(values, gradients)
    _require_finite(values, gradients)
    _require_live(values)
    sizes = [_size(g) for g in gradients]
    _require_positive(sizes, gradients)
    with np.errstate(divide="ignore"):
        logs = np.log(np.array(sizes) / sizes[-1])
    k = int(np.abs(logs).argmax())
    if abs(logs[k]) > np.log(factor):
        raise CheckFailed(_diagnosis(sizes, logs, k))
    return True


def _layers(arrays, name):
    """Return the arrays of all layers, or say which is none."""
    if callable(arrays) or not hasattr(arrays, "__len__"):
        raise CheckFailed(
            f"{name} is {type(arrays).__name__}, expected a list with an array for each layer.\n"
            "Try: collect the outputs of the layers, from the first to the last."
        )
    return [_layer(array, f"{name}[{k}]") for k, array in enumerate(arrays)]


def _layer(array, name):
    if array is None:
        raise CheckFailed(
            f"{name} is None, expected an array.\n"
            "Try: a tape returns None for what it did not watch, and for what the loss does not "
            "depend on."
        )
    try:
        array = np.asarray(array)
    except (TypeError, ValueError):
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        raise CheckFailed(f"{name} has dtype {array.dtype}, expected real numbers.")
    if array.ndim != 2 or array.size == 0:
        raise CheckFailed(
            f"{name} has shape {array.shape}, expected (N, n): samples and units.\n"
            "Try: reshape (N, H, W, C) to (N*H*W, C)."
        )
    return array


def _require_pairs(values, gradients):
    if len(values) != len(gradients) or len(values) < 2:
        raise CheckFailed(
            f"values has {len(values)} layers and gradients {len(gradients)}; expected the same "
            "number, at least 2."
        )
    for k, (v, g) in enumerate(zip(values, gradients, strict=True)):
        if v.shape != g.shape:
            raise CheckFailed(
                f"layer {k + 1}: its values have shape {v.shape}, the gradient {g.shape}.\n"
                "Try: the gradient of a number in an array has the shape of the array. Is it the "
                "gradient in the outputs, not in the weights?"
            )
        if len(v) < SAMPLES:
            raise CheckFailed(
                f"layer {k + 1} has {len(v)} samples, expected at least {SAMPLES}.\n"
                "Try: more samples. A unit that is 0 for a few of them need not be dead."
            )


def _require_finite(values, gradients):
    for k, v in enumerate(values):
        if not np.isfinite(v).all():
            before = f" In layer {k} the size is {_size(values[k - 1]):.2g}." if k else ""
            raise CheckFailed(
                f"the values overflow: those of layer {k + 1} are not finite.{before}\n"
                "Try: print the size of the values layer by layer. By which factor does it grow?"
            )
    for k in reversed(range(len(gradients))):
        if not np.isfinite(gradients[k]).all():
            last = k == len(gradients) - 1
            after = "" if last else f" In layer {k + 2} its size is {_size(gradients[k + 1]):.2g}."
            raise CheckFailed(
                f"the gradient explodes: in layer {k + 1} it is not finite.{after}\n"
                "Try: is the loss finite? By which factor does the gradient grow from layer to "
                "layer on its way back?"
            )


def _require_live(values):
    for k, v in enumerate(values):
        dead = int((~v.any(axis=0)).sum())
        if dead <= DEAD * v.shape[1]:
            continue
        if k and dead == v.shape[1] and (tiny := _nearly_zero(values[k - 1])):
            raise CheckFailed(
                f"the values vanish: they have the size {_size(values[0]):.2g} in layer 1 and "
                f"{_size(values[k - 1]):.2g} in layer {k}, and after that they are 0, as {tiny} "
                "has no smaller numbers.\n"
                "Try: how much does one layer shrink a vector? Look at the variance of its first "
                "weights."
            )
        nothing = " No gradient gets through." if dead == v.shape[1] else ""
        raise CheckFailed(
            f"layer {k + 1}: {dead} of {v.shape[1]} units are dead, that is 0 for each of the "
            f"{len(v)} samples.{nothing}\n"
            "Try: print their biases and their weights. Was a step too long, do they start with "
            "zeros?"
        )


def _require_positive(sizes, gradients):
    """Say where a gradient becomes exactly 0, seen from the loss."""
    for k in reversed(range(len(sizes))):
        if sizes[k]:
            continue
        if k == len(sizes) - 1:
            raise CheckFailed(
                f"the gradient is 0 in layer {k + 1}, the last one.\n"
                "Try: does the loss depend on the outputs? Is it flat there?"
            )
        if tiny := _nearly_zero(gradients[k + 1]):
            raise CheckFailed(
                f"the gradient vanishes: it has the size {sizes[-1]:.2g} in layer {len(sizes)} and "
                f"{sizes[k + 1]:.2g} in layer {k + 2}, and below that it is 0, as {tiny} has "
                "no smaller numbers.\n"
                "Try: by which factor does it shrink from layer to layer? A longer type would only "
                "hide it."
            )
        raise CheckFailed(
            f"the way back is cut between layers {k + 2} and {k + 1}: the gradient has the size "
            f"{sizes[k + 1]:.2g} in layer {k + 2} and is exactly 0 in layer {k + 1}.\n"
            f"Try: what does layer {k + 2} do with its inputs? Are its weights 0, or its slopes?"
        )


def _diagnosis(sizes, logs, k):
    """Say that the gradient vanishes or explodes on the way to index k, and how."""
    d, steps = len(sizes), np.diff(logs)
    what = "vanishes" if logs[k] < 0 else "explodes"
    worst = k + int(np.abs(steps[k:]).argmax())
    alone = len(steps[k:]) > 1 and np.abs(steps[worst]) > 0.7 * abs(logs[k])
    each = np.exp(logs[k] / (d - 1 - k))
    if alone:
        how = f"most of it between layers {worst + 2} and {worst + 1}"
        hint = f"what is different in layer {worst + 2}? Compare its weights with the others."
    else:
        how = f"{each:.2g} times as much for each layer"
        hint = (
            f"how much does one layer {'shrink' if logs[k] < 0 else 'stretch'} a vector? Look at "
            "the variance of its first weights and\nat the "
            f"{'slopes of its activation' if logs[k] < 0 else 'scale of its shortcuts, if any'}."
        )
    return (
        f"the gradient {what} on its way back to layer {k + 1}.\n"
        f"  layer {d} it has the size {sizes[-1]:.2g}\n"
        f"  layer {k + 1} it has the size {sizes[k]:.2g}, {how}\n"
        f"Try: {hint}"
    )


def _nearly_zero(array):
    """Return the name of the type if there is hardly a smaller number of it, else None."""
    info = np.finfo(array.dtype if array.dtype.kind == "f" else float)
    return str(info.dtype) if np.abs(array).max() < 1e3 * float(info.tiny) else None


def _size(array):
    """Root mean square, of any floating type, in float64."""
    array = array.astype(np.float64)
    largest = np.abs(array).max()
    return float(largest * np.sqrt(np.mean((array / largest) ** 2))) if largest else 0.0
