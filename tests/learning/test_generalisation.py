"""Bias and variance, cross-validation, bootstrap, search, early stopping."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.constraints.least_squares import ridge
from coursekit.learning.generalisation import (
    bias_variance,
    bootstrap,
    cross_validate,
    early_stop,
    grid,
    kfold,
    log_uniform,
    nested_cross_validate,
    search,
)


def squared(y, predicted):
    return np.mean((y - predicted) ** 2)


def ridge_learner(lam):
    def fit(X, y):
        w = ridge(X, y, lam)
        return lambda Z: Z @ w

    return fit


def one_feature(j):
    """Least squares on a single feature."""

    def fit(X, y):
        a = X[:, j] @ y / (X[:, j] @ X[:, j])
        return lambda Z: a * Z[:, j]

    return fit


def regression(seed, samples=40, features=6):
    r = np.random.default_rng(seed)
    X = r.normal(size=(samples, features))
    return X, X @ r.normal(size=features) + r.normal(size=samples)


# --- Bias and variance ----------------------------------------------------------------------------


@pytest.mark.parametrize("degree", [1, 3, 9])
def test_the_parts_of_a_linear_fit(degree):
    """A polynomial fit is linear in its targets: its bias and variance have closed forms."""
    x, at = np.linspace(0, 1, 25), np.array([0.1, 0.3, 0.95])
    S = np.vander(at, degree + 1) @ np.linalg.pinv(np.vander(x, degree + 1))
    clean, target = np.sin(2 * np.pi * x), np.sin(2 * np.pi * at)
    found = bias_variance(lambda y: S @ y, clean, target, 0.3, repeats=20_000, seed=2)
    bias2, variance = (target - S @ clean) ** 2, 0.09 * np.sum(S**2, axis=1)
    np.testing.assert_allclose(found.variance, variance, rtol=0.05)
    np.testing.assert_allclose(found.bias2, bias2, rtol=0.05, atol=20 * variance.max() / 20_000)
    np.testing.assert_allclose(found.mse, bias2 + variance + 0.09, rtol=0.05)
    assert found.noise == pytest.approx(0.09)


def test_bias_and_variance_add_up_exactly_to_the_error_against_the_truth():
    seen = []

    def predict(y):
        seen.append(np.array([np.median(y), y.max()]))
        return seen[-1]

    found = bias_variance(predict, np.ones(7), [1, 1], 2.0, repeats=50, seed=1)
    error = np.mean((1 - np.array(seen)) ** 2, axis=0)
    np.testing.assert_allclose(found.bias2 + found.variance, error, rtol=1e-13)


def test_without_noise_there_is_only_bias():
    found = bias_variance(lambda y: y[:2] + 3, [1, 2, 3], [1, 2], 0, repeats=2)
    np.testing.assert_allclose([found.bias2, found.mse], 9)
    np.testing.assert_allclose(found.variance, 0, atol=1e-30)


def test_predictions_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"predict\(y\) must have shape \(1,\); got shape \(3,\)"):
        bias_variance(lambda y: y, [1, 2, 3], [1], 1)


# --- Folds ----------------------------------------------------------------------------------------


@given(st.integers(2, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(2, n))))
def test_each_sample_is_held_out_once(sizes):
    samples, k = sizes
    splits = kfold(samples, k, seed=3)
    assert len(splits) == k
    assert sorted(np.concatenate([test for _, test in splits])) == list(range(samples))
    lengths = {len(test) for _, test in splits}
    assert max(lengths) - min(lengths) <= 1
    for train, test in splits:
        assert sorted([*train, *test]) == list(range(samples))
        assert (np.diff(test) > 0).all()
        assert (np.diff(train) > 0).all()


def test_sizes_of_folds_are_those_of_scikit_learn():
    from sklearn.model_selection import KFold

    theirs = sorted(len(test) for _, test in KFold(7).split(np.zeros(38)))
    assert sorted(len(test) for _, test in kfold(38, 7)) == theirs


def test_folds_are_dealt_at_random_and_by_the_seed():
    tests = [str([test.tolist() for _, test in kfold(30, 3, seed=seed)]) for seed in (0, 0, 1)]
    assert tests[0] == tests[1] != tests[2]
    with pytest.raises(ValueError, match="k must be at most samples = 3; got 4"):
        kfold(3, 4)


def test_cross_validation_agrees_with_scikit_learn():
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import cross_val_score

    X, y = regression(0)
    splits = kfold(40, 5)
    theirs = cross_val_score(
        Ridge(alpha=2.0, fit_intercept=False), X, y, cv=splits, scoring="neg_mean_squared_error"
    )
    ours = cross_validate(ridge_learner(2.0), X, y, squared, splits)
    np.testing.assert_allclose(ours, -theirs, rtol=1e-10)


def test_leave_one_out_has_its_closed_form():
    """The residual of a left-out sample is e_i / (1 - H_ii)."""
    X, y = regression(1, 20, 4)
    H = X @ np.linalg.pinv(X)
    ours = cross_validate(ridge_learner(0.0), X, y, squared, kfold(20, 20))
    theirs = ((y - H @ y) / (1 - np.diag(H))) ** 2
    np.testing.assert_allclose(np.sort(ours), np.sort(theirs), rtol=1e-9)


def test_what_cannot_be_validated():
    X, y = regression(0)
    with pytest.raises(ValueError, match="keep training and test apart; 1 rows are in both"):
        cross_validate(ridge_learner(1.0), X, y, squared, [([0, 1, 2], [2, 3])])
    with pytest.raises(ValueError, match=r"X and y must have one row a sample.*\(40, 6\).*\(39,\)"):
        cross_validate(ridge_learner(1.0), X, y[1:], squared, kfold(40, 2))
    with pytest.raises(TypeError, match="loss must be one real number"):
        cross_validate(ridge_learner(1.0), X, y, lambda y, p: y - p, kfold(40, 2))
    with pytest.raises(ValueError, match="settings must not be empty"):
        search(ridge_learner, [], X, y, squared, kfold(40, 2))


# --- Search ---------------------------------------------------------------------------------------


def test_search_and_nested_search_agree_with_scikit_learn():
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV

    X, y = regression(4, 30, 10)
    lams = np.logspace(-2, 3, 6)
    ours = nested_cross_validate(ridge_learner, lams, X, y, squared, outer=4, inner=3, seed=5)
    for i, (train, test) in enumerate(kfold(30, 4, seed=5)):
        theirs = GridSearchCV(
            Ridge(fit_intercept=False),
            {"alpha": lams},
            cv=kfold(len(train), 3, seed=5),
            scoring="neg_mean_squared_error",
        ).fit(X[train], y[train])
        assert ours.settings[i] == theirs.best_params_["alpha"]
        assert ours.inner[i] == pytest.approx(-theirs.best_score_)
        assert ours.outer[i] == pytest.approx(squared(y[test], theirs.predict(X[test])))


def test_the_outer_folds_never_meet_the_choice():
    """Each fit sees only rows of its outer training part."""
    seen = []

    def learner(_):
        def fit(X, y):
            seen.append(set(X[:, 0]))
            return lambda Z: np.zeros(len(Z))

        return fit

    X = np.arange(12.0)[:, None]
    nested_cross_validate(learner, [0, 1], X, np.ones(12), squared, outer=3, inner=2, seed=7)
    assert len(seen) == 3 * (2 * 2 + 1)
    for k, (_, test) in enumerate(kfold(12, 3, seed=7)):
        for rows in seen[5 * k : 5 * k + 5]:
            assert not rows & set(test)


def test_of_equal_settings_the_first_is_chosen():
    X, y = regression(0)
    found = search(lambda s: ridge_learner(1.0), ["a", "b"], X, y, squared, kfold(40, 4))
    assert found.setting == "a"
    assert found.losses.shape == (2, 4)


def test_the_best_of_useless_settings_looks_good_inside_only():
    r = np.random.default_rng(0)
    inner, outer = [], []
    for seed in range(20):
        X, y = r.normal(size=(30, 20)), r.normal(size=30)
        found = nested_cross_validate(one_feature, range(20), X, y, squared, seed=seed)
        inner.append(found.inner.mean())
        outer.append(found.outer.mean())
    assert np.mean(inner) < 0.95 < 1 < np.mean(outer)


def test_a_grid_has_all_combinations_as_in_scikit_learn():
    from sklearn.model_selection import ParameterGrid

    values = {"a": [1, 2, 3], "b": ["x", "y"]}
    assert grid(values) == list(ParameterGrid(values))
    assert grid({}) == [{}]


def test_logarithms_are_uniform():
    drawn = log_uniform({"a": (1e-4, 1), "b": (2, 3)}, 4000, seed=1)
    a, b = np.array([list(d.values()) for d in drawn]).T
    assert list(drawn[0]) == ["a", "b"]
    assert (a > 1e-4).all()
    assert (a < 1).all()
    assert (b >= 2).all()
    assert (b <= 3).all()
    quarters = np.histogram(np.log10(a), bins=4, range=(-4, 0))[0]
    np.testing.assert_allclose(quarters, 1000, atol=5 * math.sqrt(4000 * 3 / 16))


def test_ranges_that_are_none():
    with pytest.raises(ValueError, match="the low end of s must be above 0 and finite; got 0"):
        log_uniform({"s": (0, 1)}, 3)
    with pytest.raises(ValueError, match=r"the high end of s must be above 2\.0 and finite; got 1"):
        log_uniform({"s": (2, 1)}, 3)


# --- Bootstrap ------------------------------------------------------------------------------------


def test_the_bootstrap_of_a_mean_has_its_closed_form():
    """Its variance over resamples is that of the sample, over n."""
    data = np.random.default_rng(0).exponential(size=60)
    found = bootstrap(np.mean, data, resamples=20_000)
    assert found.std() == pytest.approx(data.std() / math.sqrt(60), rel=0.02)
    assert found.mean() == pytest.approx(data.mean(), abs=4 * found.std() / math.sqrt(20_000))


def test_the_bootstrap_agrees_with_scipy():
    from scipy.stats import bootstrap as theirs

    data = np.random.default_rng(1).normal(size=40)
    error = theirs((data,), np.median, n_resamples=3000, rng=np.random.default_rng(2))
    ours = bootstrap(np.median, data, resamples=3000)
    assert ours.std(ddof=1) == pytest.approx(error.standard_error, rel=0.1)


def test_rows_stay_together():
    pairs = np.column_stack([np.arange(9.0), 10 * np.arange(9.0)])
    found = bootstrap(lambda d: d.mean(axis=0), pairs, resamples=5)
    assert found.shape == (5, 2)
    np.testing.assert_allclose(found[:, 1], 10 * found[:, 0])


def test_a_sample_without_rows():
    with pytest.raises(ValueError, match=r"samples along its first axis; got shape \(0,\)"):
        bootstrap(np.mean, [])
    with pytest.raises(ValueError, match=r"samples along its first axis; got shape \(\)"):
        bootstrap(np.mean, 1.0)


# --- Early stopping -------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 8))
def test_the_run_stops_at_the_first_long_wait(losses, patience):
    best, stop = early_stop(losses, patience)
    assert losses[best] == min(losses[: stop + 1])
    assert best == losses.index(losses[best])
    waits = [k - losses.index(min(losses[: k + 1])) for k in range(len(losses))]
    long = [k for k, wait in enumerate(waits) if wait >= patience]
    assert stop == (long[0] if long else len(losses) - 1)


def test_losses_that_cannot_be_watched():
    for bad in ([], [[1, 2]]):
        with pytest.raises(ValueError, match=r"losses must have shape \(epochs,\)"):
            early_stop(bad, 1)
    with pytest.raises(ValueError, match="losses must be finite"):
        early_stop([1, math.nan], 1)
