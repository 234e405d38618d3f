"""Exercises on descent."""

import numpy as np

from coursekit.objectives import bowl, exponential_sum, hill_and_well, himmelblau


def gd_exercise_bug(result):
    """Set result, both coordinates at the end of the repaired loop."""
    a, b = result
    assert not np.isclose(b, 1), (
        "The second coordinate has not moved from 1: does the loop update it?"
    )
    assert max(abs(a), abs(b)) < 1e-6, (
        f"({a:.2g}, {b:.2g}) is not the minimum: are both slopes taken at the same point?"
    )


def gd_exercise_log(two_curvatures, largest_step, best_step):
    """Set two_curvatures (first, second), largest_step, the limit, and best_step."""
    for at, factor in enumerate((0.85, -1.1)):
        mine = 1 - 0.3 * two_curvatures[at]
        assert np.isclose(mine, factor), (
            f"two_curvatures[{at}] makes the factor {mine:.3g}: see the log."
        )
    assert np.isclose(largest_step * max(two_curvatures), 2), (
        "At the limit the factor of the steep one is -1."
    )
    low, high = (abs(1 - best_step * c) for c in two_curvatures)
    assert np.isclose(low, high), (
        f"With best_step the factors are {low:.3f} and {high:.3f} in size."
    )


def gd_exercise_zero(suspects):
    """Define suspects(f, grad, x)."""
    x = np.array([3.0, 2.0])
    for signs, wrong in [([1, -1], [1]), ([-1, 1], [0]), ([1, 1], []), ([2, 0], [0, 1])]:
        found = (
            np.ravel(suspects(bowl, lambda x, s=signs: bowl.grad(x) * s, x)).astype(int).tolist()
        )
        assert found == wrong, (
            f"With the gradient of the bowl times {signs} the wrong components are {wrong}; "
            f"yours are {found}."
        )


def gd_exercise_closed_form(my_minimizer):
    """Set my_minimizer, the point of your formula as two numbers."""
    assert np.shape(my_minimizer) == (2,), "It should hold two numbers."
    slope = exponential_sum.grad(np.asarray(my_minimizer, float))
    assert np.abs(slope).max() < 1e-12, f"The gradient there is {slope.round(6)}, not zero."


def land_exercise_survive(held):
    """Set held = [..., ..., ..., ...], how many of the three minima hold for each step."""
    assert len(held) == 4, "There are four steps."
    assert list(held) == sorted(held, reverse=True), "A larger step cannot hold more minima."
    wrong = [
        k for k, (mine, right) in enumerate(zip(held, (3, 2, 1, 0), strict=True)) if mine != right
    ]
    assert not wrong, f"Step number {wrong[0] + 1} is not right: compare it with 2 / curvature."


def land_exercise_schedule(s0_lambda, steps):
    """Set s0_lambda, and steps, how many bring the distance to 0.01."""
    ratio = 10.0**-s0_lambda
    assert abs(ratio - 0.17 / 0.27) < 0.01, (
        f"Ten times as many steps would multiply the distance by {ratio:.3f}; see the log."
    )
    assert 1e10 < steps < 2e10, "From 0.107 after 100,000, follow the same power down to 0.01."


def land_exercise_ends(found_ends):
    """Set found_ends, an array with one row for each different end of himmelblau."""
    ends = np.asarray(found_ends, float)
    assert ends.ndim == 2 and ends.shape[1] == 2, (
        f"Its shape should be (ends, 2), not {ends.shape}."
    )
    far = np.linalg.norm(ends[:, None] - himmelblau.minimizers, axis=-1)  # (ends, minimizers)
    assert far.min(axis=1).max() < 0.02, "One of the ends is no minimum: has that run finished?"
    assert far.min(axis=0).max() < 0.02, "A minimum is missing: try more starts."
    assert len(ends) == len(himmelblau.minimizers), "Some ends are there twice: round them."


def land_exercise_log(creeping_step, dead_step):
    """Set creeping_step and dead_step: which of 0.001 and 3 ended where?"""
    assert {creeping_step, dead_step} == {0.001, 3}, "Set each to one of 0.001 and 3."
    assert creeping_step < dead_step, "Look at the gradient of the first layer of both nets."


def nt_exercise_log(growth_order, stretch):
    """Set growth_order, the m of the log, and stretch, the factor for the steps."""
    factor = (growth_order - 2) / (growth_order - 1)
    assert np.isclose(factor, 0.8), (
        f"With m = {growth_order} a step multiplies the distance by {factor:.3f}; see the log."
    )
    left = 1 - stretch / 5
    assert np.isclose(left, 0), (
        f"A step of the log goes a fifth of the way; {stretch} times that leaves {left:.2f} of it."
    )


def nt_exercise_cycle(cycle_start, cycle_growth):
    """Set cycle_start, the positive a, and cycle_growth, the factor of one step."""
    after = 2 * cycle_start**3 / (3 * cycle_start**2 - 1)
    assert cycle_start > 0, "The start should be positive."
    assert np.isclose(after, -cycle_start, rtol=1e-6), (
        f"A full step leads from {cycle_start:.7g} to {after:.7g}, not to {-cycle_start:.7g}."
    )
    assert np.isclose(abs(cycle_growth), 6, rtol=1e-3), (
        "Start 1e-6 beside a: how far from -a is the next point?"
    )


class _Undivided:
    """A number that can be added, subtracted and multiplied only."""

    def __init__(self, value):
        self.value = float(value)

    def __float__(self):
        return self.value

    def __neg__(self):
        return _Undivided(-self.value)

    def __add__(self, other):
        return _Undivided(self.value + float(other))

    def __mul__(self, other):
        return _Undivided(self.value * float(other))

    def __sub__(self, other):
        return self + -float(other)

    def __rsub__(self, other):
        return -self + other

    __radd__, __rmul__ = __add__, __mul__


def nt_exercise_reciprocal(reciprocal):
    """Define reciprocal(a)."""
    for a in np.linspace(0.5, 1, 41).tolist():
        error = abs(a * float(reciprocal(_Undivided(a))) - 1)
        assert error < 1e-15, (
            f"reciprocal({a:.4g}) has the relative error {error:.1e}; the last digit is 1e-16."
        )


def nt_exercise_sign(her_jacobian, mismatch):
    """Define her_jacobian(z) and mismatch(residual, jacobian, z)."""
    t, z = np.linspace(0, 2, 9), np.array([1.3, -0.7])
    decay = np.exp(z[1] * t)
    right = -np.stack([decay, z[0] * t * decay], axis=-1)
    yours = np.asarray(her_jacobian(z), float)
    assert yours.shape == right.shape, (
        f"her_jacobian should have shape {right.shape}, not {yours.shape}."
    )
    assert np.allclose(yours, right), "It is not the Jacobian of data - model: what is d(-model)?"

    def residual(z):
        return np.array([z[0] * z[1], np.sin(z[0]), z[1] ** 3])

    def jacobian(z, error=0.0):
        return np.array([[z[1], z[0]], [np.cos(z[0]), error], [0.0, 3 * z[1] ** 2]])

    for error in (0.0, 0.5, -2.0):
        found = float(mismatch(residual, lambda z, e=error: jacobian(z, e), z))
        assert abs(found - abs(error)) < 1e-4, (
            f"An entry that is wrong by {error} should give {abs(error)}; yours gives {found:.4g}."
        )


def nt_exercise_units(in_units):
    """Define in_units(objective, scale)."""
    scale, z = np.array([2.0, 0.1]), np.array([0.4, 3.0])
    mine, f = in_units(hill_and_well, scale), hill_and_well
    assert np.isclose(mine(z), f(scale * z)), "Its value at z should be that of f at scale * z."
    factor = mine.grad(z) / f.grad(scale * z)
    assert np.allclose(factor, scale), (
        f"The gradient of f is multiplied by {factor.round(4)}; scale is {scale}."
    )
    factor = mine.hess(z) / f.hess(scale * z)
    assert np.allclose(factor, np.outer(scale, scale)), (
        f"The Hessian of f is multiplied by {factor.round(4).tolist()}: differentiate twice."
    )


def ex_sgd_jumps(wanted, safe_step):
    """Set wanted, the two ratios, and safe_step, the largest step of the theorem."""
    assert np.shape(wanted) == (2,), "wanted should hold two numbers."
    for row, (before, after) in enumerate(((4.2, 3.21), (3.21, 2.9475))):
        factor = (-0.99 / -1.8, (3.0131 - 2.9475) / (2.9475 - 3.21))[row]
        predicted = wanted[row] + factor * (before - wanted[row])
        assert abs(predicted - after) < 2e-3, (
            f"If row {row + 1} wants {wanted[row]:.4g}, the step from {before} leads to "
            f"{predicted:.4f}; the log says {after}."
        )
    shares = [safe_step * s for s in (0.45 / 0.2, 1.25 / 0.2)]
    assert np.isclose(max(shares), 1, rtol=1e-3), (
        f"With {safe_step:.4g} the shares s a^2 of the rows are {shares[0]:.3f} and "
        f"{shares[1]:.3f}; at the largest safe step the larger one is 1."
    )


def ex_sgd_ragged(noisier, even_batches):
    """Set noisier, a factor, and define even_batches(N, B, rng)."""
    rest = (1001 - 100) / 1000 / 100
    assert not np.isclose(noisier, 100, rtol=1e-6), "That is with replacement; these are shuffled."
    assert np.isclose(noisier, 1 / rest, rtol=1e-3), (
        f"A batch of 100 has the squared error {rest:.5f} V. And the batch of one row?"
    )
    for N, B in ((1001, 100), (12, 4), (13, 4), (5, 5), (7, 1)):
        batches = even_batches(N, B, np.random.default_rng(0))
        sizes = [len(batch) for batch in batches]
        rows = np.sort(np.concatenate(batches))
        assert len(rows) == N and (rows == np.arange(N)).all(), (
            f"For N = {N}, B = {B} some rows are missing or come twice."
        )
        assert max(sizes) <= B and len(sizes) == -(-N // B), (
            f"For N = {N}, B = {B} the sizes are {sizes}: too large, or too many batches."
        )
        assert max(sizes) - min(sizes) <= 1, f"For N = {N}, B = {B} the sizes are {sizes}."
    orders = [
        np.concatenate(even_batches(50, 7, np.random.default_rng(seed))).tolist() for seed in (0, 1)
    ]
    assert sorted(orders[0]) != orders[0] != orders[1], "Is the order drawn from rng?"


def ex_sgd_plateaus(noise_V, new_batch, new_step):
    """Set noise_V, new_batch and new_step."""

    def floor(s, B):
        return np.sqrt(s / (2 * (2 - 2 * s)) * noise_V / B)

    assert np.isclose(floor(0.1, 8), 0.06, rtol=1e-3), (
        f"With that V the plateau of the first run would be at {floor(0.1, 8):.4f}."
    )
    assert np.isclose(floor(0.1, new_batch), 0.03, rtol=1e-3), (
        f"The step 0.1 and your batch have their plateau at {floor(0.1, new_batch):.4f}."
    )
    assert 0 < new_step < 1, "Steps of 1 and more diverge here."
    assert np.isclose(floor(new_step, 8), 0.03, rtol=2e-3), (
        f"Your step and batches of 8 have their plateau at {floor(new_step, 8):.5f}."
    )


def ex_sgd_tail(tail_mean, good_share):
    """Define tail_mean(path, share) and set good_share."""
    path = np.arange(22.0).reshape(11, 2) ** 2
    for share, count in ((0.5, 6), (0.25, 3), (1.0, 11), (0.01, 1)):
        got = np.asarray(tail_mean(path.copy(), share))
        assert got.shape == (2,), f"For a path of shape (11, 2) it has shape {got.shape}."
        assert np.allclose(got, path[-count:].mean(axis=0)), (
            f"Of 11 iterates the share {share} is the last {count}; yours is another mean."
        )
    assert good_share in (0.5, 0.25, 0.1, 0.02, 0.005), "Choose one of the five."
    assert good_share == 0.005, "A shorter tail is nearer: these runs have not arrived."


def ex_sgd_weights(draw_weights):
    """Define draw_weights(steps)."""
    rng = np.random.default_rng(5)
    for steps in (1 / np.arange(1, 7), np.r_[1, rng.uniform(0.1, 0.9, 6)]):
        weights = np.asarray(draw_weights(steps), float)
        assert weights.shape == steps.shape, f"There should be {len(steps)} weights."
        assert np.isclose(weights.sum(), 1), f"The weights add up to {weights.sum():.4f}, not 1."
        values, x = rng.normal(size=len(steps)), 9.0
        for s, value in zip(steps, values, strict=True):
            x = x - s * (x - value)
        assert np.isclose(weights @ values, x), "The steps lead to another mean of the b_k."


def ex_kaczmarz_log(unknowns, steps_needed):
    """Set unknowns, and steps_needed, the steps until the squared error is 1e-8."""
    factor = (1 - 1 / unknowns) ** 500 if unknowns > 1 else 0.0
    assert abs(factor - 0.3666) < 0.003, (
        f"With {unknowns} unknowns 500 steps would leave {factor:.4f}: see the log."
    )
    left = (1 - 1 / unknowns) ** steps_needed
    assert 0.7e-8 < left < 1.4e-8, f"After {steps_needed} steps the squared error is {left:.1e}."


def ex_kaczmarz_units(cyclic_moves, factor_random):
    """Set cyclic_moves, True or False, and factor_random, the bound for one random step."""
    assert cyclic_moves in (True, False), "Set cyclic_moves to True or False."
    assert not cyclic_moves, "Project a point onto the row times 1000 by hand: where is it now?"
    kappa = 1 / (1 - factor_random) if factor_random < 1 else np.inf
    assert not np.isclose(kappa, 4), "That is the bound before the conversion."
    assert np.isclose(kappa, 1_000_003, rtol=1e-3), (
        f"This belongs to a squared scaled condition number of {kappa:.6g}. What is |A|_F now?"
    )


def ex_kaczmarz_average(calm):
    """Define calm(A, b, steps, seed)."""
    rng = np.random.default_rng(11)
    A = rng.normal(size=(60, 3)) * rng.uniform(0.2, 2, (60, 1))
    b = A @ np.array([1.0, -2.0, 0.5]) + rng.normal(size=60)
    best = np.linalg.lstsq(A, b, rcond=None)[0]
    answers = [np.asarray(calm(A, b, 6000, seed), float) for seed in range(3)]
    assert all(x.shape == (3,) for x in answers), "It should return one point of shape (n,)."
    errors = [np.linalg.norm(x - best) for x in answers]
    assert max(errors) < 0.12, (
        f"It ends {max(errors):.2f} from the least squares solution, about as far as one iterate."
    )
    assert np.ptp(answers, axis=0).max() > 1e-10, "Its answer does not depend on the seed."


def ex_kaczmarz_stop(stop_at, sigma_if_12):
    """Set stop_at, a sweep of the log, and sigma_if_12."""
    log = {1: 41.2, 2: 17.9, 3: 9.6, 4: 7.3, 5: 6.4, 6: 5.8, 8: 5.2, 12: 4.7, 20: 4.2, 50: 3.6}
    assert stop_at in log, "Choose a sweep of the log."
    noise = 0.3 * np.sqrt(400)
    assert log[stop_at] <= noise, f"There the residual is {log[stop_at]}: is it that of the noise?"
    assert stop_at == 6, "An earlier sweep of the log has a residual that is small enough."
    assert 4.7 <= sigma_if_12 * np.sqrt(400) < 5.2, (
        f"For sigma = {sigma_if_12} the noise has the norm {sigma_if_12 * 20:.2f}."
    )


def ex_kaczmarz_wide(limit):
    """Define limit(A, b, x0)."""
    rng = np.random.default_rng(12)
    A, b, x0 = rng.normal(size=(3, 7)), rng.normal(size=3), rng.normal(size=7)
    x = np.asarray(limit(A, b, x0), float)
    assert x.shape == (7,), f"It should return one point of shape (n,), not {x.shape}."
    least = np.linalg.lstsq(A, b, rcond=None)[0]
    assert np.allclose(A @ x, b), f"The residual is {np.linalg.norm(A @ x - b):.2g}, not 0."
    assert not np.allclose(x, least), "That is the limit from 0. What of x0 can't be moved?"
    nearest = x0 + np.linalg.lstsq(A, b - A @ x0, rcond=None)[0]
    assert np.allclose(x, nearest), "It solves the system, but another solution is nearer to x0."


def _radius(s, beta, curvatures):
    """The largest size of the roots of mu**2 - (1 + beta - s * c) * mu + beta."""
    matrices = [[[0, 1], [-beta, 1 + beta - s * c]] for c in curvatures]
    return np.abs(np.linalg.eigvals(matrices)).max()


def mo_exercise_log(log_beta, log_product, log_steps):
    """Set log_beta, log_product, the step size times the curvature, and log_steps."""
    x = [1.0, 1 - log_product]
    for _ in range(3):
        x.append((1 + log_beta - log_product) * x[-1] - log_beta * x[-2])
    assert np.isclose(x[1], 0.5), (
        f"With log_product = {log_product:.4g} the first step leads to {x[1]:.4f}; see the log."
    )
    assert np.allclose(x[2:], [-0.07, -0.3998, -0.4110], atol=1e-4), (
        f"With log_beta = {log_beta:.4g} the third point is {x[2]:.4f}; see the log."
    )
    size = _radius(log_product, log_beta, [1.0])
    assert size**log_steps < 1e-3 <= size ** (log_steps - 1), (
        f"{size:.3f} to the power of {log_steps} is {size**log_steps:.2e}; take the first below "
        "1e-3."
    )


def mo_exercise_robust(robust):
    """Define robust(m, M), which returns step size and momentum."""
    for m, M in [(1.0, 100.0), (0.02, 3.0)]:
        s, beta = robust(m, M)
        possible = [c * part for c in (m, M) for part in (0.9, 1, 1.1)]
        worst = _radius(s, beta, possible)
        assert worst < 1, f"For m = {m:g}, M = {M:g} a possible run has the radius {worst:.3f}."
        root = np.sqrt(1.1 * M / (0.9 * m))
        best = (root - 1) / (root + 1)
        assert worst < best + 1e-4, (
            f"For m = {m:g}, M = {M:g} it converges, but with the radius {worst:.4f}; "
            f"{best:.4f} can be promised."
        )


def mo_exercise_overtakes(overtakes):
    """Set overtakes, the first step from which the heavy ball is below."""
    curvatures, (s, beta) = np.array([1, 0.01]), (4 / 1.1**2, (0.9 / 1.1) ** 2)
    x = y = np.ones(2)
    v, below = np.zeros(2), []
    for _ in range(300):
        v = beta * v - s * curvatures * x
        x, y = x + v, y - 2 / 1.01 * curvatures * y
        below.append(bool(curvatures @ x**2 < curvatures @ y**2))
    assert below[overtakes - 1], f"At step {overtakes} the ball is still above."
    assert all(below[overtakes - 1 :]), "It does not stay below: look for the last step above."
    assert not below[overtakes - 2], f"At step {overtakes - 1} it is below already."


def mo_exercise_restart(restarting):
    """Define restarting(s, beta), which returns a rule(k, x, g, v)."""
    rule, x, g = restarting(0.1, 0.5), np.array([1.0, 2.0]), np.array([4.0, -2.0])
    for v, name, after in [
        (None, "None", -0.1 * g),
        (np.array([-1.0, 0.0]), "downhill", [-0.9, 0.2]),
        (np.array([1.0, 0.0]), "uphill", -0.1 * g),
    ]:
        try:
            there, memory = rule(1, x, g, v)
        except TypeError as error:
            raise AssertionError(
                f"With a memory that is {name} the rule raised TypeError: {error}."
            ) from None
        assert np.allclose(memory, after), (
            f"With a memory that is {name} the new one should be {np.round(after, 3)}, "
            f"not {np.round(memory, 3)}."
        )
        assert np.allclose(there, x + after), "The point should move by the new memory."


def mo_exercise_drift(drift):
    """Define drift(beta2, large)."""
    for beta2, large in [(0.1, 3.0), (0.9, 3.0), (0.1, 10.0), (0.05, 6.0)]:
        v = np.zeros(3)
        for _ in range(500):
            last = v[2]
            for at, g in enumerate((large, -1.0, -1.0)):
                last = v[at] = beta2 * last + (1 - beta2) * g**2
        right = float((np.array([-large, 1, 1]) / np.sqrt(v)).sum())
        mine = float(drift(beta2, large))
        assert np.isclose(mine, right, atol=1e-3), (
            f"drift({beta2}, {large:g}) should be {right:.3f}; yours is {mine:.3f}."
        )
