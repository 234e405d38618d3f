r"""Two-person zero-sum games as linear programs, and learning to play them.

In a game with matrix ``P`` of shape (m, n), player X picks a row and pays the entry to player Y,
who picks a column at the same time. X plays row i with probability :math:`x_i`, Y column j with
probability :math:`y_j`; the mean payment is :math:`x^\top P y`.
"""

import numpy as np

from coursekit._arguments import count, matrix
from coursekit.constraints.linear_programming import standard_form
from coursekit.constraints.simplex import simplex

__all__ = ["fictitious_play", "game_program", "solve_game"]


def game_program(P):
    r"""Write the best mixture of the rows as a linear program.

    Minimize :math:`v` where :math:`P^\top x \le v` for each column, :math:`\sum_i x_i = 1`,
    :math:`x \ge 0`. The variables are ``x`` and last :math:`v`, which is free.

    Parameters
    ----------
    P : array_like, shape (m, n)

    Returns
    -------
    dict
        ``c``, ``A_ub``, ``b_ub``, ``A_eq``, ``b_eq``, ``bounds``: arguments for
        `standard_form` or `scipy.optimize.linprog`.

    Examples
    --------
    >>> game_program([[1, 3], [2, 0]])["A_ub"]
    array([[ 1.,  2., -1.],
           [ 3.,  0., -1.]])
    """
    P = matrix("P", P)
    m, n = P.shape
    return {
        "c": np.append(np.zeros(m), 1.0),
        "A_ub": np.column_stack([P.T, -np.ones(n)]),
        "b_ub": np.zeros(n),
        "A_eq": np.append(np.ones(m), 0.0)[None],
        "b_eq": np.ones(1),
        "bounds": [(0, None)] * m + [(None, None)],
    }


def solve_game(P):
    r"""Return best mixtures of both players and the value of the game.

    By the minimax theorem :math:`\max_j (P^\top x)_j` and :math:`\min_i (Py)_i` are both the value:
    X pays at most that, whatever Y does, and Y gets at least that. The multipliers of the program
    of X are the mixture of Y.

    Parameters
    ----------
    P : array_like, shape (m, n)
        What X, who picks the row, pays to Y.

    Returns
    -------
    x, y : ndarray, shapes (m,) and (n,)
        Not unique if there are several best mixtures.
    value : float

    References
    ----------
    Book chapter *Linear programming*; von Neumann, *Zur Theorie der Gesellschaftsspiele*,
    Mathematische Annalen 100 (1928).

    Examples
    --------
    >>> x, y, value = solve_game([[1, 0, 4], [3, -1, 2]])
    >>> x.round(12), y.round(12), round(value, 12)
    (array([0.25, 0.75]), array([0.5, 0. , 0.5]), 2.5)
    """
    P = matrix("P", P).astype(float)
    form = standard_form(**game_program(P))
    run = simplex(form.c, form.A, form.b)
    x = np.maximum(form.restore(run.x)[:-1], 0)
    y = np.maximum(-run.y[: P.shape[1]], 0)
    return x / x.sum(), y / y.sum(), float(run.fun + form.offset)


def fictitious_play(P, rounds):
    r"""Let both players answer, round by round, what the other one has played so far on average.

    Parameters
    ----------
    P : array_like, shape (m, n)
        What X, who picks the row, pays to Y. Both start with row and column 0; of several best
        answers the first is taken.
    rounds : int
        At least 1.

    Returns
    -------
    lower, upper : ndarray, shape (rounds,)
        :math:`\min_i (Py)_i` and :math:`\max_j (P^\top x)_j` of the mean plays after each round:
        a bracket of the value of the game.

    References
    ----------
    Robinson, *An iterative method of solving a game*, Annals of Mathematics 54 (1951).

    Examples
    --------
    >>> lower, upper = fictitious_play([[1, 0, 4], [3, -1, 2]], 1000)
    >>> lower[-1], upper[-1]
    (np.float64(2.473), np.float64(2.514))
    """
    P, rounds = matrix("P", P).astype(float), count("rounds", rounds, at_least=1)
    row = column = 0
    received, paid = np.zeros(P.shape[1]), np.zeros(P.shape[0])  # each column's, each row's sum
    lower, upper = np.empty(rounds), np.empty(rounds)
    for k in range(rounds):
        received, paid = received + P[row], paid + P[:, column]
        lower[k], upper[k] = paid.min() / (k + 1), received.max() / (k + 1)
        row, column = int(paid.argmin()), int(received.argmax())
    return lower, upper
