"""Exercises on numbers in a machine."""

import math

import numpy as np

from coursekit.numbers.softmax import softmax as stable_softmax


def ex_fp_binary(binary_digits):
    """Define binary_digits(x, n), which returns a text."""
    for x, n in ((0.375, 4), (0.8125, 6), (0.5, 1), (0.1, 60)):
        found = binary_digits(x, n)
        assert isinstance(found, str), f"It should return a text, not {type(found).__name__}."
        assert len(found) == n, f"For n = {n} the text has {len(found)} digits."
        top, low = x.as_integer_ratio()
        right = f"{top * 2**n // low:0{n}b}"
        at = next((i for i in range(n) if found[i] != right[i]), None)
        assert at is None, (
            f"Of {x}, digit {at + 1} behind the point is {right[at]}, not {found[at]}."
        )


def ex_fp_standstill(stops_at):
    """Define stops_at(step, F)."""
    for step, F, right in (
        (1.0, 23, 24),
        (0.1, 23, 21),
        (3.0, 10, 13),
        (0.25, 52, 51),
        (5.0, 7, 11),
    ):
        found = stops_at(step, F)
        assert found == 2.0**right, (
            f"With F = {F} and the step {step} it is {found:.10g}. At {2.0**right:.10g} the gap is "
            f"{2.0 ** (right - F):g} above and half of it below."
        )


def ex_fp_close(close, fooled):
    """Define close(a, b, rtol, atol), and set fooled to a pair."""
    for a, b, rtol, atol, right in (
        (1.0, 1.0 + 1e-7, 1e-6, 0.0, True),
        (-4.0, -4.0 - 1e-3, 1e-6, 0.0, False),
        (1e-20, 0.0, 1e-6, 0.0, False),
        (1e-20, 0.0, 1e-6, 1e-12, True),
        (3.0, -3.0, 1e-6, 1e-12, False),
        (1.0, 2.0, 0.5, 0.0, True),  # of the larger size
        (2.0, 1.0, 0.5, 0.0, True),
        (math.inf, math.inf, 1e-6, 0.0, True),
        (math.inf, 1.0, 1e-6, 0.0, False),
        (math.nan, math.nan, 1e-6, 0.0, False),
    ):
        assert bool(close(a, b, rtol, atol)) == right, (
            f"close({a}, {b}, {rtol}, {atol}) should be {right}; they differ by {abs(a - b):.3g}."
        )
    a, b = fooled
    assert 0 < abs(a - b) < 1e-12, f"Your pair differs by {abs(a - b):.3g}, not by less than 1e-12."
    assert not abs(a - b) <= 1e-6 * max(abs(a), abs(b)), "For your pair rtol=1e-6 is enough."


def ex_fp_step(exact_steps):
    """Set exact_steps to the list of the steps that are taken exactly."""
    right = {2.0**-27, 3 * 2.0**-30, 2.0**-53}
    for h in exact_steps:
        assert float(h) in {*right, 2.0**-54, 1e-8}, f"{h} is not one of the five."
        assert float(h) in right, f"{h} is no multiple of the gap: look for an x where it fails."
    missing = right - {float(h) for h in exact_steps}
    assert not missing, f"{max(missing, default=0)} is taken exactly, too. Which x says no?"


def ex_fp_mean(mean16):
    """Define mean16(x) for a float16 array with 2**k entries."""
    for size in (1, 8, 2**15):
        x = np.random.default_rng(size).uniform(2, 5, size).astype(np.float16)
        before = x.copy()
        with np.errstate(over="ignore"):
            found = mean16(x)
        assert np.array_equal(x, before), "It changes the array that it is given."
        assert getattr(found, "dtype", None) == np.float16, (
            f"The result should be float16, not {getattr(found, 'dtype', type(found).__name__)}."
        )
        assert np.isfinite(found), f"For {size} losses it is {found}: what becomes too large?"
        true = x.astype(float).mean()
        assert abs(float(found) - true) < 8e-3 * true, (
            f"For {size} losses it is {found}, and the mean is {true:.4f}."
        )


def ex_softmax_log(clip):
    """Set clip, the probability whose negative logarithm is 16.118096."""
    assert clip > 0, "A probability that has a logarithm is above 0."
    assert np.isclose(-np.log(clip), 16.118096, atol=1e-4), (
        f"-log of your clip is {-np.log(clip):.6g}, not the number of the log."
    )


def ex_softmax_reach(reach):
    """Define reach(n), the largest c for which textbook is right for n equal logits c."""
    for n in (1, 7, 1000):
        found, predicted = reach(n), np.log(np.finfo(float).max / n)
        assert np.isfinite(found), f"reach({n}) is not finite."
        assert abs(found - predicted) < 1e-6, (
            f"reach({n}) is {found:.6f}: {'too large' if found > predicted else 'too small'}. "
            "What has to stay finite is the sum."
        )


def ex_softmax_batch(rows, apart):
    """Set rows, a batch of two rows for which the colleague fails, and apart, how far apart
    two rows may be, roughly.
    """
    rows = np.asarray(rows, float)
    assert rows.ndim == 2 and len(rows) == 2, (
        f"rows should hold two rows; its shape is {rows.shape}."
    )
    assert np.isfinite(stable_softmax(rows)).all(), "softmax itself fails here: take finite logits."
    sums = np.exp(rows - rows.max()).sum(axis=-1)
    assert sums.min() == 0, f"The smallest sum is {sums.min():.2g}, above 0: this batch works."
    assert 690 < apart < 750, (
        "Somewhere between 0 and 1000 the smallest positive number is reached."
    )


def ex_softmax_temperature(temperature_for):
    """Define temperature_for(x, entropy)."""
    x = np.random.default_rng(11).normal(size=8)
    for wanted in (0.4, 1.3, 1.9):
        p = stable_softmax(x / temperature_for(x, wanted))
        p = p[p > 0]
        found = -(p * np.log(p)).sum()
        assert np.isclose(found, wanted, atol=1e-4), (
            f"For the entropy {wanted} your temperature gives {found:.4f}. Is it in nats, and does "
            "the entropy grow with T?"
        )


def ex_conditioning_variance(variance):
    """Define variance(x), which keeps the digits that the problem leaves."""
    x = 1e8 + np.tile([-1.0, 0.5, 0.5, 0.0], 25)  # exact, with the variance 3/8
    found = variance(x)
    assert np.isclose(variance(x - 1e8), 0.375), "Even for numbers near 0 this is no variance."
    assert np.isclose(found, 0.375, rtol=1e-6), (
        f"For a sensor near 1e8 it is {found:.6g}: is a difference of two huge numbers left?"
    )


def ex_conditioning_cosine(one_minus_cos):
    """Define one_minus_cos(x), right to 15 digits."""
    for x in (2.0, 1e-3, 1e-8):
        right, found = 2 * np.sin(x / 2) ** 2, one_minus_cos(x)
        assert abs(found - right) < 1e-14 * right, f"At x = {x} it has not 15 digits: {found:.16g}."


def ex_conditioning_distance(E, change):
    """Set E, the matrix that was subtracted, and change, by how much 4.1 must change."""
    A = np.array([[4.1, 2.8], [9.7, 6.6]])
    assert np.shape(E) == (2, 2), f"E should have shape (2, 2), not {np.shape(E)}."
    sizes = np.linalg.svd(A - E, compute_uv=False)
    assert sizes[-1] < 1e-10 * sizes[0], "A - E is not singular."
    relative = np.linalg.norm(E, 2) / np.linalg.norm(A, 2)
    assert np.isclose(relative * np.linalg.cond(A), 1), "A smaller E makes A singular, too."
    assert np.isclose((4.1 + change) * 6.6, 2.8 * 9.7), "With this change of 4.1, det is not 0."


def ex_conditioning_polynomial(two_degrees):
    """Set two_degrees, the smallest degrees: for nodes in [0, 1] and in [-1, 1]."""
    for left, degree in zip((0, -1), two_degrees, strict=True):
        nodes = np.linspace(left, 1, 20)
        kappa = [np.linalg.cond(np.vander(nodes, d + 1, increasing=True)) for d in range(20)]
        right = next(d for d in range(20) if kappa[d] ** 2 > 1 / np.finfo(float).eps)
        assert degree >= right, f"In [{left}, 1], at degree {degree} some digits are left."
        assert degree <= right, f"In [{left}, 1] a smaller degree than {degree} is enough."
