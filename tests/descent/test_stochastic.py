"""Stochastic gradient descent: its stream of batches, its noise, its floor, and what is said."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import statuses
from coursekit.descent import (
    cosine,
    decaying,
    gradient_descent,
    gradient_noise,
    minibatches,
    sgd,
    step_decay,
)

A1, B1 = np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 5.0])


def least_squares(A, b):
    """Return value on all rows, and mean gradient of some, of half the mean squared error."""

    def f(x):
        return np.mean((A @ x - b) ** 2) / 2

    def grad(x, rows):
        return (A[rows] @ x - b[rows]) @ A[rows] / len(A[rows])

    return f, grad


def two_unknowns():
    """Return a fit of 40 rows with condition number 8.6, and its solution."""
    r = np.random.default_rng(7)
    U, V = (np.linalg.qr(r.normal(size=shape))[0] for shape in ((40, 2), (2, 2)))
    A = U * [8.6, 1] @ V.T
    b = A @ [1, -1] + 0.1 * r.normal(size=40)
    return A, b, np.linalg.lstsq(A, b, rcond=None)[0]


def line_fit():
    """Return 100 points of a line with unit noise, its feature standardized, and the solution."""
    x = np.linspace(0, 10, 100)
    y = x + np.random.default_rng(0).normal(size=100)
    A = np.column_stack([(x - x.mean()) / x.std(), np.ones(100)])
    return A, y, np.linalg.lstsq(A, y, rcond=None)[0]


def epoch(stream, samples, size):
    return [next(stream) for _ in range(math.ceil(samples / size))]


# --- The stream of batches ------------------------------------------------------------------------


SIZES = st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))


@given(SIZES)
def test_an_epoch_has_each_row_once_and_a_smaller_last_batch(sizes):
    samples, size = sizes
    stream = minibatches(samples, size, seed=1)
    for _ in range(3):
        batches = epoch(stream, samples, size)
        assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
        assert len(batches[-1]) == (samples - 1) % size + 1
        assert sorted(np.concatenate(batches)) == list(range(samples))


@given(SIZES)
def test_with_replacement_all_batches_are_full(sizes):
    samples, size = sizes
    stream = minibatches(samples, size, replace=True, seed=1)
    batches = np.array([next(stream) for _ in range(70)])
    assert batches.shape == (70, size)
    assert 0 <= batches.min() <= batches.max() < samples


def test_epochs_have_different_orders_and_seeds_different_streams():
    def rows(seed):
        stream = minibatches(50, 50, seed=seed)
        return [tuple(next(stream)) for _ in range(3)]

    assert rows(4) == rows(4)
    assert len({*rows(4), *rows(5)}) == 6


def test_with_replacement_the_draws_are_those_of_the_generator():
    stream = minibatches(7, 3, replace=True, seed=3)
    drawn = np.concatenate([next(stream) for _ in range(9)])
    np.testing.assert_array_equal(drawn, np.random.default_rng(3).integers(7, size=27))


def test_with_replacement_an_epoch_sees_a_share_of_the_rows():
    stream = minibatches(1000, 100, replace=True, seed=0)
    seen = [len(set(np.concatenate(epoch(stream, 1000, 100)))) / 1000 for _ in range(200)]
    share = 1 - (1 - 1 / 1000) ** 1000
    assert np.mean(seen) == pytest.approx(share, abs=4 * np.std(seen) / math.sqrt(200))


def test_a_generator_may_be_given_and_goes_on():
    rng = np.random.default_rng(2)
    first, second = (next(minibatches(100, 100, seed=rng)) for _ in range(2))
    assert (first != second).any()


@pytest.mark.parametrize(
    ("samples", "size", "message"),
    [
        (0, 1, "samples must be at least 1; got 0"),
        (5, 0, "batch_size must be at least 1; got 0"),
        (5, 6, "batch_size must be at most samples = 5; got 6"),
    ],
)
def test_bad_sizes_are_refused_at_once(samples, size, message):
    with pytest.raises(ValueError, match=message):
        minibatches(samples, size)
    with pytest.raises(ValueError, match=message):
        sgd(lambda x: 0.0, lambda x, rows: 0 * x, [1], samples, batch_size=size)


# --- The steps ------------------------------------------------------------------------------------


def test_the_steps_of_the_one_unknown_example():
    f, grad = least_squares(A1[:, None], B1)
    run = sgd(f, grad, [10], 3, step_size=0.1, maxiter=5000, every=1, replace=True)
    x = run.path[:, 0]
    np.testing.assert_allclose(x[:6], [10, 2.5, 2.3, 2.18, 2.062, 1.9558], rtol=1e-14)
    assert (np.flatnonzero(x <= 2)[0], x[5:].min() >= 1, x[5:].max() <= 2) == (5, True, True)
    assert x[1000:].mean() == pytest.approx(1.71757, abs=1e-5)
    assert x[1000:].std() == pytest.approx(0.105, abs=1e-3)


@pytest.mark.parametrize(("size", "step_size"), [(1, 0.2), (7, decaying(0.5, 0.5))])
def test_the_loop_is_the_formula(size, step_size):
    A, b, _ = two_unknowns()
    f, grad = least_squares(A, b)
    run = sgd(
        f, grad, [5, 5], 40, batch_size=size, step_size=step_size, maxiter=25, every=4, seed=9
    )
    stream, x, looks = minibatches(40, size, seed=9), np.array([5.0, 5.0]), [np.array([5.0, 5.0])]
    for k in range(25):
        s = step_size if size == 1 else 0.5 / math.sqrt(k + 1)
        x = x - s * grad(x, next(stream))
        if (k + 1) % 4 == 0 or k == 24:
            looks.append(x)
    np.testing.assert_array_equal(run.path, looks)
    np.testing.assert_array_equal(run.path_fun, [f(x) for x in looks])
    assert run.path_nit.tolist() == [0, 4, 8, 12, 16, 20, 24, 25]
    assert (run.x == looks[-1]).all()
    assert (run.nit, run.njev, run.nfev) == (25, 25, 8)


def test_all_rows_in_a_batch_make_gradient_descent():
    A, b, _ = two_unknowns()
    f, grad = least_squares(A, b)
    run = sgd(f, grad, [5, 5], 40, batch_size=40, step_size=0.4, maxiter=50)
    full = gradient_descent(
        f, lambda x: grad(x, slice(None)), [5, 5], step_size=0.4, tol=0, maxiter=50
    )
    np.testing.assert_allclose(run.path, full.path, rtol=1e-12)
    assert (run.epochs, run.rows) == (50, 2000)


def test_rows_and_epochs_are_counted_right_at_a_ragged_end():
    f, grad = least_squares(*line_fit()[:2])
    run = sgd(f, grad, [0, 0], 100, batch_size=32, maxiter=11)
    assert run.rows == 2 * 100 + 3 * 32
    assert run.epochs == 2.96
    assert run.path_nit.tolist() == [0, 4, 8, 11]
    run = sgd(f, grad, [0, 0], 100, batch_size=32, maxiter=0)
    assert (run.rows, run.epochs, run.njev, run.nfev, run.nit) == (0, 0, 0, 1, 0)
    assert run.path.tolist() == [[0, 0]]


def test_one_over_k_on_squares_is_the_running_mean():
    draws = np.random.default_rng(0).normal(3, 2, 1000)
    f, grad = least_squares(np.ones((1000, 1)), draws)
    run = sgd(f, grad, [100], 1000, step_size=decaying(1.0), maxiter=1000)
    assert run.x[0] == pytest.approx(draws.mean(), rel=1e-13)


def test_float32_stays_and_nothing_is_changed():
    A, b, _ = two_unknowns()
    f, grad = least_squares(A, b)
    x0 = np.array([5, 5], np.float32)

    def works_in_place(x, rows):
        assert not x.flags.writeable
        return grad(x, rows)

    run = sgd(f, works_in_place, x0, 40, maxiter=30, average_from=3)
    assert run.x.dtype == run.path.dtype == run.average.dtype == np.float32
    assert x0.tolist() == [5, 5]


# --- Averages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "stride"), [(0, 1), (7, 1), (10, 10), (30, 1)])
def test_the_average_is_that_of_the_iterates(start, stride):
    A, b, _ = two_unknowns()
    f, grad = least_squares(A, b)
    options = {"maxiter": 30, "every": 1, "seed": 2, "step_size": 0.2}
    run = sgd(f, grad, [5, 5], 40, average_from=start, average_every=stride, **options)
    taken = run.path[start::stride]
    assert run.averaged == len(taken)
    np.testing.assert_allclose(run.average, taken.mean(axis=0), rtol=1e-13)


def test_no_average_is_none():
    f, grad = least_squares(*two_unknowns()[:2])
    for options in ({}, {"average_from": 31}):
        run = sgd(f, grad, [5, 5], 40, maxiter=30, **options)
        assert (run.average, run.averaged) == (None, 0)


def test_the_average_is_nearer_than_the_last_iterate():
    A, b, best = two_unknowns()
    f, grad = least_squares(A, b)
    options = {"step_size": 0.2, "maxiter": 4000, "every": 4000, "replace": True}
    runs = [sgd(f, grad, [5, 5], 40, seed=q, average_from=2001, **options) for q in range(10)]
    last, tail = (
        np.sqrt(np.mean([np.sum((x - best) ** 2) for x in points]))
        for points in ([run.x for run in runs], [run.average for run in runs])
    )
    assert (tail, last) == (pytest.approx(0.01, abs=0.004), pytest.approx(0.055, abs=0.02))


# --- Noise ----------------------------------------------------------------------------------------


def test_the_noise_of_a_batch_is_estimated_without_bias():
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(60, 3)) * [1, 2, 5] + 7
    mean, spread = gradients.mean(axis=0), gradients.var(axis=0).sum()
    for size in (2, 6, 40):
        factor = (60 - size) / 59
        without = [gradients[rng.permutation(60)[:size]] for _ in range(4000)]
        error = np.array([np.sum((g.mean(axis=0) - mean) ** 2) for g in without])
        guess = np.array([gradient_noise(g, 60) for g in without])
        for measured in (error, guess):
            deviation = measured.std() / math.sqrt(4000)
            assert measured.mean() == pytest.approx(spread / size * factor, abs=4 * deviation)
        replaced = gradients[rng.integers(60, size=(4000, size))]
        guess = np.array([gradient_noise(g) for g in replaced])
        deviation = guess.std() / math.sqrt(4000)
        assert guess.mean() == pytest.approx(spread / size, abs=4 * deviation)
    assert gradient_noise(gradients, 60) == 0


@pytest.mark.parametrize(
    ("gradients", "samples", "message"),
    [
        (
            [[1.0, 2.0]],
            None,
            r"gradients must be a matrix with at least two rows; got shape \(1, 2",
        ),
        ([1.0, 2.0], None, r"at least two rows; got shape \(2,\)"),
        (np.ones((3, 2)), 2, "samples must be at least 3; got 2"),
    ],
)
def test_no_noise_from_a_single_gradient(gradients, samples, message):
    with pytest.raises(ValueError, match=message):
        gradient_noise(gradients, samples)


@pytest.mark.parametrize(("s", "size"), [(0.02, 1), (0.1, 4), (0.2, 16)])
def test_the_floor_of_a_constant_step(s, size):
    """With Hessian I the mean squared distance is s V / (B (2 - s)), and more where s is large."""
    A, b, best = line_fit()
    f, grad = least_squares(A, b)
    run = sgd(f, grad, best, 100, batch_size=size, step_size=s, maxiter=8000, every=1, replace=True)
    residual = A @ best - b
    V = np.mean(residual**2 * (A**2).sum(axis=1))
    got = np.mean(np.sum((run.path[1000:] - best) ** 2, axis=1))
    assert got == pytest.approx(s * V / (size * (2 - s)), rel=0.2)


def test_without_noise_at_the_solution_a_constant_step_converges_to_the_least_norm():
    A = np.random.default_rng(0).normal(size=(5, 20))
    b = np.random.default_rng(1).normal(size=5)
    f, grad = least_squares(A, b)
    run = sgd(f, grad, np.zeros(20), 5, step_size=0.03, maxiter=20_000, tol=1e-10)
    assert run.status == statuses.CONVERGED
    assert "<= tol" in run.message
    np.testing.assert_allclose(run.x, np.linalg.pinv(A) @ b, atol=1e-9)
    assert run.njev == run.nit + len(run.path)


# --- Schedules ------------------------------------------------------------------------------------


def test_cosine_halves_at_the_middle_and_stays_zero():
    rule = cosine(0.8, 10)
    steps = [rule(k) for k in range(12)]
    assert (steps[0], steps[10], steps[11]) == (0.8, 0, 0)
    assert steps[5] == pytest.approx(0.4)
    np.testing.assert_allclose(np.add(steps[:11], steps[10::-1]), 0.8)


def test_step_decay_is_constant_in_between():
    rule = step_decay(1.0, 3)
    np.testing.assert_allclose([rule(k) for k in range(7)], [1, 1, 1, 0.1, 0.1, 0.1, 0.01])


@pytest.mark.parametrize("rule", [cosine(0.4, 200), step_decay(0.4, 50, 0.5), decaying(1.0)])
def test_a_schedule_ends_nearer_than_its_first_step_and_works_without_noise(rule):
    A, b, best = line_fit()
    f, grad = least_squares(A, b)

    def off(step_size):
        runs = [
            sgd(f, grad, [0, 0], 100, step_size=step_size, maxiter=200, seed=s) for s in range(9)
        ]
        return np.mean([np.sum((run.x - best) ** 2) for run in runs])

    assert off(rule) < off(0.4) / 3
    run = gradient_descent(f, lambda x: grad(x, slice(None)), [0.0, 0.0], step_size=rule)
    assert run.path_fun[1] < run.path_fun[0]


# --- What is said ---------------------------------------------------------------------------------


def test_steps_that_are_too_long_are_said_to_be():
    f, grad = least_squares(A1[:, None], B1)
    run = sgd(f, grad, [10], 3, step_size=0.7, maxiter=3000, average_from=0)
    assert run.status == statuses.NON_FINITE
    assert np.isfinite(run.path).all()
    assert np.isfinite(run.path_fun).all()
    assert np.isfinite(run.average)
    assert run.nit == run.path_nit[-1] < run.njev
    assert run.message.startswith(
        f"Not finite: between updates {run.nit} and {run.nit + 3} the run"
    )
    assert "smaller step_size" in run.message


def test_a_full_gradient_that_is_lost_is_named():
    def grad(x, rows):
        return x * (np.nan if isinstance(rows, slice) and x[0] < 1 else 1)

    run = sgd(lambda x: x @ x / 2, grad, [1.0], 4, tol=1e-3)
    assert run.status == statuses.NON_FINITE
    assert "||grad(x)|| = nan" in run.message
    assert (run.njev, run.nfev) == (4 + 2, 2)


def test_the_end_of_all_updates_is_said():
    f, grad = least_squares(A1[:, None], B1)
    run = sgd(f, grad, [10], 3, maxiter=9)
    assert (run.status, run.success) == (statuses.MAXITER, False)
    assert run.message.startswith("Stopped at maxiter = 9 updates: f = 0.1")
    run = sgd(f, grad, [10], 3, maxiter=9, tol=1e-9)
    assert "> tol = 1e-09; f = " in run.message


@pytest.mark.parametrize(
    ("grad", "error", "message"),
    [
        (
            lambda x, rows: 1.0,
            ValueError,
            r"grad\(x, rows\) must have shape \(1,\); got shape \(\)",
        ),
        (lambda x, rows: np.ones(2), ValueError, r"must have shape \(1,\); got shape \(2,\)"),
        (lambda x, rows: [1j], TypeError, r"grad\(x, rows\) must hold real numbers"),
    ],
)
def test_a_gradient_of_the_wrong_shape_is_named(grad, error, message):
    with pytest.raises(error, match=message):
        sgd(lambda x: 0.0, grad, [1.0], 3)


def test_a_gradient_may_be_a_list_and_is_checked_later_too():
    assert sgd(lambda x: 0.0, lambda x, rows: [1], [1.0], 3, maxiter=2).x.tolist() == [0.8]
    with pytest.raises(ValueError, match=r"got shape \(2,\)"):
        sgd(lambda x: 0.0, lambda x, rows: np.ones(1 + (x[0] < 1)), [1.0], 3)


def test_a_start_and_a_schedule_that_will_not_do():
    f, grad = least_squares(A1[:, None], B1)
    with pytest.raises(ValueError, match="x0 must be a point where f and grad are finite; got f"):
        sgd(lambda x: np.inf, grad, [1.0], 3)
    with pytest.raises(ValueError, match="step_size at iteration 2 must be at least 0"):
        sgd(f, grad, [1.0], 3, step_size=lambda k, x, fx, g: 0.1 if k < 2 else -1)
