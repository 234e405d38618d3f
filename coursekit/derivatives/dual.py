r"""Forward-mode automatic differentiation with dual numbers: exact slopes, carried with the values.

A dual number :math:`a + b\,\varepsilon` with :math:`\varepsilon^2 = 0` holds a value and a slope.
Computing with it is the chain rule, for whatever a program does with its input:

.. math:: f(a + b\,\varepsilon) = f(a) + f'(a)\,b\,\varepsilon
"""

from itertools import count

import numpy as np

from coursekit._arguments import real_array

__all__ = ["RULES", "Dual", "dual_derivative"]

#: The derivatives of each operation, one for each of its inputs; others may be added. At a tie of
#: ``maximum(a, b)`` or ``minimum(a, b)`` the first input counts, as in TensorFlow.
RULES = {
    np.add: (lambda a, b: 1.0, lambda a, b: 1.0),
    np.subtract: (lambda a, b: 1.0, lambda a, b: -1.0),
    np.multiply: (lambda a, b: b, lambda a, b: a),
    np.divide: (lambda a, b: 1 / b, lambda a, b: -a / b**2),
    np.power: (lambda a, b: b * a ** (b - (b != 0)), lambda a, b: a**b * np.log(a)),
    np.negative: (lambda a: -1.0,),
    np.absolute: (np.sign,),
    np.square: (lambda a: 2 * a,),
    np.sqrt: (lambda a: 0.5 / np.sqrt(a),),
    np.exp: (np.exp,),
    np.expm1: (np.exp,),
    np.log: (lambda a: 1 / a,),
    np.log1p: (lambda a: 1 / (1 + a),),
    np.logaddexp: (
        lambda a, b: np.exp(a - np.logaddexp(a, b)),
        lambda a, b: np.exp(b - np.logaddexp(a, b)),
    ),
    np.sin: (np.cos,),
    np.cos: (lambda a: -np.sin(a),),
    np.tanh: (lambda a: 1 - np.tanh(a) ** 2,),
    np.maximum: (lambda a, b: a >= b, lambda a, b: a < b),
    np.minimum: (lambda a, b: a <= b, lambda a, b: a > b),
    np.where: (lambda c, a, b: 0.0, lambda c, a, b: c != 0, lambda c, a, b: c == 0),
}
FLAT = {np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal}
FLAT |= {np.sign, np.floor, np.ones_like, np.zeros_like}  # constant but for jumps
_levels = count()


class Dual(np.lib.mixins.NDArrayOperatorsMixin):
    r"""A value and a slope, which arithmetic and NumPy's functions carry along.

    An operation with the inputs :math:`u_i`, whose slopes are :math:`\dot u_i`, has the slope
    :math:`\sum_i \frac{\partial\,\mathrm{op}}{\partial u_i}\,\dot u_i`; the derivatives are in
    `RULES`. Comparisons compare values, so ``if`` and ``while`` work.

    Parameters
    ----------
    value, slope : float, array_like or Dual
        Of shapes that broadcast. The slope is 0 if not given: a constant.
    level : int, optional
        Which derivative the slope belongs to, where one is computed inside another one; slopes of
        different levels are never mixed. `dual_derivative` numbers them.

    Raises
    ------
    TypeError
        If a part isn't made of real numbers; later, by operations that have no rule, and by sums
        or others with an axis, ``out=`` or ``where=``.

    Notes
    -----
    Where a function has a kink the slope is that of the rule, a convention; a product of an
    infinite and a zero derivative is NaN. The branch of ``where`` that isn't taken counts with
    the factor 0, so an infinite slope there makes NaN, too.

    References
    ----------
    R. E. Wengert, A simple automatic derivative evaluation program, Communications of the ACM 7
    (1964), 463-464; A. Griewank and A. Walther, Evaluating Derivatives (2008), chapter 3.

    Examples
    --------
    >>> x = Dual(3.0, 1.0)
    >>> x * x + 1
    Dual(10.0, 6.0)
    >>> np.exp(2 * Dual(0.0, 1.0))
    Dual(1.0, 2.0)
    >>> y = Dual(2.0, [1, 0]) * Dual(5.0, [0, 1])  # a gradient: one slope for each variable
    >>> y.slope
    array([5., 2.])
    """

    def __init__(self, value, slope=0.0, level=-1):
        self.value, self.slope = _numbers("value", value), _numbers("slope", slope)
        self.level = level

    def __repr__(self):
        return f"Dual({self.value}, {self.slope})"

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return _apply(ufunc, inputs, method == "__call__" and not options)

    def __array_function__(self, function, types, inputs, options):
        return _apply(function, inputs, not options)


def _numbers(name, x):
    return x if isinstance(x, Dual) else real_array(name, x, finite=False)[()]


def _apply(operation, inputs, plain):
    if not plain or operation not in RULES.keys() | FLAT:
        raise TypeError(f"no rule for np.{operation.__name__} with these arguments: see dual.RULES")
    levels = [x.level if isinstance(x, Dual) else -np.inf for x in inputs]
    top = max(levels)
    vary = [k for k, level in enumerate(levels) if level == top]
    values = [x.value if k in vary else x for k, x in enumerate(inputs)]
    if operation in FLAT:
        return operation(*values)
    rules = [(k, RULES[operation][k]) for k in vary]
    slope = sum(rule(*values) * inputs[k].slope for k, rule in rules)
    return Dual(operation(*values), slope, top)


def dual_derivative(f, x):
    r"""Derivative of ``f``, by dual numbers: exact up to the rounding of its operations.

    One evaluation of ``f`` serves all points. Calls may be nested: the derivative of
    ``lambda t: dual_derivative(f, t)`` is :math:`f''`.

    Parameters
    ----------
    f : callable
        Takes one number, or any array of numbers entry by entry, and uses arithmetic, comparisons
        and NumPy's functions in `RULES`.
    x : float or array_like, any shape
        Where; integers become float64, other types stay.

    Returns
    -------
    float or ndarray, of the shape of ``f(x)``
        :math:`f'` at each entry; 0 if ``f`` doesn't depend on it.

    Raises
    ------
    TypeError
        If ``x`` or what ``f`` returns isn't made of real numbers, or ``f`` does something for
        which there is no rule.

    Examples
    --------
    >>> dual_derivative(lambda x: x**3, [1.0, 2.0])
    array([ 3., 12.])
    >>> def second(t):
    ...     return dual_derivative(lambda x: x**3, t)
    >>> dual_derivative(second, 2.0)
    np.float64(12.0)
    >>> dual_derivative(lambda x: np.maximum(x, 0), [-1, 0, 1])  # at the kink: a convention
    array([0., 1., 1.])
    """
    x, level = _numbers("x", x), next(_levels)
    y = _numbers("f(x)", f(Dual(x, np.ones_like(x), level)))
    return y.slope if isinstance(y, Dual) and y.level == level else np.zeros_like(y)[()]
