"""Exercises on local models."""

import numpy as np

from coursekit.derivatives import dual_derivative
from coursekit.models.convex_calculus import conjugate, dcp_curvature
from coursekit.numbers.softmax import softmax as stable_softmax
from coursekit.objectives import exponential_sum


def ex_derivative_log(curvature, gain_of_one, first_rise):
    """Set curvature, gain_of_one, by how much a step of 1 lowers f, and first_rise, the step from
    which on f rises.
    """
    for eps, gain in ((0.1, 0.185), (0.2, 0.34)):
        mine = 2 * eps - eps**2 * curvature / 2
        assert np.isclose(mine, gain), (
            f"With your curvature the step {eps} gains {mine:.4g}; the log says {gain}."
        )
    assert np.isclose(gain_of_one, 0.5), "The slope promises 2; how much does the curvature take?"
    assert np.isclose(first_rise, 4 / 3), (
        f"A step of {first_rise:.4g} gains {2 * first_rise - 1.5 * first_rise**2:.3g}, not 0."
    )


def ex_derivative_settle(settle):
    """Define settle(slope, x, step, tol)."""
    for name, where, slope, start in (
        ("(x - 1/4)^2", 0.25, lambda x: 2 * (x - 0.25), 1.0),
        ("|x - 2|", 2.0, lambda x: np.sign(x - 2), -1.0),
        ("(x + 3)^4", -3.0, lambda x: 4 * (x + 3) ** 3, -3.0),
    ):
        calls = 0

        def counted(x, slope=slope):
            nonlocal calls
            calls += 1
            assert calls < 10_000, "It asked for 10,000 slopes and has not ended."
            return slope(x)

        end = settle(counted, start, 0.3, 1e-7)
        assert abs(end - where) < 1e-6, f"On {name} from {start} it ends at {end:.7g}, not {where}."


def ex_derivative_classify(classify):
    """Define classify(p), which returns pairs (x, kind) from left to right."""
    ten = np.polynomial.Polynomial([72, 240, 392, 140, -196, -256, 122, 62, -28, -4, 2])
    for p, right in (
        (ten, [(-2.591678, "minimum"), (-2.02431, "maximum"), (-0.412173, "minimum"),
               (1.230737, "maximum"), (1.875371, "minimum")]),
        (ten.fromroots([1, 1, -2]).integ(), [(-2, "minimum"), (1, "saddle")]),
        (ten.fromroots([1, 1, 1, -2]).integ(), [(-2, "maximum"), (1, "minimum")]),
        (ten.fromroots([0, 0, 0, 0]).integ(), [(0, "saddle")]),
    ):  # fmt: skip
        found = [(float(x), kind) for x, kind in classify(p)]
        said = ", ".join(f"{kind} {x:.4g}" for x, kind in found)
        assert len(found) == len(right), (
            f"With {p.degree() - 1} roots of p' there are {len(right)} different critical points; "
            f"yours: {said}."
        )
        for (x, kind), (at, word) in zip(found, right, strict=True):
            assert abs(x - at) < 1e-3, f"There is a {word} at {at}; yours: {said}."
            assert kind == word, f"Look at the slope on both sides of {at:.4g}; yours: {said}."


def ex_derivative_nan(safe_sinc):
    """Define safe_sinc(x)."""
    x = np.array([-2.0, 0.0, 1.0, 3.0])
    apart = np.where(x == 0, 1, x)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, found = np.asarray(safe_sinc(x), float), dual_derivative(safe_sinc, x)
    assert np.allclose(value, np.where(x == 0, 1, np.sin(x) / apart)), (
        f"Its values at {x} are {value.round(4)}."
    )
    slope = np.where(x == 0, 0, np.cos(x) / apart - np.sin(x) / apart**2)
    assert not np.isnan(found).any(), f"Its slopes at {x} are {found.round(4)}: who divides by 0?"
    assert np.allclose(found, slope), f"Its slopes at {x} are {found.round(4)}."


def ex_derivative_rule(reveals, by_a, by_b):
    """Set reveals, a number, and define by_a(a, b) and by_b(a, b)."""
    assert not np.isclose(1 / reveals, 1 / reveals**2), (
        f"At {reveals} the wrong rule gives {-1 / reveals:.4g}, and so does the right one."
    )
    a, b = np.random.default_rng(0).uniform(-3, 3, (2, 20))
    for name, rule, f in (
        ("by_a", by_a, lambda h: np.sqrt((a + h) ** 2 + b**2)),
        ("by_b", by_b, lambda h: np.sqrt(a**2 + (b + h) ** 2)),
    ):
        off = np.abs(rule(a, b) - np.imag(f(1e-30j)) / 1e-30).max()
        assert off < 1e-12, f"{name} is off by {off:.1e} at random points."


def ex_gradient_screen(screen_angle):
    """Define screen_angle(g, window, box), in degrees."""
    rng = np.random.default_rng(5)
    for g, ends, box in rng.uniform(1, 3, (4, 3, 2)):
        window = ((-ends[0], ends[0]), (0, ends[1]))
        pixels = 100 * box / np.ptp(window, axis=1)
        contour = pixels * [-g[1], g[0]]
        found = screen_angle(g, window, 100 * box)
        assert np.ndim(found) == 0, "It should be one number."
        assert not np.isclose(found, _degrees(pixels * g, contour)), (
            "This is what angles='xy' shows: the default arrow is not stretched."
        )
        right = _degrees(g, contour)
        assert not np.isclose(found, np.radians(right)), "That is in radians."
        assert np.isclose(found, right), (
            f"It gives {found:.2f}, not {right:.2f}: how many pixels is a unit, each way?"
        )


def _degrees(a, b):
    return np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))


def ex_gradient_units(slope_in_units):
    """Define slope_in_units(g, scale), the slope per metre of the way that is chosen."""
    rng = np.random.default_rng(6)
    for n in (2, 3):
        g, scale = rng.uniform(1, 3, n) * [2, -1, 1][:n], np.arange(1, n + 1)
        found, step = slope_in_units(g, scale), scale**2 * g
        assert np.ndim(found) == 0, "It should be one number."
        once = scale * g
        assert not np.isclose(found, -(g @ once) / np.linalg.norm(once)), (
            "The step is still one of y: turn it back into x."
        )
        right = -(g @ step) / np.linalg.norm(step)
        assert not np.isclose(found, -right), "The way down has a negative slope."
        assert np.isclose(found, right), f"It gives {found:.4f} for {g} and {scale}."


def ex_gradient_slopes(gradient_from_slopes, rough_place):
    """Define gradient_from_slopes(U, slopes), and set rough_place to "A" or "B"."""
    rng = np.random.default_rng(7)
    for m in (2, 3, 7):
        U = rng.normal(size=(m, 2))
        U = U / np.linalg.norm(U, axis=1, keepdims=True)
        slopes = rng.normal(size=m)
        g, misfit = gradient_from_slopes(U, slopes)
        right = np.linalg.lstsq(U, slopes, rcond=None)[0]
        assert np.shape(g) == (2,), f"The gradient should have shape (2,), not {np.shape(g)}."
        assert np.allclose(g, right), f"With {m} directions it does not fit best."
        assert np.isclose(misfit, np.abs(U @ right - slopes).max(), atol=1e-12), (
            "The misfit is the largest difference between U @ g and the slopes, without sign."
        )
    assert rough_place == "B", "At A the slopes along 0 and 90 degrees predict the third."


def ex_gradient_normal(normal_gradient):
    """Define normal_gradient(S, C), for matrices of one shape (n, n)."""
    rng = np.random.default_rng(8)
    for n in (2, 3):
        S, C = rng.normal(size=(2, n, n)) + 3 * np.eye(n)
        found = np.asarray(normal_gradient(S.copy(), C.copy()))
        assert found.shape == (n, n), f"It should have shape ({n}, {n}), not {found.shape}."
        inverse_T = np.linalg.solve(S.T, np.eye(n))
        right = inverse_T - inverse_T @ C.T @ inverse_T
        assert not np.allclose(found, right.T), "It is the transpose: which entry is s_ij?"
        assert not np.allclose(found, inverse_T - inverse_T @ C @ inverse_T), (
            "It is right for symmetric C only."
        )
        assert np.allclose(found, right), "It is not what differences of the function give."


def ex_gradient_plateau(steps_from, hours):
    """Define steps_from(r), and set hours, the time from distance 5."""
    for r, steps in ((2, 70), (3, 2618), (4, 1_488_930)):
        found = steps_from(r)
        assert np.isclose(found, steps, rtol=0.03), (
            f"From {r} it gives {found:,.0f}, but the descent took {steps:,} steps."
        )
    assert np.isclose(hours, 2.087, rtol=0.05), "A million microseconds are a second."


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
