"""Check one forward pass through a network, with the pattern of its neurons, network by network.

A wrong value has a cause only if one usual mistake gives what was returned for all networks.
"""

import numpy as np

from coursekit.checks.answers import watched
from coursekit.checks.arrays import check_array
from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_functions import line_of
from coursekit.checks.wording import plural, unlike

__all__ = ["check_forward_pass"]


def check_forward_pass(func, cases):
    r"""Check that ``func`` evaluates a network with leaky ReLUs and says which neurons are on.

    With :math:`z_k = A_k v_{k-1} + b_k` and :math:`v_k = z_k` where :math:`z_k > 0`, ``leak``
    times :math:`z_k` elsewhere, for the hidden layers; the last layer is affine.

    Parameters
    ----------
    func : callable
        ``func(layers, v, leak)`` returns the pair ``out, on``: the outputs, (..., N_L), and for
        each hidden neuron, layer after layer, whether its z is above zero, (..., neurons).
    cases : dict
        ``{name: (layers, v, leak)}``, points one at a time: v of shape (N_0,). Batches are made of
        them.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what is wrong first: kind, shape, ``out``, ``on``, batches; and which mistake explains
        all that was seen, if just one does.

    Examples
    --------
    >>> import numpy as np
    >>> def line(layers, v, leak):
    ...     ((A, b),) = layers
    ...     return v @ A.T + b, np.zeros((*v.shape[:-1], 0), bool)
    >>> one_layer = [(np.array([[2.0, -1.0]]), np.array([0.5]))]
    >>> check_forward_pass(line, {"one layer": (one_layer, np.array([1.0, 3.0]), 0.0)})
    True
    """
    found, expected = [], []
    for name, case in cases.items():
        expected.append(_passed(*case))
        found.append(_returned(func, name, case, *expected[-1]))
    for part, variants, close in ((0, OUT, _near), (1, ON, np.array_equal)):
        right = [close(got[part], want[part]) for got, want in zip(found, expected, strict=True)]
        if not all(right):
            _explain(part, variants, cases, found, expected, np.array(right))
    _batches(func, cases)
    return True


# The pass, and passes with a mistake in them ---------------------------------------------------


def _passed(layers, v, leak, *, out=None, hidden=None, before=None, bias=1.0, last=1.0, on=None):
    """Return out and on; the options are mistakes.

    ``out``, ``hidden`` and ``before`` stand for the functions of the output, of the hidden layers
    and of the input, ``on`` for the test of a neuron; biases count ``bias`` times, that of the
    last layer ``last`` times.
    """
    hidden, on = hidden or _leaky, on or (lambda z, v: z > 0)
    signs, v = [], v if before is None else before(v, leak)
    for A, b in layers[:-1]:
        z = v @ A.T + bias * b
        v = hidden(z, leak)
        signs.append(on(z, v))
    A, b = layers[-1]
    v = v @ A.T + bias * last * b
    none = np.zeros((*v.shape[:-1], 0), bool)
    return (v if out is None else out(v, leak)), np.concatenate([none, *signs], axis=-1)


def _leaky(z, leak):
    return np.where(z > 0, z, leak * z)


def _relu(z, leak):
    return np.maximum(z, 0)


def _late(layers, v, leak):
    """Biases after the function."""
    for A, b in layers[:-1]:
        v = _leaky(v @ A.T, leak) + b
    A, b = layers[-1]
    return v @ A.T + b, None


def _some(first):
    """Return a pass with the function in the first, or in the last, hidden layer only."""

    def run(layers, v, leak):
        for k, (A, b) in enumerate(layers[:-1]):
            z = v @ A.T + b
            v = _leaky(z, leak) if k == (0 if first else len(layers) - 2) else z
        A, b = layers[-1]
        return v @ A.T + b, None

    return run


def _with(**mistake):
    return lambda *case: _passed(*case, **mistake)


OUT = {  # out is as if …
    "the last layer had a ReLU, too": _with(out=_relu),
    "the last layer had a leaky ReLU, too": _with(out=_leaky),
    "no layer had a ReLU": _with(hidden=lambda z, leak: z),
    "only the first hidden layer had a ReLU": _some(True),
    "only the last hidden layer had a ReLU": _some(False),
    "the input v went through a ReLU, too": _with(before=_leaky),
    "no layer had a bias": _with(bias=0.0),
    "the last layer had no bias": _with(last=0.0),
    "the biases were subtracted": _with(bias=-1.0),
    "the biases were added after the ReLU": _late,
    "leak were always 0": _with(hidden=_relu),
    "leak stood for the value where z is not above 0, in place of leak times z": _with(
        hidden=lambda z, leak: np.where(z > 0, z, leak)
    ),
    "the values where z is not above 0 had the opposite sign": _with(
        hidden=lambda z, leak: np.where(z > 0, z, -leak * z)
    ),
    "the z above 0 were multiplied by leak, and the others not": _with(
        hidden=lambda z, leak: np.where(z > 0, leak * z, z)
    ),
    "the z above 0 were multiplied by leak, and the others 0": _with(
        hidden=lambda z, leak: np.where(z > 0, leak * z, 0)
    ),
    "every z were multiplied by leak": _with(hidden=lambda z, leak: leak * z),
    "leak times z were added to the ReLU of each z": _with(
        hidden=lambda z, leak: np.maximum(z, 0) + leak * z
    ),
    "max(z, leak) stood for the leaky ReLU": _with(hidden=np.maximum),
    "ReLU took the absolute value": _with(hidden=lambda z, leak: np.abs(z)),
    "it were the ReLU of minus z": _with(hidden=lambda z, leak: np.maximum(-z, 0)),
}
ON = {  # on is as if …
    "a z of exactly 0 counted as on": _with(on=lambda z, v: z >= 0),
    "on and off were exchanged": _with(on=lambda z, v: z <= 0),
    "on and off were exchanged, and 0 counted as neither": _with(on=lambda z, v: z < 0),
    "each neuron were on whose v is not 0": _with(on=lambda z, v: v != 0),
    "all neurons were on": _with(on=lambda z, v: z == z),
    "no neuron were on": _with(on=lambda z, v: z != z),
    "no layer had a bias": _with(bias=0.0),
    "no layer before had a ReLU": _with(hidden=lambda z, leak: z),
    "leak were always 0": _with(hidden=_relu),
    "the layers stood in reversed order": lambda *case: (None, _reversed(case[0], _passed(*case))),
    "all neurons stood in reversed order": lambda *case: (None, _passed(*case)[1][..., ::-1]),
}


def _reversed(layers, values):
    ends = np.cumsum([len(b) for _, b in layers[:-1]])[:-1]
    return np.concatenate([values[1][..., :0], *np.split(values[1], ends, axis=-1)[::-1]], axis=-1)


# What is returned --------------------------------------------------------------------------------


def _called(func, told, case):
    try:
        return watched(func, "out, on")(*case)
    except (IndexError, ValueError, TypeError) as error:
        line = line_of(func, error)
        if "matmul" in str(error) and np.ndim(case[1]) > 1:
            line += "\nTry: for rows v of a batch, the products A v are v @ A.T."
        kind = type(error).__name__
        raise CheckFailed(f"{told}: {func.__name__} raises {kind}: {error}{line}") from error


def _returned(func, name, case, out, on):
    """Return out and on of a case, after a look at what kind of things they are."""
    got, signs = _called(func, name, case)
    got, signs = np.asarray(got), np.asarray(signs)
    if got.dtype == bool and signs.dtype != bool:
        raise CheckFailed(f"{name}: the two results stand in another order: out, then on.")
    check_array(got, out.shape, f"{name}: out")
    if signs.shape != on.shape:
        hint = ""
        if signs.size == on.size + out.size:
            hint = " Outputs are no neurons: they are neither on nor off."
        elif signs.ndim == 2 and on.ndim == 1:
            hint = " For one point it has one axis, with the neurons of all hidden layers."
        raise CheckFailed(
            f"{name}: on has shape {signs.shape}, expected {on.shape}: one entry for each hidden "
            f"neuron, of which there are {on.shape[-1]}.{hint}"
        )
    if signs.dtype != bool and not np.isin(signs, (0, 1)).all():
        raise CheckFailed(
            f"{name}: on should hold True or False; it holds {np.ravel(signs)[:4].tolist()}."
        )
    return got, signs


def _explain(part, variants, cases, found, expected, right):
    """Say what is wrong with all the out or all the on."""
    what = ("out", "on")[part]
    close = np.array_equal if part else _near
    k = int(np.argmin(right))
    name = [*cases][k]
    as_if = [
        words
        for words, run in variants.items()
        if all(
            close(got[part], run(*case)[part])
            for got, case in zip(found, cases.values(), strict=True)
        )
    ]
    mine, want = (np.asarray(pair[k][part], dtype=float) for pair in (found, expected))
    j = int(np.argmax(np.abs(mine - want)))
    if part:
        yours, right_one = ("on" if value[j] else "not on" for value in (mine, want))
        said = f"{name}: on says that neuron {_place(cases[name][0], j)} is {yours}; it is "
        said += f"{right_one}. Right are {(mine == want).sum()} of {len(want)} entries."
    else:
        a, b = unlike(mine[j] + 0.0, want[j] + 0.0)
        said = f"{name}: out[{j}] is {a}; it should be {b}."
        off = np.abs(mine - want).max() / np.abs(want).max()
        if off < 1e-4:
            raise CheckFailed(
                f"{said} It is right to a few digits only: is something rounded, or float32?"
            )
        if len(want) > 1 and np.allclose(mine[::-1], want):
            raise CheckFailed(f"{said} The outputs stand in reversed order.")
    if len(as_if) == 1:
        raise CheckFailed(
            f"{said}\nIn all {len(cases)} cases of this check {what} is as if {as_if[0]}."
        )
    raise CheckFailed(said + _shared(cases, right))


def _near(got, want):
    return np.allclose(got, want, rtol=1e-9, atol=1e-10)


def _place(layers, j):
    """Name hidden neuron number j of all by its layer."""
    for k, (_, b) in enumerate(layers[:-1]):
        if j < len(b):
            return f"{j} of hidden layer {k + 1}"
        j -= len(b)
    raise AssertionError


def _shared(cases, right):
    """Say what the wrong cases share, if nothing but that tells them from the right ones."""
    leaks = np.array([case[2] for case in cases.values()])
    hidden = np.array([len(case[0]) - 1 for case in cases.values()])
    outputs = np.array([len(case[0][-1][1]) for case in cases.values()])
    for words, those in [
        ("with a leak that is not 0", leaks != 0),
        ("with a hidden layer and a leak that is not 0", (leaks != 0) & (hidden > 0)),
        ("with leak 0", leaks == 0),
        ("with more than one hidden layer", hidden > 1),
        ("with a hidden layer", hidden > 0),
        ("with more than two hidden layers", hidden > 2),
        ("without a hidden layer", hidden == 0),
        ("with more than one output", outputs > 1),
    ]:
        if (~right == those).all():
            return f"\nWrong are just the cases {words}."
    return f"\n{right.sum()} of {plural(len(right), 'case is', 'cases are')} right."


def _batches(func, cases):
    """Points of a batch must get what they get alone."""
    rng = np.random.default_rng(0)
    for name, (layers, v, leak) in cases.items():
        for lead in ((4,), (len(v),), (2, 3), (1,)):
            points = rng.normal(size=(*lead, len(v)))
            told = f"{name}, with v of shape {points.shape}"
            alone = [
                _called(func, told, (layers, point, leak)) for point in points.reshape(-1, len(v))
            ]
            both = _called(func, told, (layers, points, leak))
            for part, what in enumerate(("out", "on")):
                want = np.array([one[part] for one in alone])
                check = (*lead, *want.shape[1:])
                if np.shape(both[part]) != check:
                    raise CheckFailed(
                        f"{told}: {what} has shape {np.shape(both[part])}, expected {check}.\nTry: "
                        "the first axes are the batch. What is the axis of the neurons?"
                    )
                got = np.reshape(both[part], want.shape)
                same = np.isclose(got, want).all(axis=1)
                if not same.all():
                    raise CheckFailed(
                        f"{told}: {same.sum()} of {plural(len(same), 'point has', 'points have')} "
                        f"the {what} that you get for each of them alone."
                    )
