"""Momentum and adaptive steps: closed forms, rates on quadratics, Keras' steps, known failures."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import statuses
from coursekit.descent import (
    adagrad,
    adam,
    adamw,
    amsgrad,
    decaying,
    gradient_descent,
    heavy_ball,
    nesterov,
    optimize,
    rmsprop,
    yogi,
)
from coursekit.objectives import bowl, exponential_sum, quadratic, rosenbrock, zigzag

RULES = {
    "heavy_ball": heavy_ball(0.01),
    "nesterov": nesterov(0.01),
    "adagrad": adagrad(0.3),
    "rmsprop": rmsprop(decaying(0.1, 0.75)),
    "adam": adam(0.1),
    "adamw": adamw(0.1, weight_decay=0),
    "amsgrad": amsgrad(0.1),
    "yogi": yogi(0.1),
}
each = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def follow(rule, gradients, x0):
    """Return the points of a rule along given gradients, shape (k + 1, n)."""
    x, memory = np.array(x0, float), None
    points = [x]
    for k, g in enumerate(gradients):
        x, memory = rule(k, x, np.array(g, float), memory)
        points.append(x)
    return np.array(points)


# --- What all rules promise ---------------------------------------------------------------------


@each
def test_each_reaches_the_minimum_of_a_convex_function(rule):
    f = exponential_sum
    run = optimize(f, f.grad, [-2, 2], rule, tol=1e-3, maxiter=5000)
    assert run.success
    np.testing.assert_allclose(run.x, f.minimizers[0], atol=2e-3)
    assert run.path.shape == (run.nit + 1, 2)
    assert run.njev == run.nfev == run.nit + 1


@each
def test_a_rule_changes_nothing_that_it_was_given_and_remembers_nothing_itself(rule):
    x, g = np.array([1.0, -2.0]), np.array([3.0, 0.5])
    first, memory = rule(0, x, g, None)
    kept = [part.copy() for part in np.atleast_2d(memory)]
    second, _ = rule(1, first, g, memory)
    np.testing.assert_array_equal(x, [1, -2])
    np.testing.assert_array_equal(g, [3, 0.5])
    np.testing.assert_array_equal(np.atleast_2d(memory), kept)
    np.testing.assert_array_equal(rule(0, x, g, None)[0], first)
    np.testing.assert_array_equal(rule(1, first, g, memory)[0], second)


@each
def test_the_floating_type_stays(rule):
    x = np.array([1, -2], np.float32)
    run = optimize(bowl, bowl.grad, x, rule, maxiter=3, tol=0)
    assert run.path.dtype == np.float32
    assert all(np.asarray(part).dtype == np.float32 for part in np.atleast_2d(run.memory))


@each
def test_without_a_gradient_nothing_moves(rule):
    points = follow(rule, np.zeros((4, 2)), [1, -2])
    np.testing.assert_array_equal(points, np.tile([1.0, -2.0], (5, 1)))


def test_a_schedule_is_called_with_the_number_of_the_update():
    seen = []

    def schedule(k, x, fx, g):
        seen.append((k, fx))
        return 0.1

    for make in (heavy_ball, nesterov, adagrad, rmsprop, adam, amsgrad, yogi):
        seen.clear()
        follow(make(schedule), [[1], [1], [1]], [0])
        assert seen == [(0, None), (1, None), (2, None)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: heavy_ball(0), "^step_size must be above 0 and finite; got 0"),
        (lambda: heavy_ball(0.1, 1), "^beta must be at least 0 and below 1; got 1"),
        (lambda: nesterov(0.1, -0.1), "^beta must be at least 0 and below 1; got -0.1"),
        (lambda: adagrad(epsilon=0), "^epsilon must be above 0"),
        (lambda: adagrad(start=-1), "^start must be at least 0"),
        (lambda: rmsprop(0.1, 1), "^beta must be at least 0 and below 1"),
        (lambda: adam(beta1=1), "^beta1 must be at least 0 and below 1"),
        (lambda: yogi(beta2=2), "^beta2 must be at least 0 and below 1"),
        (lambda: adamw(weight_decay=-1), "^weight_decay must be at least 0"),
        (
            lambda: follow(adam(lambda *state: -1), [[1]], [0]),
            "^step_size at iteration 0 must be at least 0",
        ),
    ],
)
def test_settings_out_of_range(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_why_a_run_ended():
    f = exponential_sum
    run = optimize(f, f.grad, [3, 3], heavy_ball(0.2, 0.5))
    assert run.status == statuses.NON_FINITE
    assert np.isfinite(run.path).all()
    assert "led to" in run.message
    run = optimize(f, f.grad, [-2, 2], adam(0.1), maxiter=5)
    assert run.status == statuses.MAXITER
    assert run.message.startswith("Stopped at maxiter = 5 updates")
    run = optimize(bowl, bowl.grad, [1e9, 0], adam(1e-9), tol=0)
    assert run.status == statuses.NO_PROGRESS


# --- The heavy ball -----------------------------------------------------------------------------


@given(s=st.floats(0.01, 0.2), seed=st.integers(0, 2**32 - 1))
def test_without_memory_it_is_gradient_descent(s, seed):
    x0 = np.random.default_rng(seed).normal(size=2)
    plain = gradient_descent(bowl, bowl.grad, x0, step_size=s, tol=0, maxiter=20).path
    for make in (heavy_ball, nesterov):
        path = optimize(bowl, bowl.grad, x0, make(s, 0), tol=0, maxiter=20).path
        np.testing.assert_allclose(path, plain, rtol=1e-12, atol=1e-15)


def spectral_radius(s, beta, curvatures):
    """Of the matrix that maps (x[k - 1], x[k]) to (x[k], x[k + 1]), the largest of all."""
    return max(
        np.abs(np.linalg.eigvals([[0, 1], [-beta, 1 + beta - s * c]])).max() for c in curvatures
    )


@given(kappa=st.floats(1.5, 1e4))
def test_the_settings_of_polyak_are_optimal_and_at_the_edge_of_divergence(kappa):
    root = math.sqrt(kappa)
    s, beta = 4 / (root + 1) ** 2, ((root - 1) / (root + 1)) ** 2
    between = np.linspace(1, kappa, 7)
    # Double eigenvalues: their rounding error is the root of that of the matrix.
    assert spectral_radius(s, beta, between) == pytest.approx(math.sqrt(beta), abs=1e-6)
    for ds, db in [(1.01, 0), (0.99, 0), (1, 0.01 * (1 - beta)), (1, -0.01 * (1 - beta))]:
        assert spectral_radius(s * (ds or 1), beta + db, [1, kappa]) > math.sqrt(beta) + 1e-6


@given(beta=st.floats(0, 0.95))
def test_the_limit_for_the_step_grows_with_the_memory(beta):
    limit = 2 * (1 + beta) / 10
    assert spectral_radius(0.999 * limit, beta, [2, 10]) < 1
    assert spectral_radius(1.001 * limit, beta, [2, 10]) > 1


def test_beyond_the_limit_it_diverges():
    for factor, grows in [(0.98, False), (1.02, True)]:
        rule = heavy_ball(factor * 0.36, 0.8)
        run = optimize(bowl, bowl.grad, [0, 1], rule, tol=0, maxiter=300)
        assert (run.path_fun[-1] > run.path_fun[0]) == grows


def test_known_numbers_of_steps():
    for H, x0, plain, ball in [
        (np.diag([2, 10]), [10, 1], 42, 21),
        ([[3, 2], [2, 3]], [-5, 6], 40, 20),
        (np.diag([1, 1000]), [1, 1], 10362, 435),
    ]:
        f = quadratic(H)
        m, M = np.linalg.eigvalsh(H)
        s, root = 4 / (M**0.5 + m**0.5) ** 2, (M / m) ** 0.5
        run = optimize(f, f.grad, x0, heavy_ball(s, ((root - 1) / (root + 1)) ** 2))
        assert run.nit == ball
        run = gradient_descent(f, f.grad, x0, step_size=2 / (m + M), maxiter=20000)
        assert run.nit == plain


def test_the_rate_is_not_what_ten_steps_do():
    f, root = zigzag(0.01), 0.1
    rule = heavy_ball((2 / (1 + root)) ** 2, ((1 - root) / (1 + root)) ** 2)
    ratios = {}
    for x0 in ([0.01, 1], [1, 1]):
        run = optimize(f, f.grad, x0, rule, tol=0, maxiter=60)
        ratios[x0[0]] = run.path_fun / run.path_fun[0]
    np.testing.assert_allclose(ratios[0.01][[10, 20]], [0.207941, 0.011465], rtol=1e-4)
    assert ratios[1].argmax() == 4
    np.testing.assert_allclose(ratios[1][[4, 5, 10]], [13.6133, 13.5580, 6.58489], rtol=1e-5)


def test_nesterov_takes_the_gradient_where_the_memory_leads():
    f, s, beta = rosenbrock, 1e-3, 0.9
    x, v, ahead = np.array([-1.2, 1.0]), np.zeros(2), []
    for _ in range(30):
        ahead.append(x + beta * v)
        v = beta * v - s * f.grad(x + beta * v)
        x = x + v
    run = optimize(f, f.grad, [-1.2, 1], nesterov(s, beta), tol=0, maxiter=29)
    np.testing.assert_allclose(run.path, ahead, rtol=1e-10)


@given(kappa=st.floats(2, 1e4), seed=st.integers(0, 2**32 - 1))
def test_nesterov_keeps_his_bound(kappa, seed):
    f = quadratic(np.diag([1, math.sqrt(kappa), kappa]))
    x0 = np.random.default_rng(seed).normal(size=3)
    root = math.sqrt(kappa)
    run = optimize(f, f.grad, x0, nesterov(1 / kappa, (root - 1) / (root + 1)), tol=0, maxiter=40)
    bound = (1 - 1 / root) ** np.arange(41) * (f(x0) + x0 @ x0 / 2)
    # The points x lie behind the points of the gradients, for which the bound holds up to kappa.
    assert (run.path_fun <= 4 * kappa * bound + 1e-12).all()
    assert run.path_fun[-1] < run.path_fun[0]


# --- A step size for each coordinate ------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "length"),
    [
        (adagrad(0.1), 0.1),
        (rmsprop(0.1, 0.75), 0.2),
        (adam(0.1), 0.1),
        (amsgrad(0.1), 0.1),
        (adam(0.1, correct=False), 0.1 * 10**0.5),
        (yogi(0.1, epsilon=1e-12), 0.1),
    ],
)
@given(g=st.floats(1e-3, 1e3))
def test_the_first_step_does_not_depend_on_the_gradient(rule, length, g):
    _, x = follow(rule, [[g, -g]], [0, 0])
    np.testing.assert_allclose(x, [-length, length], rtol=1e-3)  # epsilon beside 1e-3


@given(exponent=st.integers(-6, 6))
def test_steps_do_not_depend_on_units_of_the_function(exponent):
    unit, gradients = 2.0**exponent, np.random.default_rng(0).normal(size=(20, 3))
    for make in (adagrad, rmsprop, adam, amsgrad, yogi):
        rule, other = make(0.1, epsilon=1e-9), make(0.1, epsilon=1e-9 * unit)
        np.testing.assert_allclose(
            follow(rule, gradients, np.ones(3)),
            follow(other, unit * gradients, np.ones(3)),
            rtol=1e-12,
        )


def test_adagrad_by_hand():
    x = follow(adagrad(0.1), [[3], [4], [0], [12]], [0]).ravel()
    np.testing.assert_allclose(np.diff(x), [-0.1, -0.08, 0, -0.1 * 12 / 13], rtol=1e-8)


def test_adam_is_two_exponential_means():
    gradients = np.random.default_rng(1).normal(size=(30, 2))
    b1, b2, s, eps = 0.8, 0.95, 0.1, 1e-8
    weights = np.arange(30)[::-1, None]
    m = (b1**weights * gradients).sum(0) / (b1**weights).sum(0)
    v = (b2**weights * gradients**2).sum(0) / (b2**weights).sum(0)
    x = follow(adam(s, b1, b2, epsilon=eps), gradients, [0, 0])
    np.testing.assert_allclose(x[-1] - x[-2], -s * m / (np.sqrt(v) + eps), rtol=1e-12)


def test_decay_is_a_penalty_without_normalization_only():
    x, g, lam, s = np.ones(2), np.array([0.001, 10.0]), 0.1, 0.01
    inside, _ = adam(s)(0, x, g + lam * x, None)
    beside, _ = adamw(s, weight_decay=lam)(0, x, g, None)
    np.testing.assert_allclose(inside, 0.99, rtol=1e-6)
    np.testing.assert_allclose(beside, 0.989, rtol=1e-6)
    plain, _ = heavy_ball(s, 0)(0, x, g + lam * x, None)
    np.testing.assert_allclose(plain, (1 - s * lam) * x - s * g, rtol=1e-14)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_scale_of_amsgrad_never_falls(seed):
    gradients = np.random.default_rng(seed).normal(size=(20, 2))
    rule, x, memory, before = amsgrad(0.1, correct=False), np.zeros(2), None, 0
    for k, g in enumerate(gradients):
        x, memory = rule(k, x, g, memory)
        assert (memory[2] >= before).all()
        assert (memory[2] >= memory[1]).all()
        before = memory[2]


def test_yogi_changes_by_at_most_what_the_gradient_adds():
    gradients = np.random.default_rng(2).normal(size=(40, 2)) * np.array([1, 100])
    rule, x, memory, before = yogi(0.1), np.zeros(2), None, np.zeros(2)
    for k, g in enumerate(gradients):
        x, memory = rule(k, x, g, memory)
        np.testing.assert_allclose(abs(memory[1] - before), 0.001 * g**2, rtol=1e-9)
        assert (memory[1] >= 0).all()
        before = memory[1]


def test_the_example_of_reddi_kale_and_kumar():
    """Over [-1, 1] the sum over a period is x: -1 is the best point. Adam goes to 1."""
    size = decaying(0.5, 0.5)
    rules = {
        "sgd": heavy_ball(size, 0),
        "adam": adam(size, 0, 0.1),
        "amsgrad": amsgrad(size, 0, 0.1),
        "yogi": yogi(size, 0, 0.1),
    }
    ends = {}
    for name, rule in rules.items():
        x, memory = np.zeros(1), None
        for k in range(9000):
            x, memory = rule(k, x, np.array([-1.0 if k % 3 else 3.0]), memory)
            x = np.clip(x, -1, 1)
        ends[name] = float(x[0])
    assert ends["adam"] == 1
    assert max(ends["sgd"], ends["amsgrad"], ends["yogi"]) < -0.98


# --- The same steps as Keras --------------------------------------------------------------------


def test_fifty_steps_of_keras():
    keras = pytest.importorskip("keras")
    eps, s = 1e-10, 0.01
    pairs = {
        "heavy ball": (heavy_ball(1e-3, 0.9), keras.optimizers.SGD(1e-3, momentum=0.9)),
        "Nesterov": (
            nesterov(1e-3, 0.9),
            keras.optimizers.SGD(1e-3, momentum=0.9, nesterov=True),
        ),
        "AdaGrad": (
            adagrad(s, start=0.1, epsilon=eps),
            keras.optimizers.Adagrad(s, initial_accumulator_value=0.1, epsilon=eps),
        ),
        "RMSProp": (rmsprop(s, 0.9, epsilon=eps), keras.optimizers.RMSprop(s, 0.9, epsilon=eps)),
        "Adam": (adam(s, epsilon=eps), keras.optimizers.Adam(s, epsilon=eps)),
        "AdamW": (
            adamw(s, weight_decay=0.1, epsilon=eps),
            keras.optimizers.AdamW(s, weight_decay=0.1, epsilon=eps),
        ),
        "AMSGrad": (
            amsgrad(s, epsilon=eps),
            keras.optimizers.Adam(s, epsilon=eps, amsgrad=True),
        ),
    }
    f, start = rosenbrock, [-1.2, 1.0]
    for name, (rule, theirs) in pairs.items():
        ours = optimize(f, f.grad, start, rule, tol=0, maxiter=50).path
        variable = keras.Variable(start, dtype="float64")
        path = [start]
        for _ in range(50):
            g = keras.ops.convert_to_tensor(f.grad(variable.numpy()), dtype="float64")
            theirs.apply([g], [variable])
            path.append(variable.numpy())
        np.testing.assert_allclose(ours, path, rtol=0, atol=1e-6, err_msg=name)
