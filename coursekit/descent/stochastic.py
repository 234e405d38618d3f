r"""Stochastic gradient descent: steps along the gradient of a few samples at a time.

The value is a mean over samples, :math:`f(x) = \frac1N \sum_i \ell_i(x)`. A step uses a
*minibatch*, a few of them:

.. math:: x_{k+1} = x_k - s_k\, \frac1B \sum_{i \in \text{batch}} \nabla \ell_i(x_k).

The mean over a batch is right on average, and its squared error falls like :math:`1/B`. With a
constant step the iterates come close quickly and then keep wandering about; a schedule
(`coursekit.descent.decaying`, `cosine`, `step_decay`) or an average of the iterates calms them.

References
----------
Robbins and Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22, 1951;
Bottou, Curtis and Nocedal, "Optimization methods for large-scale machine learning", SIAM Review
60, 2018.
"""

import math

import numpy as np

from coursekit._arguments import count, number, point, real_array, real_number
from coursekit.descent._run import short, step_rule
from coursekit.statuses import CONVERGED, MAXITER, NON_FINITE

__all__ = ["cosine", "gradient_noise", "minibatches", "sgd", "step_decay"]


def minibatches(samples, batch_size, *, replace=False, seed=0):
    """Yield the row numbers of one minibatch after the other, without end.

    Each epoch is a new random order of all samples, cut into ``ceil(samples / batch_size)``
    batches. Where the size does not divide the number of samples, the last batch of each epoch is
    smaller: its mean gradient is noisier. No batch has rows of two epochs.

    Parameters
    ----------
    samples : int
        Number of samples, at least 1.
    batch_size : int
        Rows of a batch, 1 to ``samples``.
    replace : bool, optional
        Whether each row is drawn independently of the others instead, so that some come twice
        before others come at all. Then all batches are full, and an epoch is as many draws as
        there are samples.
    seed : int or numpy.random.Generator, optional
        Where the random numbers come from. The same seed gives the same batches.

    Yields
    ------
    ndarray of int, shape (batch_size,) or less
        Row numbers from 0 to ``samples - 1``.

    Raises
    ------
    TypeError, ValueError
        At once, for an argument of the wrong kind or range.

    Notes
    -----
    One epoch of row numbers is in memory at a time.

    Examples
    --------
    >>> stream = minibatches(5, 2, seed=1)
    >>> [next(stream).tolist() for _ in range(4)]
    [[4, 0], [1, 2], [3], [3, 0]]
    """
    samples = count("samples", samples, at_least=1)
    size = count("batch_size", batch_size, at_least=1)
    if size > samples:
        raise ValueError(f"batch_size must be at most samples = {samples}; got {size}.")
    rng = np.random.default_rng(seed)

    def stream():
        while True:
            if replace:
                whole = samples - samples % size
                order = rng.integers(samples, size=whole)
            else:
                order = rng.permutation(samples)
            for start in range(0, len(order), size):
                yield order[start : start + size]

    return stream()


def sgd(
    f,
    grad,
    x0,
    samples,
    *,
    batch_size=1,
    step_size=0.1,
    maxiter=1000,
    every=None,
    tol=0.0,
    average_from=None,
    average_every=1,
    replace=False,
    seed=0,
):
    r"""Minimize a mean over samples by steps along the gradients of minibatches.

    Parameters
    ----------
    f : callable
        Point of shape ``(n,)`` to the value on all data. It is called at the looks only.
    grad : callable
        ``grad(x, rows)``: the *mean* gradient of the samples ``rows``, shape ``(n,)``, where
        ``rows`` is an array of row numbers, or ``slice(None)`` for all (asked only with ``tol``).
    x0 : array_like, shape (n,)
        Start. Integers are promoted to ``float64``; a floating dtype stays.
    samples : int
        Number of samples.
    batch_size : int, optional
        Samples a step.
    step_size : float or callable, optional
        A number, or a schedule such as `cosine`, called as ``schedule(k, x, None, g)`` for update
        ``k`` = 0, 1, …: there is no value to go by. Rules that search along a line need one.
    maxiter : int, optional
        Largest number of updates.
    every : int, optional
        Updates between two looks; by default an epoch, ``ceil(samples / batch_size)``. A look is
        also taken at the start and at the end.
    tol : float, optional
        If positive, each look computes the gradient on all data, and the run has converged when
        its norm is at most ``tol``. With noise at the minimizer a constant step may never get
        there.
    average_from : int, optional
        If given, the mean of the iterates from that update on is kept.
    average_every : int, optional
        1 averages all of these iterates (Polyak and Ruppert); the number of updates of an epoch
        takes one an epoch (stochastic weight averaging).
    replace, seed
        As of `minibatches`.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``path`` of shape ``(looks, n)``, ``path_fun`` with the values on all data and
        ``path_nit`` with the number of updates made, all at the looks; ``x``, ``fun`` and ``nit``
        belong to the last. ``average`` is the mean of ``averaged`` iterates, or None. ``nfev``
        and ``njev`` count calls; ``rows`` counts the samples whose gradients were used, and
        ``epochs`` is ``rows / samples``. ``status`` is one of

        0. ``CONVERGED``: the gradient on all data is small.
        1. ``MAXITER``: that many updates were made. Without ``tol`` every good run ends so.
        3. ``NON_FINITE``: at a look the point, its value or its gradient was not finite. The
           result is what the look before it saw, and the counts hold what was computed.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, or a start where ``f`` or ``grad`` is
        not finite. The message starts with the argument's name.

    Notes
    -----
    Memory does not grow with ``maxiter``, only with the number of looks.

    References
    ----------
    Robbins and Monro (1951). Averages: Polyak and Juditsky, "Acceleration of stochastic
    approximation by averaging", SIAM Journal on Control and Optimization 30, 1992; Izmailov and
    others, "Averaging weights leads to wider optima and better generalization", 2018.

    Examples
    --------
    Three equations in one unknown; the least squares solution is 24/14.

    >>> a, b = np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 5.0])
    >>> def f(x): return np.mean((a * x[0] - b) ** 2) / 2
    >>> def grad(x, rows): return np.mean(a[rows] * (a[rows] * x[0] - b[rows]), keepdims=True)
    >>> run = sgd(f, grad, [10], 3, maxiter=3000, average_from=300)
    >>> run.status, run.epochs, run.path.shape
    (1, 1000.0, (1001, 1))
    >>> print(f"{f(run.x):.3f}, {f(run.average):.3f}, least {f([24 / 14]):.3f}")
    0.169, 0.143, least 0.143
    """
    from scipy.optimize import OptimizeResult

    x, rule = point("x0", x0).copy(), step_rule(step_size)
    stream = minibatches(samples, batch_size, replace=replace, seed=seed)
    maxiter, tol = count("maxiter", maxiter), number("tol", tol, at_least=0)
    every = math.ceil(samples / batch_size) if every is None else count("every", every, at_least=1)
    start = maxiter + 1 if average_from is None else count("average_from", average_from)
    stride = count("average_every", average_every, at_least=1)
    rows = calls = averaged = full = 0
    mean, dtype = np.zeros_like(x), x.dtype

    def look(x):
        """Return value, norm of the full gradient (NaN if not asked), what is not finite."""
        nonlocal full
        if not np.isfinite(x).all():
            return math.nan, math.nan, f"x = {short(x)}"
        fx, norm = real_number("f(x)", f(x)), math.nan
        if tol > 0 and math.isfinite(fx):
            full += 1
            norm = math.hypot(*_gradient(grad, x, slice(None)).tolist())
        if not math.isfinite(fx):
            return fx, norm, f"f(x) = {fx} at x = {short(x)}"
        bad = tol > 0 and not math.isfinite(norm)
        return fx, norm, f"||grad(x)|| = {norm} at x = {short(x)}" * bad

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        x.flags.writeable = False
        fx, norm, lost = look(x)
        if lost:
            raise ValueError(f"x0 must be a point where f and grad are finite; got {lost}.")
        path, values, steps, kept = [x], [fx], [0], None
        if start == 0 <= maxiter:
            mean, averaged = x.copy(), 1
            kept = mean.copy(), averaged
        k = 0
        while k < maxiter and not norm <= tol:
            before = k
            for k in range(before + 1, min(before + every, maxiter) + 1):
                batch = next(stream)
                g = grad(x, batch)
                if k == 1 or type(g) is not np.ndarray or g.shape != x.shape:
                    g = _gradient(grad, x, batch, g)
                x = x - rule(k - 1, x, None, g) * g
                if x.dtype != dtype:
                    x = x.astype(dtype)
                x.flags.writeable = False  # a grad must not rewrite the path
                rows += len(batch)
                if k >= start and (k - start) % stride == 0:
                    averaged += 1
                    mean += (x - mean) / averaged
            calls = k
            fx, norm, lost = look(x)
            if lost:
                break
            path.append(x)
            values.append(fx)
            steps.append(k)
            kept = (mean.copy(), averaged) if averaged else None

    average, averaged = kept or (None, 0)
    status = NON_FINITE if lost else CONVERGED if norm <= tol else MAXITER
    return OptimizeResult(
        x=path[-1].copy(),
        fun=values[-1],
        nit=steps[-1],
        nfev=len(path) + (bool(lost) and bool(np.isfinite(x).all())),
        njev=calls + full,
        rows=rows,
        epochs=rows / samples,
        average=average,
        averaged=averaged,
        success=status == CONVERGED,
        status=status,
        message=_message(status, steps[-1], k, values[-1], norm, tol, lost),
        path=np.array(path),
        path_fun=np.array(values),
        path_nit=np.array(steps),
    )


def cosine(s0, maxiter):
    r"""Return the schedule :math:`s_k = \frac{s_0}2 \bigl(1 + \cos\frac{\pi k}{K}\bigr)`.

    It falls from ``s0`` at :math:`k = 0` to 0 at :math:`k = K`, flat at both ends, and stays 0.

    Parameters
    ----------
    s0 : float
        First step size, positive.
    maxiter : int
        :math:`K`, the number of updates of the run, at least 1.

    References
    ----------
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.

    Examples
    --------
    >>> rule = cosine(0.4, 100)
    >>> [round(rule(k), 3) for k in (0, 25, 50, 75, 100)]
    [0.4, 0.341, 0.2, 0.059, 0.0]
    """
    s0, maxiter = number("s0", s0, above=0), count("maxiter", maxiter, at_least=1)

    def rule(k, x=None, fx=None, g=None, d=None):
        return s0 * (1 + math.cos(math.pi * min(k / maxiter, 1))) / 2

    return rule


def step_decay(s0, every, factor=0.1):
    r"""Return the schedule :math:`s_k = s_0\, c^{\lfloor k / m \rfloor}`: constant, then less.

    Parameters
    ----------
    s0 : float
        First step size, positive.
    every : int
        :math:`m`, the number of updates until the next cut, at least 1.
    factor : float, optional
        :math:`c`, in (0, 1).

    Examples
    --------
    >>> rule = step_decay(0.4, 100, 0.5)
    >>> [rule(k) for k in (0, 99, 100, 250)]
    [0.4, 0.4, 0.2, 0.1]
    """
    s0, every = number("s0", s0, above=0), count("every", every, at_least=1)
    factor = number("factor", factor, above=0, below=1)

    def rule(k, x=None, fx=None, g=None, d=None):
        return s0 * factor ** (k // every)

    return rule


def gradient_noise(gradients, samples=None):
    r"""Estimate how far the mean gradient of a batch is from that of all samples.

    From the gradients :math:`g_1, \dots, g_B` of one batch, with mean :math:`\bar g`,

    .. math::
        \frac{1}{B} \cdot \frac{1}{B - 1} \sum_i \|g_i - \bar g\|^2
        \qquad \Bigl(\text{times } 1 - \frac BN \text{ without replacement}\Bigr)

    is an unbiased estimate of :math:`\mathbb E \|\bar g - \nabla f\|^2`.

    Parameters
    ----------
    gradients : array_like, shape (B, n)
        One row a sample of the batch, at least two.
    samples : int, optional
        :math:`N`, if the batch was drawn without replacement.

    Returns
    -------
    float
        A squared length, in the units of the gradient squared.

    Raises
    ------
    TypeError, ValueError
        If the gradients are no matrix with two rows, or there are fewer samples than rows.

    Examples
    --------
    >>> gradient_noise([[1.0, 0.0], [3.0, 0.0]])
    1.0
    >>> gradient_noise([[1.0, 0.0], [3.0, 0.0]], samples=2)
    0.0
    """
    gradients = real_array("gradients", gradients)
    if gradients.ndim != 2 or len(gradients) < 2 or not gradients.size:
        raise ValueError(
            f"gradients must be a matrix with at least two rows; got shape {gradients.shape}."
        )
    size = len(gradients)
    left = 1.0
    if samples is not None:
        left -= size / count("samples", samples, at_least=size)
    return float(left * gradients.var(axis=0, ddof=1).sum() / size)


def _gradient(grad, x, rows, g=None):
    """Return a checked gradient; ``g`` is what ``grad`` returned, if it was called."""
    g = grad(x, rows) if g is None else g
    return real_array("grad(x, rows)", g, x.shape, finite=False)


def _message(status, nit, k, fx, norm, tol, lost):
    """Say what happened, at which update, and what to do."""
    if status == NON_FINITE:
        return (
            f"Not finite: between updates {nit} and {k} the run led to {lost}. "
            "Try a smaller step_size; for one pair of them, a larger batch_size."
        )
    if status == CONVERGED:
        return f"Converged after {nit} updates: ||grad|| = {norm:.3g} <= tol = {tol:.3g}."
    asked = f"||grad|| = {norm:.3g} > tol = {tol:.3g}; " if tol > 0 else ""
    return (
        f"Stopped at maxiter = {nit} updates: {asked}f = {fx:.6g}. If path_fun still falls, raise "
        "maxiter; if it only wanders, let step_size fall, or average."
    )
