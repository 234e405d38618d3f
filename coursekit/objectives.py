r"""The functions that the course minimizes, each with exact derivatives and known minimizers.

The last axis of ``x`` is always the coordinate axis; any axes before it are a batch:

=============  ==========  =============  ================
``x``          ``f(x)``    ``grad(x)``    ``hess(x)``
=============  ==========  =============  ================
``(n,)``       ``()``      ``(n,)``       ``(n, n)``
``(m, n)``     ``(m,)``    ``(m, n)``     ``(m, n, n)``
``(m, k, n)``  ``(m, k)``  ``(m, k, n)``  ``(m, k, n, n)``
=============  ==========  =============  ================

Integers are promoted to ``float64``; results keep the floating (or complex) dtype of ``x``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.polynomial import Polynomial

from coursekit._arguments import count, number, points, real_array, symmetric

__all__ = [
    "Objective",
    "bowl",
    "canyon",
    "exponential_sum",
    "hill_and_well",
    "himmelblau",
    "parabola",
    "polynomial10",
    "quadratic",
    "rosenbrock",
    "saddle",
    "sine_valley",
    "zigzag",
]


@dataclass(frozen=True, eq=False)
class Objective:
    """A function of ``n`` variables that knows its derivatives; ``objective(x)`` is ``f(x)``.

    Two lines make one: ``Objective(f, grad)`` is a function of two variables.

    Attributes
    ----------
    f, grad, hess : callable
        ``x`` of shape ``(..., n)`` to arrays of shape ``(...)``, ``(..., n)``, ``(..., n, n)``.
        ``hess`` is None where nobody gave it.
    n : int
        Number of variables, 2 if not given.
    minimizers : ndarray, shape (k, n)
        Every known local minimizer, lowest value first, read-only; ``k = 0`` where there is none
        (no isolated one, or none was given).
    window : tuple of (low, high) pairs
        One pair a coordinate: the part worth plotting, (-3, 3) each way if not given.
    name : str
        What it is called, as in this module.
    source : str
        Where the function comes from.
    formula : str
        ``f`` in TeX.

    Raises
    ------
    TypeError, ValueError
        If ``f``, ``grad`` or ``hess`` is not callable, or ``n``, ``minimizers`` and ``window``
        don't fit each other.

    Examples
    --------
    >>> from coursekit.objectives import saddle
    >>> saddle
    Objective('saddle', n=2)
    >>> saddle([3, 1])
    np.float64(8.0)
    >>> saddle.grad([[3, 1], [0, 2]])
    array([[ 6., -2.],
           [ 0., -4.]])
    >>> mine = Objective(lambda x: (x**2).sum(axis=-1), lambda x: 2 * x)
    >>> mine.n, mine.window, mine.minimizers.shape
    (2, ((-3, 3), (-3, 3)), (0, 2))
    """

    f: Callable
    grad: Callable
    hess: Callable | None = None
    n: int = 2
    minimizers: np.ndarray = ()
    window: tuple | None = None
    name: str = "f"
    source: str = ""
    formula: str = ""

    def __post_init__(self):
        for name in ("f", "grad", "hess"):
            function = getattr(self, name)
            if not callable(function) and (name != "hess" or function is not None):
                raise TypeError(f"{name} must be a function; got {function!r}.")
        n = count("n", self.n, at_least=1)
        minimizers = real_array("minimizers", self.minimizers)
        if minimizers.size and minimizers.shape[1:] != (n,):
            raise ValueError(
                f"minimizers must have shape (k, {n}), one row each; got shape {minimizers.shape}."
            )
        minimizers = minimizers.reshape(-1, n) + 0.0  # a copy, and no -0.0
        minimizers.flags.writeable = False
        object.__setattr__(self, "minimizers", minimizers)
        if self.window is None:
            object.__setattr__(self, "window", ((-3, 3),) * n)
        if np.shape(self.window) != (n, 2):
            raise ValueError(f"window must hold {n} pairs (low, high); got {self.window!r}.")

    def __call__(self, x):
        """Return ``f(x)``."""
        return self.f(x)

    def __repr__(self):
        return f"Objective({self.name!r}, n={self.n})"


def _in_plane(f, grad, hess, **fields):
    """Return the objective of two variables given by its entries.

    ``f(x, y)`` is the value, ``grad(x, y)`` the pair of first and ``hess(x, y)`` the triple
    ``(f_xx, f_xy, f_yy)`` of second partial derivatives; constants may be plain numbers.
    """

    def value(point):
        point = points("x", point, 2)
        return f(point[..., 0], point[..., 1])

    def gradient(point):
        point = points("x", point, 2)
        out = np.empty_like(point)
        out[..., 0], out[..., 1] = grad(point[..., 0], point[..., 1])
        return out

    def hessian(point):
        point = points("x", point, 2)
        out = np.empty((*point.shape, 2), point.dtype)
        out[..., 0, 0], out[..., 0, 1], out[..., 1, 1] = hess(point[..., 0], point[..., 1])
        out[..., 1, 0] = out[..., 0, 1]
        return out

    return Objective(f=value, grad=gradient, hess=hessian, n=2, **fields)


# --- Two functions made of exponentials ---------------------------------------------------------


def _exponentials(x, y):
    return 0.06 * np.exp(2 * x + y), 0.05 * np.exp(x - 2 * y), np.exp(-x)


def _exponential_sum_grad(x, y):
    a, b, c = _exponentials(x, y)
    return 2 * a + b - c, a - 2 * b


def _exponential_sum_hess(x, y):
    a, b, c = _exponentials(x, y)
    return 4 * a + b + c, 2 * a - 2 * b, a + 4 * b


# The gradient vanishes where a = 2b and c = 5b; the logarithms of these two are linear in (x, y).
_y_star = np.log(5 / 6) / 4
exponential_sum = _in_plane(
    lambda x, y: sum(_exponentials(x, y)),
    _exponential_sum_grad,
    _exponential_sum_hess,
    name="exponential_sum",
    window=((-3, 3), (-3, 3)),
    minimizers=[[np.log(2) + _y_star, _y_star]],
    source="Dhiman, Continuous Optimization (2025), worked example; strictly convex",
    formula=r"0.06\,e^{2x_1 + x_2} + 0.05\,e^{x_1 - 2x_2} + e^{-x_1}",
)


def _bell(x, y):
    return np.exp(-x * x - y * y)


hill_and_well = _in_plane(
    lambda x, y: x * _bell(x, y),
    lambda x, y: ((1 - 2 * x * x) * _bell(x, y), -2 * x * y * _bell(x, y)),
    lambda x, y: (
        2 * x * (2 * x * x - 3) * _bell(x, y),
        2 * y * (2 * x * x - 1) * _bell(x, y),
        2 * x * (2 * y * y - 1) * _bell(x, y),
    ),
    name="hill_and_well",
    window=((-2, 2), (-2, 2)),
    minimizers=[[-np.sqrt(0.5), 0.0]],
    source="Dhiman, Continuous Optimization (2025), homework; not convex",
    formula=r"x_1 e^{-x_1^2 - x_2^2}",
)

# --- Quadratics ---------------------------------------------------------------------------------


def quadratic(H, b=None, *, name="quadratic", window=None):
    r"""Return :math:`f(x) = \tfrac12 x^\top H x - b^\top x`, with :math:`\nabla f = Hx - b`.

    Parameters
    ----------
    H : array_like, shape (n, n)
        Symmetric; it need not be positive definite.
    b : array_like, shape (n,), optional
        Zero if not given.
    name, window : optional
        See `Objective`; the window is (-3, 3) each way if not given.

    Returns
    -------
    Objective
        Its one minimizer solves :math:`Hx = b` if ``H`` is numerically positive definite
        (:math:`\lambda_{\min} > n \varepsilon \lambda_{\max}`); otherwise ``minimizers`` is empty.

    Raises
    ------
    TypeError, ValueError
        If ``H`` is not real, square, finite and symmetric (differences up to half of the digits
        are rounded away), or ``b`` does not fit it.

    Examples
    --------
    >>> f = quadratic([[2, 0], [0, 4]], [2, 4])
    >>> f.minimizers
    array([[1., 1.]])
    >>> f([1, 1]), f.grad([0, 0])
    (np.float64(-3.0), array([-2., -4.]))
    """
    H = symmetric("H", H).astype(float)
    n = len(H)
    b = np.zeros(n) if b is None else real_array("b", b, (n,)).astype(float)

    def f(x):
        x = points("x", x, n)
        return (x * (x @ (H / 2).astype(x.dtype) - b.astype(x.dtype))).sum(axis=-1)

    def grad(x):
        x = points("x", x, n)
        return x @ H.astype(x.dtype) - b.astype(x.dtype)

    def hess(x):
        x = points("x", x, n)
        return np.broadcast_to(H, (*x.shape, n)).astype(x.dtype)

    eigenvalues = np.linalg.eigvalsh(H)
    definite = eigenvalues[0] > n * np.finfo(float).eps * eigenvalues[-1]
    return Objective(
        name=name,
        f=f,
        grad=grad,
        hess=hess,
        n=n,
        window=window,
        minimizers=[np.linalg.solve(H, b)] if definite else [],
        source="Boyd and Vandenberghe, Convex Optimization (2004), section 9.3",
        formula=r"\tfrac12 x^\top H x - b^\top x",
    )


def zigzag(b):
    r"""Return :math:`\tfrac12 (x_1^2 + b x_2^2)`, on which exact line search zigzags.

    From the start :math:`(b, 1)` exact line search visits
    :math:`x_k = \left(b r^k, (-r)^k\right)` with :math:`r = (b - 1) / (b + 1)`. The window holds
    the level set through that start.

    Parameters
    ----------
    b : float
        Positive; the condition number is ``max(b, 1 / b)``.

    Examples
    --------
    >>> zigzag(0.1).grad([0.1, 1])
    array([0.1, 0.1])
    """
    b = number("b", b, above=0)
    x_half, y_half = 1.2 * float(np.sqrt(b * (1 + b))), 1.2 * float(np.sqrt(1 + b))
    return replace(
        quadratic(np.diag([1.0, b]), name=f"zigzag({b:g})"),
        window=((-x_half, x_half), (-y_half, y_half)),
        source="Strang, Linear Algebra and Learning from Data (2019), section VI.4",
        formula=rf"\tfrac12 \left(x_1^2 + {b:g}\,x_2^2\right)",
    )


def parabola(curvature=1.0):
    r"""Return :math:`\tfrac12 \lambda x^2`, one variable with curvature :math:`\lambda`.

    Gradient descent with step size :math:`s` visits :math:`x_k = (1 - s\lambda)^k x_0`.

    Parameters
    ----------
    curvature : float, optional
        The second derivative; there is a minimizer only if it is positive.

    Examples
    --------
    >>> parabola(4.0)([[1], [2]])
    array([2., 8.])
    """
    curvature = number("curvature", curvature)
    return replace(
        quadratic([[curvature]], name=f"parabola({curvature:g})", window=((-2, 2),)),
        source="Some Applications of Data Science (thesis after Strang, 2024), section 2.4.1",
        formula=rf"\tfrac12 \cdot {curvature:g}\,x^2",
    )


bowl = replace(
    quadratic([[2, 0], [0, 10]], name="bowl", window=((-11, 11), (-5, 5))),
    source="Mithrakumar, Deep Learning with TensorFlow 2.0 (2019), chapter 4; condition number 5",
    formula=r"x_1^2 + 5 x_2^2",
)

canyon = replace(
    quadratic([[3, 2], [2, 3]], name="canyon", window=((-7, 7), (-7, 7))),
    source="Deep Neural Networks, slides of chapter 4, figure 4.6; condition number 5",
    formula=r"\tfrac12 \left(3 x_1^2 + 4 x_1 x_2 + 3 x_2^2\right)",
)

saddle = replace(
    quadratic([[2, 0], [0, -2]], name="saddle", window=((-2, 2), (-2, 2))),
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), figure 4.5",
    formula=r"x_1^2 - x_2^2",
)

# --- Curved valleys and several minima ----------------------------------------------------------

rosenbrock = _in_plane(
    lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    lambda x, y: (2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)),
    lambda x, y: (2 - 400 * (y - 3 * x * x), -400 * x, 200),
    name="rosenbrock",
    window=((-2, 2), (-1, 3)),
    minimizers=[[1, 1]],
    source="Rosenbrock, The Computer Journal 3 (1960), 175-184",
    formula=r"(1 - x_1)^2 + 100\,(x_2 - x_1^2)^2",
)


def _simple_real_roots(p):
    roots = p.roots()
    roots = roots[abs(roots.imag) < 1e-8].real  # real up to rounding
    return roots - p(roots) / p.deriv()(roots)  # a Newton step removes that rounding


# Both squares vanish at the four minimizers: y = 11 - x^2 turns the second equation into
# x^4 - 22 x^2 + x + 114 = (x - 3)(x^3 + 3 x^2 - 13 x - 38) = 0, whose roots are real.
_x_star = np.append(3.0, _simple_real_roots(Polynomial([-38, -13, 3, 1])))
himmelblau = _in_plane(
    lambda x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
    lambda x, y: (
        4 * x * (x * x + y - 11) + 2 * (x + y * y - 7),
        2 * (x * x + y - 11) + 4 * y * (x + y * y - 7),
    ),
    lambda x, y: (12 * x * x + 4 * y - 42, 4 * (x + y), 4 * x + 12 * y * y - 26),
    name="himmelblau",
    window=((-6, 6), (-6, 6)),
    minimizers=np.stack([_x_star, 11 - _x_star**2], axis=-1),
    source="Himmelblau, Applied Nonlinear Programming (1972)",
    formula=r"(x_1^2 + x_2 - 11)^2 + (x_1 + x_2^2 - 7)^2",
)

sine_valley = _in_plane(
    lambda x, y: x * x + y * y + x * np.sin(y) + y * np.sin(x),
    lambda x, y: (2 * x + y * np.cos(x) + np.sin(y), 2 * y + x * np.cos(y) + np.sin(x)),
    lambda x, y: (2 - y * np.sin(x), np.cos(x) + np.cos(y), 2 - x * np.sin(y)),
    name="sine_valley",
    window=((-2, 2), (-2, 2)),
    minimizers=[[0, 0]],
    source="Mithrakumar, Deep Learning with TensorFlow 2.0 (2019), chapter 4",
    formula=r"x_1^2 + x_2^2 + x_1 \sin x_2 + x_2 \sin x_1",
)


def _in_line(p, **fields):
    """Return the objective of one variable that evaluates the polynomial ``p``."""
    dp, ddp = p.deriv(), p.deriv(2)
    critical = _simple_real_roots(dp)
    lows = critical[ddp(critical) > 0]

    def evaluate(q, x):
        x = points("x", x, 1)
        return q(x).astype(x.dtype)

    return Objective(
        f=lambda x: evaluate(p, x)[..., 0][()],  # a scalar for one point
        grad=lambda x: evaluate(dp, x),
        hess=lambda x: evaluate(ddp, x)[..., None],
        n=1,
        minimizers=lows[np.argsort(p(lows))][:, None],
        **fields,
    )


polynomial10 = _in_line(
    Polynomial([72, 240, 392, 140, -196, -256, 122, 62, -28, -4, 2]),
    name="polynomial10",
    window=((-2.75, 2.5),),
    source="Mithrakumar, Deep Learning with TensorFlow 2.0 (2019), chapter 4",
    formula="2x^{10}-4x^9-28x^8+62x^7+122x^6-256x^5-196x^4+140x^3+392x^2+240x+72",
)
