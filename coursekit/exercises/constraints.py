"""Exercises on constraints."""

import numpy as np


def ex_kkt_box(project_box):
    """Define project_box(z), which returns x, mu_low, mu_high."""
    for z in np.random.default_rng(2).normal(size=(20, 3)) * 2:
        x, low, high = project_box(z)
        assert np.shape(x) == np.shape(low) == np.shape(high) == (3,), "All three have shape (3,)."
        assert np.min(x) >= 0 and np.max(x) <= 1, "A point lies outside of the box."
        assert min(np.min(low), np.min(high)) >= 0, "A multiplier is negative."
        assert np.allclose(x - z - low + high, 0), "Stationarity is violated: look at the signs."
        assert np.allclose([low * x, high * (1 - x)], 0), "Slackness: only active ones may push."


def ex_kkt_reports(ada, ben):
    """Set ada and ben, the multipliers with which they got their lines."""
    assert ada != -ben or ada == 0, "Ada's is negative. find_multipliers never returns such a one."
    assert np.isclose(ada, -2), (
        "Ada's balances the gradient 2 with the constraint x - 1 as she gave it."
    )
    assert np.isclose(ben, 0), "find_multipliers refuses a negative multiplier: what remains?"


def ex_kkt_disc(disc_point, disc_mu):
    """Set disc_point and disc_mu, the minimizer and its multiplier for the first description."""
    x = np.asarray(disc_point, float)
    assert np.isclose(x @ x, 2), "The minimizer lies on the circle."
    assert x.sum() < 0, "That is not the lowest point of the circle."
    assert np.allclose(x[0], x[1]), "By symmetry both coordinates are equal."
    assert np.allclose(1 + 2 * disc_mu * x, 0), (
        "disc_mu does not balance the gradients: 1 + 2 mu x."
    )


def ex_kkt_penalty(errors):
    """Set errors, 1 - x1 at the end of the three runs."""
    for rho, error in zip((10, 100, 1000), errors, strict=True):
        slope = 1 - error - rho * error
        assert abs(slope) < 1e-3, f"For rho = {rho} the slope in x1 is not 0, but {slope:.2g}."


def ls_exercise_digits(single, double, *, powers):
    """Set single and double, the degrees that you predict."""
    kappa = {d: np.linalg.cond(powers(d)) for d in range(1, 13)}
    for name, mine, eps in [("single", single, 2.0**-23), ("double", double, 2.0**-52)]:
        right = min(d for d in kappa if kappa[d] ** 2 * eps >= 1)
        assert mine >= right, f"In {name} precision, at degree {mine} a digit should be left."
        assert mine <= right, f"In {name} precision it happens before degree {mine}."


def ls_exercise_projection(projected, *, AA, Ab):
    """Set projected, the point where your iteration ends."""
    assert np.isclose(np.linalg.norm(projected), 1), "It should end on the circle of radius 1."
    down = Ab - AA @ projected
    assert np.isclose(down @ projected, np.linalg.norm(down)), (
        "The gradient there is no multiple of the point: more steps, or a smaller one?"
    )


def ls_exercise_logs(direction, *, powers):
    """Set direction, a unit vector along which errors of the coefficients hardly move the curve."""
    A, d = powers(6), np.asarray(direction, float)
    assert d.shape == (A.shape[1],), f"It should have one entry a coefficient, {A.shape[1]}."
    assert np.isclose(np.linalg.norm(d), 1), "It should have length 1."
    moved, least = np.linalg.norm(A @ d), np.linalg.svd(A, compute_uv=False)[-1]
    assert moved < 3 * least, f"It moves the curve by {moved:.2g}; another one by {least:.2g}."


def ls_exercise_loo(leave_one_out, *, basis, yk):
    """Define leave_one_out(lam), the mean of the squared errors."""
    for lam in (1e-3, 0.1):
        errors = []
        for i in range(len(yk)):
            rest = np.arange(len(yk)) != i
            A = basis[rest]
            x = np.linalg.solve(A.T @ A + lam * np.eye(A.shape[1]), A.T @ yk[rest])
            errors.append(basis[i] @ x - yk[i])
        found, right = leave_one_out(lam), np.mean(np.square(errors))
        assert np.isclose(found, right, rtol=1e-4), (
            f"For lam = {lam} it is {found:.4g}; leaving out each point in turn gives {right:.4g}."
        )


def ex_lp_certificate(witness):
    """Set witness, the two factors of the equations."""
    y = np.asarray(witness, float)
    assert y.shape == (2,), "It should have one number for each equation, two."
    left, right = np.array([[2, 1, 3], [3, 2, 4]]).T @ y, np.array([5, 12]) @ y
    assert left.max() <= 1e-9, f"The left side, {left}, has a positive coefficient."
    assert right > 1e-9, f"The right side is {right:.3g}: there is no contradiction."


def ex_lp_log(n_variables, mu_needed):
    """Set n_variables and mu_needed."""
    assert np.isclose(n_variables, 25), "The gap, 81.30 - 80.05, is n times mu."
    assert mu_needed * n_variables <= 1.001e-6, "At that mu the gap is still above 1e-6."
    assert np.isclose(mu_needed, 4e-8, rtol=1e-3), "A larger mu will do."


def ex_lp_cut(narrow, new_capacity, *, network, sides):
    """Set narrow, such as ("a", "b"), and new_capacity."""
    edge = tuple(narrow)
    assert edge in network, f"There is no pipe {edge}."
    assert new_capacity < network[edge], f"Its capacity was {network[edge]}: reduce it."

    def is_only_cut(capacity):
        changed = network | {edge: capacity}
        sums = [sum(c for (u, v), c in changed.items() if u in S and v not in S) for S in sides]
        least = [side for side, total in zip(sides, sums, strict=True) if total == min(sums)]
        return least == [{"s"}]

    assert is_only_cut(new_capacity), "Another cut is as small, or smaller."
    assert not is_only_cut(new_capacity + 1), "A larger capacity will do."


def ex_lp_game(premium_x):
    """Set premium_x, the three probabilities."""
    x = np.asarray(premium_x, float)
    assert x.shape == (3,) and x.min() >= 0, "It should have three entries, none negative."
    assert np.isclose(x.sum(), 1), "Probabilities have the sum 1."
    pays = x @ np.array([[0, 1, -2], [-1, 0, 3], [2, -3, 0]])
    assert pays.max() < 1e-3, f"Y can get {pays.max():.3g}, by column {pays.argmax() + 1}."


def ex_lp_line(flat_fit):
    """Define flat_fit(t, values), which returns slope, intercept and error."""
    for t, values, best in (
        ([-1, 0, 1], [1, 0, 1], 0.5),
        ([0, 1, 2, 3], [0, 1, 2, 7], 4 / 3),
        ([0, 1, 2], [0, -1, -4], 0.5),
    ):
        t, values = np.array(t, float), np.array(values, float)
        slope, intercept, error = flat_fit(t, values)
        worst = np.abs(slope * t + intercept - values).max()
        assert np.isclose(worst, error), (
            f"For {values} the largest error of your line is {worst:.4g}, and you say {error:.4g}."
        )
        assert worst < best + 1e-6, f"For {values} a line has a largest error of {best:.4g}."
