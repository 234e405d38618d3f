r"""How well a fit does on new data, and how to choose what the fit itself does not find.

A *learner* is a function ``fit(X, y)`` that returns a function ``predict(X)``; a *loss* is a
function ``loss(y, predicted)`` that returns one number, the smaller the better. Samples are the
first axis of ``X`` and ``y``. Everything that looks at data, such as a standardization or a choice
of features, belongs into the learner: only then has it not seen the samples that judge it.

References
----------
The course, chapter *Generalisation*. T. Hastie, R. Tibshirani and J. Friedman, *The Elements of
Statistical Learning*, 2nd edition, 2009, chapter 7.
"""

from itertools import product
from typing import NamedTuple

import numpy as np

from coursekit._arguments import count, number, real_array, real_number

__all__ = [
    "BiasVariance",
    "NestedScores",
    "Search",
    "bias_variance",
    "bootstrap",
    "cross_validate",
    "early_stop",
    "grid",
    "kfold",
    "log_uniform",
    "nested_cross_validate",
    "search",
]


class BiasVariance(NamedTuple):
    """Parts of the error at each point; arrays of one shape, and ``noise``, one number."""

    bias2: np.ndarray
    variance: np.ndarray
    noise: float
    mse: np.ndarray


class Search(NamedTuple):
    """The chosen ``setting``, and the ``losses``, a row a setting and a column a fold."""

    setting: object
    losses: np.ndarray


class NestedScores(NamedTuple):
    """Of each outer fold: its loss, the best mean loss of the inner folds, the setting chosen."""

    outer: np.ndarray
    inner: np.ndarray
    settings: list


def bias_variance(predict, clean, target, sigma, *, repeats=1000, seed=0):
    r"""Simulate the parts of the error of a fit: bias, variance and noise.

    Each of many training sets has the same inputs and new noise. At a fixed point, with the mean
    over training sets and over the noise of the new value :math:`y = f + \epsilon`,

    .. math:: E (y - F)^2 = (f - E F)^2 + \mathrm{Var} F + \sigma^2 .

    Parameters
    ----------
    predict : callable
        Targets of one training set, shape ``(n,)``, to the predictions at the ``m`` points.
    clean : array_like, shape (n,)
        Targets of the training set without noise.
    target : array_like, shape (m,)
        True values at the points.
    sigma : float
        Standard deviation of the noise, at least 0.
    repeats : int, optional
        Training sets, at least 2.
    seed : int or numpy.random.Generator, optional
        Where the noise comes from.

    Returns
    -------
    BiasVariance
        ``bias2``, ``variance`` and ``mse``, shape ``(m,)``, and ``noise``, which is
        :math:`\sigma^2`. The first two add up to the mean of :math:`(f - F)^2` over the training
        sets; ``mse`` is measured against new values with noise of their own.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or range, or predictions of another shape than ``target``.

    Notes
    -----
    ``bias2`` is too large by ``variance / repeats`` on average: that of a fit without bias is not
    quite zero.

    Examples
    --------
    The mean of four numbers as a prediction: no bias, and a quarter of the noise.

    >>> found = bias_variance(lambda y: [y.mean()], np.ones(4), [1.0], 2.0, repeats=20_000)
    >>> print(f"{found.variance[0]:.1f} + {found.noise} = {found.mse[0]:.1f}")
    1.0 + 4.0 = 5.0
    """
    clean, target = real_array("clean", clean), real_array("target", target)
    sigma, repeats = number("sigma", sigma, at_least=0), count("repeats", repeats, at_least=2)
    rng = np.random.default_rng(seed)
    noise = sigma * rng.normal(size=(repeats, *clean.shape))
    fits = [predict(clean + e) for e in noise]
    found = [real_array("predict(y)", f, target.shape) for f in fits]
    found = np.array(found)
    new = target + sigma * rng.normal(size=found.shape)
    bias2 = (target - found.mean(axis=0)) ** 2
    mse = ((new - found) ** 2).mean(axis=0)
    return BiasVariance(bias2, found.var(axis=0), sigma**2, mse)


def kfold(samples, k, *, seed=0):
    """Deal the samples into ``k`` folds at random; each of them is held out once.

    Parameters
    ----------
    samples : int
        Number of samples.
    k : int
        Number of folds, from 2 to ``samples``, which leaves one out at a time.
    seed : int or numpy.random.Generator, optional
        Where the order comes from.

    Returns
    -------
    list of (ndarray, ndarray)
        Row numbers of training and test samples, both in increasing order. The test samples of
        all pairs are all samples; the sizes of two folds differ by at most 1.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or range.

    Examples
    --------
    >>> for train, test in kfold(5, 2):
    ...     print(train, test)
    [0 1] [2 3 4]
    [2 3 4] [0 1]
    """
    samples, k = count("samples", samples, at_least=2), count("k", k, at_least=2)
    if k > samples:
        raise ValueError(f"k must be at most samples = {samples}; got {k}.")
    order = np.random.default_rng(seed).permutation(samples)
    tests = [np.sort(fold) for fold in np.array_split(order, k)]
    return [(np.setdiff1d(order, test), test) for test in tests]


def cross_validate(fit, X, y, loss, splits):
    """Fit on the training part of each split, and judge on its test part.

    Parameters
    ----------
    fit, loss : callable
        A learner and a loss, as the module says.
    X, y : array_like
        Samples along the first axis of both.
    splits : iterable of (train, test)
        Row numbers, such as those of `kfold`.

    Returns
    -------
    ndarray, shape (splits,)
        The loss on each test part.

    Raises
    ------
    ValueError
        If X and y differ in length, or a row is both a training and a test sample of a split.
    TypeError
        If a loss is not one real number.

    Examples
    --------
    The mean as the prediction, with the squared error:

    >>> def fit(X, y): return lambda X: np.full(len(X), y.mean())
    >>> def loss(y, predicted): return np.mean((y - predicted) ** 2)
    >>> cross_validate(fit, np.zeros(4), [0, 2, 4, 6], loss, [([0, 1], [2, 3]), ([2, 3], [0, 1])])
    array([17., 17.])
    """
    X, y = _samples(X, y)
    losses = []
    for train, test in splits:
        if shared := len(np.intersect1d(train, test)):
            raise ValueError(
                f"splits must keep training and test apart; {shared} rows are in both."
            )
        predict = fit(X[train], y[train])
        losses.append(real_number("loss", loss(y[test], predict(X[test]))))
    return np.array(losses)


def search(learner, settings, X, y, loss, splits):
    """Try settings by cross-validation, and choose the one with the smallest mean loss.

    Parameters
    ----------
    learner : callable
        ``learner(setting)`` returns ``fit``.
    settings : iterable
        What to try: numbers, or dicts from `grid` or `log_uniform`.
    X, y, loss, splits
        As of `cross_validate`. All settings are judged on the same splits.

    Returns
    -------
    Search
        Of equal settings, the first is chosen. The mean loss of the chosen setting is too
        optimistic: it is the smallest of many. See `nested_cross_validate`.

    Raises
    ------
    ValueError
        If there are no settings; what `cross_validate` raises.

    Examples
    --------
    How much of the mean should be believed?

    >>> def learner(share):
    ...     return lambda X, y: lambda X: np.full(len(X), share * y.mean())
    >>> def loss(y, predicted): return np.mean((y - predicted) ** 2)
    >>> search(learner, [0, 0.5, 1], np.zeros(6), np.arange(6), loss, kfold(6, 3)).setting
    0.5
    """
    settings, splits = list(settings), list(splits)
    if not settings:
        raise ValueError("settings must not be empty.")
    losses = [cross_validate(learner(s), X, y, loss, splits) for s in settings]
    losses = np.array(losses)
    return Search(settings[losses.mean(axis=1).argmin()], losses)


def nested_cross_validate(learner, settings, X, y, loss, *, outer=5, inner=5, seed=0):
    """Judge a whole search: inner folds choose the setting, an outer fold judges the choice.

    Parameters
    ----------
    learner, settings, X, y, loss
        As of `search`.
    outer, inner : int, optional
        Numbers of folds. The outer ones are ``kfold(samples, outer, seed=seed)``; the inner ones
        divide the training samples of each outer one, by ``kfold(len(train), inner, seed=seed)``.
    seed : int, optional
        Of both.

    Returns
    -------
    NestedScores

    Raises
    ------
    TypeError, ValueError
        What `kfold` and `search` raise.

    Notes
    -----
    The learner runs ``outer * (inner * len(settings) + 1)`` times. What is judged is the way of
    choosing: the settings may differ between the outer folds.

    Examples
    --------
    >>> def learner(share):
    ...     return lambda X, y: lambda X: np.full(len(X), share * y.mean())
    >>> def loss(y, predicted): return np.mean((y - predicted) ** 2)
    >>> found = nested_cross_validate(learner, [0, 1], np.zeros(20), np.arange(20), loss)
    >>> found.settings
    [1, 1, 1, 1, 1]
    """
    X, y = _samples(X, y)
    settings = list(settings)
    losses, best, chosen = [], [], []
    for train, test in kfold(len(X), outer, seed=seed):
        splits = kfold(len(train), inner, seed=seed)
        found = search(learner, settings, X[train], y[train], loss, splits)
        chosen.append(found.setting)
        best.append(found.losses.mean(axis=1).min())
        fit = learner(found.setting)
        losses.extend(cross_validate(fit, X, y, loss, [(train, test)]))
    return NestedScores(np.array(losses), np.array(best), chosen)


def grid(values):
    """List all combinations of values of several hyperparameters.

    Parameters
    ----------
    values : dict of name to sequence

    Returns
    -------
    list of dict
        The last name changes fastest.

    Examples
    --------
    >>> grid({"width": [8, 16], "step": [0.1, 0.01]})[:2]
    [{'width': 8, 'step': 0.1}, {'width': 8, 'step': 0.01}]
    """
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


def log_uniform(ranges, trials, *, seed=0):
    """Draw values of several hyperparameters, with logarithms that are uniform.

    Parameters
    ----------
    ranges : dict of name to (low, high)
        Both positive and ``low < high``.
    trials : int
        How many, at least 1.
    seed : int or numpy.random.Generator, optional
        Where the random numbers come from.

    Returns
    -------
    list of dict

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or range.

    Examples
    --------
    >>> [round(drawn["step"], 4) for drawn in log_uniform({"step": (1e-4, 1)}, 3)]
    [0.0353, 0.0012, 0.0001]
    """
    trials, rng = count("trials", trials, at_least=1), np.random.default_rng(seed)
    drawn = {}
    for name, (low, high) in ranges.items():
        low = number(f"the low end of {name}", low, above=0)
        high = number(f"the high end of {name}", high, above=low)
        drawn[name] = np.exp(rng.uniform(np.log(low), np.log(high), trials)).tolist()
    return [dict(zip(drawn, row, strict=True)) for row in zip(*drawn.values(), strict=True)]


def bootstrap(statistic, data, *, resamples=1000, seed=0):
    """Compute a statistic of many samples drawn from a sample, with replacement.

    Parameters
    ----------
    statistic : callable
        An array like ``data`` to a number or an array.
    data : array_like
        Samples along the first axis. Those that belong together are columns of one row.
    resamples : int, optional
        How many, at least 2.
    seed : int or numpy.random.Generator, optional
        Where the draws come from.

    Returns
    -------
    ndarray, shape (resamples, ...)
        Their standard deviation estimates that of the statistic over new samples.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or range.

    Notes
    -----
    It fails for statistics that depend on a few extreme values, such as the maximum: most
    resamples contain the largest value of the sample itself.

    References
    ----------
    B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979.

    Examples
    --------
    >>> found = bootstrap(np.mean, np.arange(100.0))
    >>> bool(abs(found.std() - np.arange(100).std() / 10) < 0.2)
    True
    """
    data, resamples = real_array("data", data), count("resamples", resamples, at_least=2)
    if data.ndim == 0 or len(data) == 0:
        raise ValueError(f"data must have samples along its first axis; got shape {data.shape}.")
    rng = np.random.default_rng(seed)
    size = (resamples, len(data))
    return np.array([statistic(data[rows]) for rows in rng.integers(len(data), size=size)])


def early_stop(losses, patience):
    """Say where a run stops that waits for ``patience`` epochs without a new lowest loss.

    Parameters
    ----------
    losses : array_like, shape (epochs,)
        Loss on *validation* data after each epoch.
    patience : int
        At least 1.

    Returns
    -------
    best, stop : int
        Index of the lowest loss up to the stop, whose weights to keep; and the index at which the
        run stops, the last one if it never waits so long.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or range.

    References
    ----------
    L. Prechelt, "Early stopping -- but when?", 1998.

    Examples
    --------
    The run that stops at index 4 never sees the 1.

    >>> early_stop([5, 4, 3, 4, 5, 1], patience=2)
    (2, 4)
    >>> early_stop([5, 4, 3, 4, 5, 1], patience=3)
    (5, 5)
    """
    losses, patience = real_array("losses", losses), count("patience", patience, at_least=1)
    if losses.ndim != 1 or losses.size == 0:
        raise ValueError(f"losses must have shape (epochs,); got shape {losses.shape}.")
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch
    return best, len(losses) - 1


def _samples(X, y):
    """Return both as arrays, of one length."""
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ValueError(
            f"X and y must have one row a sample each; got shapes {X.shape} and {y.shape}."
        )
    return X, y
