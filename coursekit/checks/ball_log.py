"""Check step size and momentum that are found from the log of a run of the heavy ball."""

import numpy as np

from coursekit.checks.answers import watched
from coursekit.checks.arrays import check_array
from coursekit.checks.failure import CheckFailed

__all__ = ["check_ball_log"]


def check_ball_log(func, logs):
    r"""Check that ``func`` finds the settings of the heavy ball that fit a log best.

    Parameters
    ----------
    func : callable
        ``func(path, gradients)``, from points (T + 1, n) and gradients (T, n), returns the pair
        ``step_size, beta`` for which :math:`\sum_k \|x_{k+1} - x_k - \beta v_k + s g_k\|_2^2` is
        smallest, where :math:`v_k = x_k - x_{k-1}` and :math:`v_0 = 0`.
    logs : list of tuple
        ``(path, gradients)`` of each run. In at least one of them the numbers are rounded.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what is wrong with the pair: kind, shape; or for which log it is another one, and
        which mistake explains the pairs of all logs, if one does.

    Examples
    --------
    >>> import numpy as np
    >>> def two_updates(path, gradients):  # enough if n = 1
    ...     s = -(path[1] - path[0])[0] / gradients[0, 0]
    ...     return s, (path[2] - path[1] + s * gradients[1])[0] / (path[1] - path[0])[0]
    >>> check_ball_log(two_updates, [(np.array([[4.0], [3.0], [2.0]]), np.array([[2.0], [1.0]]))])
    True
    """
    found, right, others = [], [], []
    for path, gradients in logs:
        where = f"For a path of shape {path.shape} and gradients of shape {gradients.shape}"
        pair = watched(func)(path, gradients)
        check_array(pair, (2,), f"{where}: the pair")
        best, rest = _fits(path, gradients)
        found.append(pair)
        right.append(best)
        others.append(rest)
    wrong = np.flatnonzero(~_close(found, right).all(axis=1))
    if not len(wrong):
        return True
    why = ""
    for name in others[0]:
        if _close(found, [rest[name] for rest in others]).all() and not why:
            why = f" All your pairs are as if {name}."
    path, gradients = logs[wrong[0]]
    (s, beta), (a, b) = right[wrong[0]], found[wrong[0]]
    text = f"For a path of shape {path.shape} and gradients of shape {gradients.shape}, S is "
    text += f"smallest for step_size = {s:.9g} and beta = {beta:.9g}; yours are {a:.9g} and "
    text += f"{b:.9g}. There S is {_sum(path, gradients, a, b):.6g}, and could be "
    text += f"{_sum(path, gradients, s, beta):.6g}."
    if not why and wrong[0]:
        text += f" Before it, {wrong[0]} of the {len(logs)} logs came out right."
    raise CheckFailed(text + why)


def _fits(path, gradients):
    """Return the best pair, and the pairs of usual mistakes by their names."""
    moves = np.diff(path, axis=0)
    before = np.vstack([0 * moves[:1], moves[:-1]])
    s, beta = best = _fit(gradients, before, moves)
    single = [_fit(*row) for row in _rows(gradients, before, moves)]
    others = {
        "the two stood in another order: the step size is the first": (beta, s),
        "the step size had the opposite sign": (-s, beta),
        "beta had the opposite sign": (s, -beta),
        "both had the opposite sign": (-s, -beta),
        "beta were divided by the step size": (s, beta / s),
        "beta were multiplied by the step size": (s, beta * s),
        "the first result were one over the step size": (1 / s, beta),
        "1 + beta stood in place of beta": (s, 1 + beta),
        "1 - beta stood in place of beta": (s, 1 - beta),
        "the velocity were left out": _fit(gradients, 0 * before, moves),
        "beta came from a fit of its own, without gradients": (
            s,
            _fit(0 * gradients, before, moves)[1],
        ),
        "in the first update the velocity were x_0, not 0": _fit(
            gradients, np.vstack([path[:1], moves[:-1]]), moves
        ),
        "the velocity in the first update were the first move": _fit(
            gradients, np.vstack([moves[:1], moves[:-1]]), moves
        ),
        "the velocity were the move itself": _fit(gradients, moves, moves),
        "the velocity were that after the update": _fit(
            gradients, np.vstack([moves[1:], 0 * moves[:1]]), moves
        ),
        "the points stood in place of the velocities": _fit(gradients, path[:-1], moves),
        "the first update were left out": _fit(gradients[1:], moves[:-1], moves[1:]),
        "the last update were left out": _fit(gradients[:-1], before[:-1], moves[:-1]),
        "the gradient were that of the point before": _fit(gradients[:-1], moves[:-1], moves[1:]),
        "the gradient were that of the point after": _fit(gradients[1:], before[:-1], moves[:-1]),
        "the first two updates alone were used": _fit(gradients[:2], before[:2], moves[:2]),
        "the last two updates alone were used": _fit(gradients[-2:], before[-2:], moves[-2:]),
        "the first coordinate alone were used": single[0],
        "the last coordinate alone were used": single[-1],
        "the mean were taken over the coordinates, each fitted alone": np.mean(single, axis=0),
        "the coordinates were added up before the fit": _fit(
            *(part.sum(axis=1, keepdims=True) for part in (gradients, before, moves))
        ),
        "lengths stood in place of vectors": _fit(*map(_lengths, (gradients, before, moves))),
        "a constant were fitted, too": _fit(gradients, before, moves, np.ones(moves.shape)),
        "the first step size were taken, and beta fitted to it": _second(gradients, before, moves),
    }
    return best, others


def _rows(*parts):
    """The columns of arrays (T, n), each as an array (T, 1) of all of them."""
    for j in range(parts[0].shape[1]):
        yield [part[:, j : j + 1] for part in parts]


def _lengths(rows):
    return np.linalg.norm(rows, axis=1)


def _fit(gradients, velocities, moves, *more):
    """Return step size and momentum by least squares."""
    A = np.stack([-gradients.ravel(), velocities.ravel(), *map(np.ravel, more)], axis=-1)
    return np.linalg.lstsq(A, moves.ravel(), rcond=None)[0][:2]


def _second(gradients, before, moves):
    """Return the step size of the first update, and the momentum that fits best with it."""
    s = -(moves[0] @ gradients[0]) / (gradients[0] @ gradients[0])
    rest = moves + s * gradients
    return s, (rest * before).sum() / (before**2).sum()


def _sum(path, gradients, s, beta):
    moves = np.diff(path, axis=0)
    before = np.vstack([0 * moves[:1], moves[:-1]])
    return ((moves - beta * before + s * gradients) ** 2).sum()


def _close(a, b):
    return np.isclose(np.array(a, dtype=float), b, rtol=1e-8, atol=1e-11)
