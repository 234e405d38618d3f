"""Exercises on local models."""

import numpy as np

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
