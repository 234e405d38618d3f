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


def ex_lagrange_signs(sigma, rise):
    """Set sigma, the scale of the third constraint, and rise, what the minimum gains."""
    assert np.isclose(-2 * sigma, -0.4), (
        f"With sigma = {sigma:.3g} the forces would be {-2 * sigma:.3g} and -0.4 times (3, 4)."
    )
    assert rise > 0, "The line moves away from the origin: can the minimum fall?"
    assert abs(rise - 0.04) < 6e-4, f"The multiplier is -0.4; what makes {rise:.3g} of it?"


def ex_lagrange_eigen(ways_up):
    """Define ways_up(S)."""
    for n in (2, 3, 5):
        M = np.random.default_rng(n).normal(size=(n, n))
        S = M @ M.T + np.eye(n)
        found = [int(k) for k in ways_up(S)]
        assert len(found) == n, f"There are {n} eigenvectors; your list has {len(found)} numbers."
        assert found != [n - 1] * n, "That is the curvature of f. Take the Hessian of L."
        assert found[0] >= found[-1], "From the last eigenvector, the maximum, nothing rises."
        assert found == list(range(n))[::-1], f"For n = {n} yours are {found}: compare two values."


def ex_lagrange_entropy(least_biased):
    """Define least_biased(E, U), which returns p and beta."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        E = rng.normal(size=5)
        U = rng.dirichlet(np.ones(5)) @ E
        p, beta = least_biased(E, U)
        p = np.asarray(p, float)
        assert np.all(p > 0) and np.isclose(p.sum(), 1), "These are no probabilities."
        assert np.isclose(p @ E, U), f"The mean is {p @ E:.4g}, but {U:.4g} is prescribed."
        slope = np.log(p[1:] / p[0]) / (E[1:] - E[0])
        assert np.allclose(slope, slope[0], rtol=1e-5, atol=1e-8), (
            "Another one with this mean has more entropy: log p is no straight line in E."
        )
        assert np.isclose(beta, -slope[0], rtol=1e-5, atol=1e-8), (
            f"p is right and falls with exp({slope[0]:.4g} E); beta = {beta:.4g} is not that."
        )


def ex_lagrange_log(schur, updates):
    """Set schur, the number s, and updates."""
    ratio = 1 + 100 * schur
    assert abs(ratio - 21) < 0.5, f"Each update would divide |h| by {ratio:.3g}; see the log."
    assert updates == int(updates) and updates > 0, "updates should be a whole number."
    left = 1.5 / 201.0**updates
    assert left < 1e-10, f"After {updates} updates |h| is still {left:.1e}."
    assert updates == 5, f"Fewer are enough: before the last one |h| is {201 * left:.1e}."


def ex_lagrange_weights(line_fit):
    """Set line_fit, the two coefficients u."""
    u, sigma = np.asarray(line_fit, float), np.array([0.1, 0.1, 0.1, 5])
    B, d = np.column_stack([np.ones(4), np.arange(4.0)]), np.array([1, 2, 2.5, 10])
    assert u.shape == (2,), f"It should hold two numbers, not shape {u.shape}."
    for power, said in (
        (0, "All measurements have the same weight here: where are the deviations?"),
        (4, "The weights are 1 / sigma^4: the resistances are squares already."),
    ):
        w = 1 / sigma**power
        other = np.linalg.solve(B.T @ (w[:, None] * B), B.T @ (w * d))
        assert not np.allclose(u, other, rtol=1e-6), said
    slope = B.T @ ((d - B @ u) / sigma**2)
    assert np.abs(slope).max() < 1e-6, f"The gradient of the sum there is {slope.round(3)}, not 0."


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
