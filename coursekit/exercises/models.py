"""Exercises on local models."""

import numpy as np

from coursekit.models.convex_calculus import conjugate, dcp_curvature
from coursekit.numbers.softmax import softmax as stable_softmax
from coursekit.objectives import exponential_sum


def ex_jh_newton(newton_log):
    """Define newton_log(transpose), the list of errors with J or with its transpose."""
    right, wrong = np.asarray(newton_log(False)), np.asarray(newton_log(True))
    assert right.ndim == wrong.ndim == 1 and min(len(right), len(wrong)) >= 3, (
        "It should return a list of at least three errors."
    )
    assert right[2] < 1e-4, f"With J the third error is {right[2]:.1e}: it should square each time."
    factors = wrong[:-1] / wrong[1:]
    assert 3 < factors[0] < 10, (
        f"Transposed, the first error falls {factors[0]:.1f} times: look at J."
    )


def ex_jh_trace(found, *, ramp):
    """Set found, the list of your five estimates."""
    exact = 2 * np.cosh(np.diff(ramp)).sum()
    assert len(found) == 5, f"There should be five estimates, not {len(found)}."
    assert np.ptp(found) > 0, "The five are equal: give each its own seed."
    off = np.abs(np.asarray(found) / exact - 1).max()
    assert off < 0.05, f"One is {off:.0%} off the trace: are the entries of d ±1, is it a mean?"


def ex_jh_undecided(origin):
    """Set origin = (..., ...): for each function "minimum", "maximum" or "saddle"."""
    for number, (word, right) in enumerate(zip(origin, ("minimum", "saddle"), strict=True), 1):
        assert word in ("minimum", "maximum", "saddle"), f"{word!r} is none of the three words."
        assert word == right, f"Function {number}: look at its values on a small circle again."


def ex_jh_kink(z_here, chord_slope):
    """Set z_here, the vector b1 + A1 v at these weights, and chord_slope, that of the chord of
    ReLU from -h to h.
    """
    assert np.shape(z_here) == (4,), f"z_here should have shape (4,), not {np.shape(z_here)}."
    assert np.any(np.asarray(z_here) == 0), "One entry of z is the reason: compute b1 + A1 v again."
    assert chord_slope != 0 and chord_slope != 1, (
        "That is the slope on one side. The chord goes over both."
    )
    assert np.isclose(chord_slope, 0.5), "ReLU at h less ReLU at -h, divided by 2h."


def ex_taylor_lse(hessian):
    """Define hessian(x), the right Hessian of logsumexp, for x of shape (5,)."""
    x = np.random.default_rng(9).normal(size=5)
    H, h = np.asarray(hessian(x)), 1e-6
    assert H.shape == (5, 5), f"It should have shape (5, 5), not {H.shape}."
    steps = h * np.eye(5)
    numeric = [(stable_softmax(x + d) - stable_softmax(x - d)) / (2 * h) for d in steps]
    assert not np.allclose(H, np.diag(stable_softmax(x))), "This is the student's."
    assert np.allclose(H, numeric, atol=1e-7), "It is not the derivative of softmax."


def ex_taylor_rate(from_log, largest_eigenvalue):
    """Set from_log, the largest eigenvalue of the log, and define largest_eigenvalue(A, s), which
    runs with the step s.
    """
    factor = 1 - 0.3 * from_log
    assert np.isclose(abs(factor), 1.4), f"Your eigenvalue makes a factor of {factor:.2f}."
    for seed in (3, 4):
        M = np.random.default_rng(seed).normal(size=(4, 4))
        A = M @ M.T + np.eye(4)
        exact = np.linalg.eigvalsh(A)[-1]
        found = largest_eigenvalue(A, 2.5 / exact)
        assert np.isclose(found, exact, rtol=0.01), f"It finds {found:.4g}, not {exact:.4g}."


def ex_taylor_noise(best_h):
    """Set best_h, the step that you predict."""
    assert best_h > 1e-3, f"With {best_h:.1e} the rounding to six decimals is magnified too much."
    assert best_h < 0.1, f"With {best_h:.1e} the truncation error is too large."
    assert 0.004 < best_h < 0.03, "The order of magnitude is right; put η = 5e-7 into the theorem."


def ex_taylor_complex(by_complex_step):
    """Set by_complex_step, the gradient of exponential_sum at (0.3, 0.7)."""
    right = exponential_sum.grad(np.array([0.3, 0.7]))
    assert np.shape(by_complex_step) == (2,), f"Its shape is {np.shape(by_complex_step)}, not (2,)."
    off = np.abs(by_complex_step - right).max()
    assert off < 1e-14, f"It is {off:.1e} off: take the imaginary part, divided by h."


def ex_convexity_average(above_chord, largest_ensemble):
    """Set above_chord, by how much convexity is violated in the weights, and largest_ensemble,
    the largest loss that the mean of the logits can have.
    """
    assert above_chord > 0, "The third loss is above the chord, so the amount is positive."
    assert not np.isclose(above_chord, 2.31), "Above the chord, not above 0."
    assert np.isclose(above_chord, 2.16), "The chord in the middle is the mean of the two losses."
    assert not np.isclose(largest_ensemble, 0.18), "True, but convexity promises less than that."
    assert np.isclose(largest_ensemble, 0.15), "In the logits, cross-entropy is below its chords."


def ex_convexity_impostor(impostor, his_witness):
    """Define impostor(t), which passes his test on [-2, 2], and set his_witness = (x, y, p)."""
    x, y = np.random.default_rng(0).uniform(-2, 2, (2, 10_000))
    higher = np.maximum(impostor(x), impostor(y))
    failed = (impostor((x + y) / 2) > higher + 1e-12 * np.abs(higher)).sum()
    assert failed == 0, f"It fails his test for {failed} of 10000 pairs."
    x, y, p = his_witness
    assert max(abs(x), abs(y)) <= 2, "The witness should have x and y in [-2, 2]."
    assert 0 < p < 1, "At p = 0 and p = 1 no function fails."
    excess = impostor(p * x + (1 - p) * y) - (p * impostor(x) + (1 - p) * impostor(y))
    assert excess > 1e-6, f"At your witness the graph is {excess:.2g} above the chord."


def ex_convexity_dcp(dcp_words, convex_anyway):
    """Set dcp_words, a list of six words, and convex_anyway, the numbers (1 to 6) of the unknown
    ones that are convex.
    """
    assert len(dcp_words) == 6, f"There are six expressions, and you have {len(dcp_words)} words."
    square = ("affine", "neither")
    right = [
        dcp_curvature("convex", (dcp_curvature("affine", ("concave", "decreasing")), "increasing")),
        dcp_curvature("concave", ("convex", "increasing")),
        dcp_curvature("convex", ("convex", "increasing")),
        "unknown",
        dcp_curvature("convex", (dcp_curvature("convex", square), "neither")),
        dcp_curvature("affine", ("concave", "decreasing"), ("concave", "decreasing")),
    ]
    for number, (mine, word) in enumerate(zip(dcp_words, right, strict=True), 1):
        assert mine in ("convex", "concave", "affine", "unknown"), f"{mine!r} is no such word."
        assert mine == word, (
            f"Expression {number} is not {mine!r} to the rule: go through it from inside."
        )
    assert 5 not in convex_anyway, "Compare the values of the fifth at -1, 0 and 1."
    assert set(convex_anyway) == {2, 4}, "Draw the unknown ones."


def ex_convexity_constants(constants):
    """Define constants(A, lam), which returns m and M."""
    for seed, lam in ((0, 0.0), (1, 0.3)):
        A = np.random.default_rng(seed).normal(size=(6, 3))
        steepest = np.linalg.eigvalsh(A.T @ A)[-1]
        m, top = constants(A, lam)
        assert m <= lam + 1e-12, (
            f"m = {m:.3g} with lam = {lam}: far away the first sum does not bend."
        )
        assert top >= steepest / 4 + lam - 1e-9, (
            f"M = {top:.3g} is too small: at w = 0 the Hessian has {steepest / 4 + lam:.3g}."
        )
        assert np.isclose(m, lam, atol=1e-12), f"A larger m than {m:.3g} can be proved."
        assert top < steepest / 4 + lam + 1e-9, f"A smaller M than {top:.3g} can be proved."


def ex_convexity_reach(safe_slopes):
    """Set safe_slopes, the pair of the lowest and the highest slope that the grid can serve."""
    low, high = safe_slopes
    x = np.linspace(-2, 2, 401)
    for name, slope, inward in (("lowest", low, 1.02), ("highest", high, 0.98)):
        assert slope > 0, f"No tangent of e^x has the slope {slope:.3g}."
        at = conjugate(x, np.exp(x), [slope * inward])[1]
        assert abs(at) < 2, f"With the {name} slope the line touches beyond the grid."
    assert np.isclose(low, np.exp(-2), rtol=0.02), f"There are safe slopes below {low:.3g}."
    assert np.isclose(high, np.exp(2), rtol=0.02), f"There are safe slopes above {high:.3g}."
