r"""First-order methods with a memory: momentum, and step sizes of their own for each coordinate.

Each method is a function of its settings that returns a rule, ``rule(k, x, g, memory)``. From the
number of the update, the point, the gradient there and the memory (None at the start), the rule
returns the next point and the new memory, and changes neither of what it was given. `optimize`
repeats a rule; a loop of your own can too, with gradients of minibatches or a projection.

================  ==============================================================================
`heavy_ball`      :math:`v \leftarrow \beta v - s g`, :math:`x \leftarrow x + v`
`nesterov`        the same :math:`v`, then :math:`x \leftarrow x + \beta v - s g`
`adagrad`         :math:`v \leftarrow v + g^2`, :math:`x \leftarrow x - s g / \sqrt v`
`rmsprop`         :math:`v \leftarrow \beta v + (1 - \beta) g^2`, then the same
`adam`            and :math:`m \leftarrow \beta_1 m + (1 - \beta_1) g` in place of :math:`g`
`adamw`           Adam, and :math:`x \leftarrow (1 - s \lambda) x` beside it
`amsgrad`         Adam with the largest :math:`v` so far
`yogi`            Adam with :math:`v \leftarrow v - (1-\beta_2)\,\mathrm{sign}(v - g^2)\, g^2`
================  ==============================================================================

Squares, roots and quotients are taken component by component.

Notes
-----
Keras does the same steps. Its defaults differ: ``epsilon`` is 1e-7 everywhere; its Adagrad has
step size 0.001 and starts with :math:`v = 0.1`; its AdamW has weight decay 0.004. Its Adagrad and
RMSprop divide by :math:`\sqrt{v + \varepsilon}`; its Adam does not divide the second moment of
:math:`\varepsilon` by :math:`1 - \beta_2^k`. It has no YOGI.
"""

import numpy as np

from coursekit._arguments import number
from coursekit.descent._run import counted, minimize, step_rule

__all__ = [
    "adagrad", "adam", "adamw", "amsgrad", "heavy_ball", "nesterov", "optimize", "rmsprop", "yogi",
]  # fmt: skip


def optimize(f, grad, x0, rule, *, tol=1e-6, maxiter=1000):
    r"""Minimize ``f`` by a rule with a memory, such as ``adam(0.1)``, keeping the whole path.

    Parameters
    ----------
    f, grad : callable
        A point of shape ``(n,)`` to a number and to the gradient ``(n,)``.
    x0 : array_like, shape (n,)
        Start. Integers are promoted to ``float64``; the path keeps a floating dtype.
    rule : callable
        What a function of this module returns, or your own of that form.
    tol : float, optional
        Bound on the norm of the gradient: absolute, in units of ``f`` per unit of ``x``.
    maxiter : int, optional
        Largest number of updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As of `gradient_descent`, with ``memory``, what the rule remembered at the end.
        ``status`` is one of ``CONVERGED``, ``MAXITER``, ``NON_FINITE`` and ``NO_PROGRESS``.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, or a start where ``f`` or ``grad`` is
        not finite. The message starts with the argument's name.

    Notes
    -----
    With a memory ``f`` may rise and come back, and x may run through a minimum and return: the run
    stops at the first point with a small gradient, although the memory would carry it on.

    Examples
    --------
    >>> from coursekit.objectives import exponential_sum as f
    >>> [optimize(f, f.grad, [-2, 2], heavy_ball(0.2, b), tol=1e-4).nit for b in (0, 0.5, 0.9)]
    [97, 36, 174]
    """
    f, grad, memory = counted(f), counted(grad), None

    def step(k, x, fx, g):
        nonlocal memory
        x, memory = rule(k, x, g, memory)
        return x

    run = minimize(f, grad, x0, step, tol=tol, maxiter=maxiter)
    run.memory = memory
    return run


def heavy_ball(step_size=0.01, beta=0.9):
    r"""Return the rule :math:`v \leftarrow \beta v - s g`, :math:`x \leftarrow x + v`.

    Components of the gradient that flip their sign cancel in :math:`v`, those that persist
    accumulate, up to :math:`1 / (1 - \beta)` times one step. The memory is :math:`v`.

    Parameters
    ----------
    step_size : float or callable, optional
        A number, or a schedule called as ``schedule(k, x, None, g)``, such as `decaying`.
    beta : float, optional
        In [0, 1); 0 is gradient descent.

    Notes
    -----
    On a quadratic with curvatures from m to M the run converges for
    :math:`0 < s < 2(1 + \beta) / M`. The best settings are
    :math:`s = 4 / (\sqrt M + \sqrt m)^2` and
    :math:`\beta = \big(\tfrac{\sqrt\kappa - 1}{\sqrt\kappa + 1}\big)^2`; they lie at the edge of
    divergence.

    References
    ----------
    Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
    Mathematics and Mathematical Physics 4(5), 1964.

    Examples
    --------
    >>> rule = heavy_ball(0.1, 0.5)
    >>> x, v = rule(0, np.array([1.0]), np.array([2.0]), None)
    >>> x, v
    (array([0.8]), array([-0.2]))
    >>> rule(1, x, np.array([2.0]), v)
    (array([0.5]), array([-0.3]))
    """
    size, beta = step_rule(step_size), _fraction("beta", beta)

    def rule(k, x, g, v):
        s = size(k, x, None, g)
        v = -s * g if v is None else beta * v - s * g
        return x + v, v

    return rule


def nesterov(step_size=0.01, beta=0.9):
    r"""Return the rule :math:`v \leftarrow \beta v - s g`, :math:`x \leftarrow x + \beta v - s g`.

    Written for the points :math:`y = x + \beta v` at which the gradient is taken, as Keras and
    others do. With the points x it reads :math:`v \leftarrow \beta v - s \nabla f(x + \beta v)`,
    :math:`x \leftarrow x + v`: the gradient is taken where the memory is about to lead.

    Parameters
    ----------
    step_size, beta
        As of `heavy_ball`.

    Notes
    -----
    With :math:`s = 1/M` and :math:`\beta = \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}` the value
    shrinks by :math:`1 - 1/\sqrt\kappa` a step, up to a constant, on all f with curvatures from
    m to M, not only on quadratics.

    References
    ----------
    Nesterov, "A method for solving the convex programming problem with convergence rate
    O(1/k^2)", Soviet Mathematics Doklady 27, 1983.

    Examples
    --------
    >>> x, v = nesterov(0.1, 0.5)(0, np.array([1.0]), np.array([2.0]), None)
    >>> x, v
    (array([0.7]), array([-0.2]))
    """
    size, beta = step_rule(step_size), _fraction("beta", beta)

    def rule(k, x, g, v):
        s = size(k, x, None, g)
        v = -s * g if v is None else beta * v - s * g
        return x + beta * v - s * g, v

    return rule


def adagrad(step_size=0.01, *, start=0.0, epsilon=1e-8):
    r"""Return the rule :math:`x \leftarrow x - s\, g / (\sqrt v + \varepsilon)`.

    :math:`v = \sum_{i \le k} g_i^2` is the sum of all squares so far, of each component. In the
    other form, :math:`\frac{s}{\sqrt k} \big(\frac1k \sum g_i^2\big)^{-1/2} g`, the two
    :math:`\sqrt k` cancel. The memory is :math:`v`.

    Parameters
    ----------
    step_size
        As of `heavy_ball`; the first step has this length in each coordinate.
    start : float, optional
        What :math:`v` starts with, at least 0.
    epsilon : float, optional
        Positive, in units of the gradient: what is small beside it is not normalized.

    References
    ----------
    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", Journal of Machine Learning Research 12, 2011.

    Examples
    --------
    >>> rule, x, v = adagrad(0.1), np.zeros(1), None
    >>> for k, g in enumerate([3.0, 4.0, 0.0, 12.0]):
    ...     x, v = rule(k, x, np.array([g]), v)
    >>> v
    array([169.])
    """
    size, epsilon = step_rule(step_size), number("epsilon", epsilon, above=0)
    start = number("start", start, at_least=0)

    def rule(k, x, g, v):
        v = (start if v is None else v) + g**2
        return x - size(k, x, None, g) * g / (np.sqrt(v) + epsilon), v

    return rule


def rmsprop(step_size=0.001, beta=0.9, *, epsilon=1e-8):
    r"""Return the rule of `adagrad` with a mean that forgets in place of the sum.

    .. math:: v \leftarrow \beta v + (1 - \beta)\, g^2

    The memory is :math:`v`, zero at the start. With nothing to correct for that, the first step
    has the length :math:`s / \sqrt{1 - \beta}` in each coordinate.

    Parameters
    ----------
    step_size, beta, epsilon
        As of `heavy_ball` and `adagrad`.

    References
    ----------
    Hinton, *Neural Networks for Machine Learning*, lecture 6, 2012.

    Examples
    --------
    >>> x, v = rmsprop(0.1, 0.75)(0, np.zeros(2), np.array([100.0, -0.01]), None)
    >>> x.round(6)
    array([-0.2,  0.2])
    """
    size, beta = step_rule(step_size), _fraction("beta", beta)
    epsilon = number("epsilon", epsilon, above=0)

    def rule(k, x, g, v):
        v = (1 - beta) * g**2 + (0 if v is None else beta * v)
        return x - size(k, x, None, g) * g / (np.sqrt(v) + epsilon), v

    return rule


def adam(step_size=0.001, beta1=0.9, beta2=0.999, *, epsilon=1e-8, correct=True):
    r"""Return Adam's rule: momentum, divided by the root of the mean square of each component.

    .. math:: m &\leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad
              v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2, \\
              x &\leftarrow x - s\, \frac{m / (1 - \beta_1^k)}
              {\sqrt{v / (1 - \beta_2^k)} + \varepsilon}, \qquad k = 1, 2, \dots

    The memory is ``(m, v)``. Both start at zero; the quotients :math:`1 - \beta^k` correct for it.

    Parameters
    ----------
    step_size, epsilon
        As of `adagrad`.
    beta1, beta2 : float, optional
        How much of the two means is kept, in [0, 1).
    correct : bool, optional
        Whether the two means are corrected. Without that the first step has the length
        :math:`s (1 - \beta_1) / \sqrt{1 - \beta_2}`, 3.16 s, in place of s.

    Notes
    -----
    Steps do not depend on the units of f, up to ``epsilon``. They need not become short near a
    minimum. There are convex problems with bounded gradients on which the iterates go to the
    worst point, for any :math:`\beta_1 < \sqrt{\beta_2}`.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015. Convergence: Reddi,
    Kale and Kumar, "On the convergence of Adam and beyond", ICLR 2018.

    Examples
    --------
    >>> x, memory = adam(0.1)(0, np.zeros(2), np.array([100.0, -0.01]), None)
    >>> x.round(6)
    array([-0.1,  0.1])
    """

    def mean(v, square, beta2):
        return beta2 * v + (1 - beta2) * square

    return _adam(step_size, beta1, beta2, epsilon, correct, mean)


def adamw(step_size=0.001, beta1=0.9, beta2=0.999, *, weight_decay=0.01, epsilon=1e-8):
    r"""Return the rule of `adam` with decay beside it: first :math:`x \leftarrow (1 - s\lambda) x`.

    A penalty :math:`\frac\lambda2 \|x\|^2` in f would add :math:`\lambda x` to the gradient, which
    Adam normalizes away. The gradient is that without the penalty, at the point before the decay.

    Parameters
    ----------
    step_size, beta1, beta2, epsilon
        As of `adam`.
    weight_decay : float, optional
        :math:`\lambda \ge 0`, in units of 1 per step size.

    References
    ----------
    Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.

    Examples
    --------
    >>> x, memory = adamw(0.01, weight_decay=0.1)(0, np.ones(2), np.array([0.001, 10.0]), None)
    >>> x.round(6)
    array([0.989, 0.989])
    """
    size, rule = step_rule(step_size), adam(step_size, beta1, beta2, epsilon=epsilon)
    weight_decay = number("weight_decay", weight_decay, at_least=0)

    def decayed(k, x, g, memory):
        return rule(k, (1 - size(k, x, None, g) * weight_decay) * x, g, memory)

    return decayed


def amsgrad(step_size=0.001, beta1=0.9, beta2=0.999, *, epsilon=1e-8, correct=True):
    r"""Return the rule of `adam` that divides by the largest :math:`v` so far.

    Then no coordinate's step size can grow again, apart from the correction. The memory is
    ``(m, v, largest)``.

    Parameters
    ----------
    step_size, beta1, beta2, epsilon, correct
        As of `adam`. The authors do not correct; Keras does.

    References
    ----------
    Reddi, Kale and Kumar, "On the convergence of Adam and beyond", ICLR 2018.

    Examples
    --------
    >>> rule, x, memory = amsgrad(0.1, 0, 0.5, correct=False), np.zeros(1), None
    >>> for k, g in enumerate([4.0, 1.0]):
    ...     x, memory = rule(k, x, np.array([g]), memory)
    >>> memory
    (array([1.]), array([4.5]), array([8.]))
    """

    def mean(v, square, beta2):
        return beta2 * v + (1 - beta2) * square

    return _adam(step_size, beta1, beta2, epsilon, correct, mean, largest=True)


def yogi(step_size=0.01, beta1=0.9, beta2=0.999, *, epsilon=1e-3, correct=True):
    r"""Return the rule of `adam` with a mean square that changes by addition.

    .. math:: v \leftarrow v - (1 - \beta_2)\, \mathrm{sign}(v - g^2)\, g^2

    After large gradients Adam's :math:`v` falls by the factor :math:`\beta_2` at each step; this
    one falls by :math:`(1 - \beta_2) g^2`, so it forgets them slowly. The memory is ``(m, v)``.

    Parameters
    ----------
    step_size, beta1, beta2, epsilon, correct
        As of `adam`.

    References
    ----------
    Zaheer, Reddi, Sachan, Kale and Kumar, "Adaptive methods for nonconvex optimization",
    NeurIPS 2018.

    Examples
    --------
    >>> rule, x, memory = yogi(0.1, 0, 0.5), np.zeros(1), None
    >>> for k, g in enumerate([4.0, 1.0]):
    ...     x, memory = rule(k, x, np.array([g]), memory)
    >>> memory
    (array([1.]), array([7.5]))
    """

    def mean(v, square, beta2):
        return v - (1 - beta2) * np.sign(v - square) * square

    return _adam(step_size, beta1, beta2, epsilon, correct, mean)


def _adam(step_size, beta1, beta2, epsilon, correct, mean, largest=False):
    """Return the rule that `adam`, `amsgrad` and `yogi` share; ``mean`` updates the squares."""
    size, epsilon = step_rule(step_size), number("epsilon", epsilon, above=0)
    beta1, beta2 = _fraction("beta1", beta1), _fraction("beta2", beta2)

    def rule(k, x, g, memory):
        m, v, *top = memory or (np.zeros_like(x),) * (3 if largest else 2)
        m = beta1 * m + (1 - beta1) * g
        v = mean(v, g**2, beta2)
        memory = (m, v, np.maximum(*top, v)) if largest else (m, v)
        first, second = (1 - beta1 ** (k + 1), 1 - beta2 ** (k + 1)) if correct else (1, 1)
        scale = np.sqrt(memory[-1] / second) + epsilon
        return x - size(k, x, None, g) * (m / first) / scale, memory

    return rule


def _fraction(name, value):
    return number(name, value, at_least=0, below=1)
