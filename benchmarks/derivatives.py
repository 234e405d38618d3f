"""How accurate are numerical derivatives, at what cost? ``python benchmarks/derivatives.py``.

Differentiates a family of functions whose derivatives are known, n = 2 ... 200, at three points
each, with numerical_jacobian and with what SciPy, numdifftools and TensorFlow offer (those of the
last two that are installed). Prints for each method the error relative to the largest entry of the
exact derivative, median and worst over all functions and points, the points evaluated divided by
n, the time, and in how many cases it gave no finite answer (counted as an error of 1); then the
same for each function with numerical_jacobian, and whether its estimates of the error hold. Last
come functions whose scale is far from that of x, at 20 points each. Exits with status 1 if the
median error is above 1e-12, the worst (in float64) above 1e-6, or above 1e-4 on the last ones, if
over 30 n points were needed on average or 42 n anywhere, or if more than one in a thousand errors
is above its estimate.
"""

import importlib.util
import sys
import warnings
from functools import partial
from time import process_time
from typing import NamedTuple

import numpy as np
import scipy.differentiate
from scipy.optimize import approx_fprime
from scipy.optimize._numdiff import approx_derivative

from coursekit.derivatives import numerical_jacobian

POINTS = 3
FAR = 1e-4  # the worst error where the scale of f is far from that of x
MEDIAN, WORST, BUDGET, MOST, MISSED = 1e-12, 1e-6, 30, 42, 1e-3


class Case(NamedTuple):
    """A function (vectorised over leading axes), its Jacobian at one point, and where to look."""

    name: str
    f: object
    jac: object
    n: int
    points: object = lambda rng, n: rng.uniform(-2, 2, n)
    single: bool = False  # float32: judged apart
    domain: tuple | None = None  # that is not left


def positive(rng, n):
    return np.exp(rng.uniform(-3, 3, n))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_jacobian(x):
    s = softmax(x)
    return np.diag(s) - np.outer(s, s)


def logsumexp(x):
    top = x.max(axis=-1)
    return top + np.log(np.exp(x - top[..., None]).sum(axis=-1))


def chain(x):  # Rosenbrock in n variables
    return (100 * (x[..., 1:] - x[..., :-1] ** 2) ** 2 + (1 - x[..., :-1]) ** 2).sum(axis=-1)


def chain_gradient(x):
    gradient = np.zeros_like(x)
    off = x[1:] - x[:-1] ** 2
    gradient[1:] += 200 * off
    gradient[:-1] -= 400 * x[:-1] * off + 2 * (1 - x[:-1])
    return gradient


def logistic_map(x, steps=6):
    for _ in range(steps):
        x = 3.2 * x * (1 - x)
    return x


def logistic_map_jacobian(x, steps=6):
    slope = np.ones_like(x)
    for _ in range(steps):
        slope *= 3.2 * (1 - 2 * x)
        x = 3.2 * x * (1 - x)
    return np.diag(slope)


def single_network(x):
    return np.tanh(x.astype(np.float32)).sum(axis=-1, dtype=np.float32)


def family():
    rng = np.random.default_rng(7)
    W = {n: rng.normal(size=(n, n)) / np.sqrt(n) for n in (3, 5, 10, 50, 200)}
    stiff = np.logspace(0, 10, 10)
    Q = np.linalg.qr(rng.normal(size=(10, 10)))[0]
    A = (Q * stiff) @ Q.T
    A = (A + A.T) / 2
    w50 = rng.normal(size=50)
    diag = np.diag
    return [
        Case("linear map", lambda x: x @ W[50].T, lambda x: W[50], 50),
        Case("constant", lambda x: 0 * x.sum(-1) + 3, lambda x: 0 * x, 5),
        Case(
            "quadratic",
            lambda x: ((x @ W[200]) * x).sum(-1),
            lambda x: (W[200] + W[200].T) @ x,
            200,
        ),
        Case("quadratic, condition 1e10", lambda x: ((x @ A) * x).sum(-1) / 2, lambda x: A @ x, 10),
        Case("cubic", lambda x: (x**3).sum(-1), lambda x: 3 * x**2, 5),
        Case("degree 9", lambda x: (x**9).sum(-1), lambda x: 9 * x**8, 3),
        Case(
            "product",
            lambda x: x.prod(-1),
            lambda x: np.array([np.delete(x, i).prod() for i in range(5)]),
            5,
        ),
        Case("Rosenbrock", chain, chain_gradient, 2),
        Case("Rosenbrock chain", chain, chain_gradient, 100),
        Case(
            "exp of a map",
            lambda x: np.exp(x @ W[10].T),
            lambda x: np.exp(W[10] @ x)[:, None] * W[10],
            10,
        ),
        Case("Gaussian", lambda x: np.exp(-(x**2).sum(-1)), lambda x: -2 * x * np.exp(-(x @ x)), 3),
        Case("log-sum-exp", logsumexp, softmax, 50),
        Case("softmax", softmax, softmax_jacobian, 20),
        Case("log(1 + x²)", lambda x: np.log1p(x**2).sum(-1), lambda x: 2 * x / (1 + x**2), 5),
        Case(
            "sines",
            lambda x: np.sin(x @ W[5].T * 3),
            lambda x: np.cos(3 * W[5] @ x)[:, None] * 3 * W[5],
            5,
        ),
        Case("sin(50 x)", lambda x: np.sin(50 * x).sum(-1), lambda x: 50 * np.cos(50 * x), 5),
        Case(
            "sin(1000 x)", lambda x: np.sin(1000 * x).sum(-1), lambda x: 1000 * np.cos(1000 * x), 3
        ),
        Case(
            "x + sin(1000 x)/1000",
            lambda x: x + np.sin(1000 * x) / 1e3,
            lambda x: diag(1 + np.cos(1000 * x)),
            3,
        ),
        Case(
            "tanh network",
            lambda x: np.tanh(x @ W[50].T) @ w50,
            lambda x: (w50 / np.cosh(W[50] @ x) ** 2) @ W[50],
            50,
        ),
        Case(
            "Runge 1/(1 + 25x²)",
            lambda x: 1 / (1 + 25 * x**2),
            lambda x: diag(-50 * x / (1 + 25 * x**2) ** 2),
            4,
        ),
        Case(
            "rational",
            lambda x: x[..., :1] / (1 + x[..., 1:] ** 2),
            lambda x: np.hstack(
                [1 / (1 + x[1:, None] ** 2), diag(-2 * x[0] * x[1:] / (1 + x[1:] ** 2) ** 2)]
            ),
            4,
        ),
        Case("norm", lambda x: np.sqrt((x**2).sum(-1)), lambda x: x / np.sqrt(x @ x), 10),
        Case("sqrt, x > 0", lambda x: np.sqrt(x).sum(-1), lambda x: 0.5 / np.sqrt(x), 5, positive),
        Case("log, x > 0", lambda x: np.log(x), lambda x: diag(1 / x), 5, positive),
        Case(
            "entropy, x > 0",
            lambda x: (x * np.log(x)).sum(-1),
            lambda x: 1 + np.log(x),
            20,
            positive,
        ),
        Case(
            "log, x near 1e-8",
            lambda x: np.log(x).sum(-1),
            lambda x: 1 / x,
            3,
            lambda r, n: 1e-8 * positive(r, n),
        ),
        Case(
            "log, x near 1e8",
            lambda x: np.log(x).sum(-1),
            lambda x: 1 / x,
            3,
            lambda r, n: r.uniform(1e7, 1e8, n),
        ),
        Case(
            "exp, x near 1e-8",
            lambda x: np.exp(x).sum(-1),
            lambda x: np.exp(x),
            3,
            lambda r, n: 1e-8 * positive(r, n),
        ),
        Case(
            "sin, x near 1e8",
            lambda x: np.sin(x).sum(-1),
            lambda x: np.cos(x),
            3,
            lambda r, n: r.uniform(1e7, 1e8, n),
        ),
        Case(
            "powers 1e-8 ... 1e8",
            lambda x: x**1.5,
            lambda x: diag(1.5 * np.sqrt(x)),
            3,
            lambda r, n: np.array([1e-8, 1.0, 1e8]) * positive(r, n),
        ),
        Case(
            "1e-12 tanh", lambda x: 1e-12 * np.tanh(x), lambda x: diag(1e-12 / np.cosh(x) ** 2), 5
        ),
        Case("1e12 tanh", lambda x: 1e12 * np.tanh(x), lambda x: diag(1e12 / np.cosh(x) ** 2), 5),
        Case("1e6 + sin", lambda x: 1e6 + np.sin(x).sum(-1), lambda x: np.cos(x), 5),
        Case(
            "logistic map, 6 times",
            logistic_map,
            logistic_map_jacobian,
            5,
            lambda r, n: r.uniform(0.05, 0.45, n),
        ),
        Case(
            "relu, no kink within 0.01",
            lambda x: np.maximum(x, 0),
            lambda x: diag((x > 0) * 1.0),
            6,
            lambda r, n: r.uniform(0.01, 2, n) * r.choice([-1, 1], n),
        ),
        Case(
            "polar map",
            lambda x: x[..., :1] * np.stack([np.cos(x[..., 1]), np.sin(x[..., 1])], -1),
            lambda x: np.array(
                [[np.cos(x[1]), -x[0] * np.sin(x[1])], [np.sin(x[1]), x[0] * np.cos(x[1])]]
            ),
            2,
        ),
        Case(
            "float32 softmax",
            lambda x: softmax(x.astype(np.float32)),
            softmax_jacobian,
            10,
            single=True,
        ),
        Case("float32 tanh", single_network, lambda x: 1 / np.cosh(x) ** 2, 20, single=True),
    ]


def along(name, f, slope, draw, n=2, **options):
    """The sum over the coordinates of a function of one number, and points drawn for each."""
    return Case(name, lambda x: f(x).sum(axis=-1), slope, n, draw, **options)


def scales():
    """Families whose own scale is far from that of x: ripples, units, offsets, bounds."""

    def log_uniform(low, high):
        return lambda r, n: 10 ** r.uniform(np.log10(low), np.log10(high), n)

    def at_bound(distance):
        return lambda r, n: np.full(n, float(distance))

    gauss, tau = 1e-9, 2 * np.pi
    yield along(
        "x + sin x, x = 1e2 ... 1e6",
        lambda x: x + np.sin(x),
        lambda x: 1 + np.cos(x),
        log_uniform(1e2, 1e6),
    )
    yield along(
        "x² + sin 100x, x = 1e2 ... 1e4",
        lambda x: x**2 + np.sin(100 * x),
        lambda x: 2 * x + 100 * np.cos(100 * x),
        log_uniform(1e2, 1e4),
    )
    yield along(
        "Rastrigin, x = 1 ... 1e4",
        lambda x: x**2 - 10 * np.cos(tau * x),
        lambda x: 2 * x + 10 * tau * np.sin(tau * x),
        log_uniform(1, 1e4),
    )
    yield along(
        "1/x, x = 1e-20 ... 1e-3", lambda x: 1 / x, lambda x: -1 / x**2, log_uniform(1e-20, 1e-3), 1
    )
    yield along(
        "Gaussian in nanometres",
        lambda x: np.exp(-((x / gauss) ** 2)),
        lambda x: -2 * x / gauss**2 * np.exp(-((x / gauss) ** 2)),
        log_uniform(1e-10, 3e-9),
        2,
    )
    yield along(
        "Lennard-Jones in metres",
        lambda x: 6.6e-21 * ((3.4e-10 / x) ** 12 - (3.4e-10 / x) ** 6),
        lambda x: 6.6e-21 * (6 * (3.4e-10 / x) ** 6 - 12 * (3.4e-10 / x) ** 12) / x,
        log_uniform(3e-10, 1e-9),
        2,
    )
    yield along("1e8 + exp", lambda x: 1e8 + np.exp(x), np.exp, lambda r, n: r.uniform(-2, 2, n))
    yield along("sin, x = 1e6 ... 1e10", np.sin, np.cos, log_uniform(1e6, 1e10))
    for distance in (0, 1e-8, 1e-3):
        yield along(
            f"exp, {distance:g} from the bound", np.exp, np.exp, at_bound(distance), domain=(0, 1)
        )
    yield along(
        "sqrt(x + 0.1) on the bound",
        lambda x: np.sqrt(x + 0.1),
        lambda x: 0.5 / np.sqrt(x + 0.1),
        at_bound(0),
        domain=(0, 1),
    )


class Counter:
    """A function that counts the points it is given and hides warnings."""

    def __init__(self, f):
        self.f, self.points = f, 0

    def __call__(self, x):
        """Values of f."""
        x = np.asarray(x)
        self.points += x.size // x.shape[-1]
        with np.errstate(all="ignore"):
            return self.f(x)


def ours(f, x, domain=None):
    return numerical_jacobian(f, x, domain=domain)


def two_point(f, x, domain=None, method="2-point"):
    return approx_derivative(f, x, method=method, bounds=domain or (-np.inf, np.inf))


def scipy_jacobian(f, x, domain=None):
    """SciPy's convention has the coordinates, and the outputs, on the first axis."""

    def turned(z):
        value = f(np.moveaxis(z, 0, -1))
        return np.moveaxis(value, -1, 0) if value.ndim == z.ndim else value

    if domain is None:
        return scipy.differentiate.jacobian(turned, x).df
    side = np.where(x - domain[0] < 0.1, 1, np.where(domain[1] - x < 0.1, -1, 0))
    return scipy.differentiate.jacobian(turned, x, step_direction=side).df


def methods():
    found = {
        "coursekit": ours,
        "SciPy approx_fprime": lambda f, x, domain=None: approx_fprime(x, f),
        "SciPy 2-point": two_point,
        "SciPy 3-point": partial(two_point, method="3-point"),
        "SciPy differentiate": scipy_jacobian,
    }
    found |= dict.fromkeys(("numdifftools", "TensorFlow"))  # None: not installed
    if importlib.util.find_spec("numdifftools"):
        from numdifftools import Jacobian

        def with_numdifftools(f, x, domain=None):
            method = "central" if domain is None else "forward"
            return Jacobian(f, method=method)(x).reshape(np.shape(f(x)) + x.shape)

        found["numdifftools"] = with_numdifftools
    if importlib.util.find_spec("tensorflow"):
        found["TensorFlow"] = tensorflow_numeric()
    return found


def tensorflow_numeric():
    """The numeric Jacobian of tf.test.compute_gradient: central differences with delta = 2**-10."""
    import tensorflow as tf

    def numeric(f, x, domain=None):
        def wrapped(t):
            value = tf.numpy_function(lambda a: np.asarray(f(a), dtype=float), [t], tf.float64)
            return tf.reshape(value, np.shape(f(x)))

        @tf.custom_gradient
        def known(t):  # the analytic side is not asked for, but TensorFlow computes it
            return wrapped(t), lambda upstream: tf.zeros_like(t)

        _, jac = tf.test.compute_gradient(known, [tf.constant(x)])
        return jac[0].reshape(np.shape(f(x)) + x.shape)

    return numeric


def measure(method, case, x):
    """Relative error, points evaluated for each coordinate, milliseconds."""
    f, exact = Counter(case.f), case.jac(x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = process_time()
        try:
            jac = method(f, x, domain=case.domain)
        except (ValueError, ArithmeticError, IndexError, np.linalg.LinAlgError):
            jac = np.nan
        took = 1e3 * (process_time() - start)
    error = abs(jac - exact).max() / (abs(exact).max() or 1.0)
    return (error if np.isfinite(error) else np.inf), f.points / case.n, took


def points(case, count=POINTS):
    rng = np.random.default_rng(11)
    return [case.points(rng, case.n) for _ in range(count)]


def compare(cases):
    """Print the table of methods; return the rows of numerical_jacobian."""
    print(
        f"{'method':<20} {'median':>8} {'worst':>8} {'no answer':>9} {'points/n':>8} {'most':>5} "
        f"{'ms':>7}   (float32: median, worst)"
    )
    for name, method in methods().items():
        if method is None:
            print(f"{name:<20} not installed")
            continue
        method(Counter(cases[0].f), points(cases[0])[0])  # warm up
        rows = np.array([[measure(method, case, x) for x in points(case)] for case in cases])
        single = np.array([case.single for case in cases])
        double = rows[~single, :, 0].ravel()
        lost = np.isinf(double).sum()
        double, low = np.minimum(double, 1), np.minimum(rows[single, :, 0].ravel(), 1)
        print(
            f"{name:<20} {np.median(double):8.0e} {double.max():8.0e} {lost:5d}/{double.size} "
            f"{rows[..., 1].mean():8.1f} {rows[..., 1].max():5.0f} {np.median(rows[..., 2]):7.2f}"
            f"   ({np.median(low):.0e}, {low.max():.0e})"
        )
        if name == "coursekit":
            kept = rows
    return kept


def honesty(cases):
    """Print how the estimates compare with the errors; return the share that is too small."""
    print(
        f"\n{'function':<28} {'n':>4} {'error':>8} {'estimate':>9} {'estimate/error':>14} "
        f"{'too small':>10}"
    )
    missed = total = 0
    for case in cases:
        errors, estimates = [], []
        for x in points(case):
            got, exact = numerical_jacobian(case.f, x, full_output=True), case.jac(x)
            size = abs(exact).max() or 1.0
            errors.append(abs(got.value - exact).ravel() / size)
            estimates.append(got.error.ravel() / size)
        error, estimate = np.concatenate(errors), np.concatenate(estimates)
        low = np.count_nonzero(error > estimate + 4 * np.finfo(float).eps)
        missed, total = missed + low, total + error.size
        seen = error > 0
        ratio = np.median(estimate[seen] / error[seen]) if seen.any() else np.nan
        print(
            f"{case.name:<28} {case.n:4d} {error.max():8.0e} {estimate.max():9.0e} {ratio:14.0f} "
            f"{low:6d}/{error.size}"
        )
    print(f"errors above their estimate: {missed} of {total}")
    return missed / total


def compare_scales():
    """Print the worst error of each method on each family of `scales`; return the worst of ours."""
    found = {name: method for name, method in methods().items() if method is not None}
    print(f"\n{'worst relative error':<32} " + " ".join(f"{name[-13:]:>13}" for name in found))
    ours_worst = []
    for case in scales():
        errors = {
            name: max(measure(method, case, x)[0] for x in points(case, 20))
            for name, method in found.items()
        }
        print(f"{case.name:<32} " + " ".join(f"{error:13.0e}" for error in errors.values()))
        ours_worst.append(errors["coursekit"])
    return max(ours_worst)


def main():
    cases = family()
    rows = compare(cases)
    share = honesty(cases)
    double = rows[[not case.single for case in cases], :, 0]
    print(
        f"median {np.median(double):.0e}, limit {MEDIAN:.0e}; worst {double.max():.0e}, limit "
        f"{WORST:.0e}; points/n {rows[..., 1].mean():.1f}, limit {BUDGET}, at most "
        f"{rows[..., 1].max():.0f}, limit {MOST}; errors above their "
        f"estimate {share:.2%}, limit {MISSED:.1%}"
    )
    good = np.median(double) <= MEDIAN and double.max() <= WORST and compare_scales() <= FAR
    cheap = rows[..., 1].mean() <= BUDGET and rows[..., 1].max() <= MOST
    return int(not (good and cheap and share <= MISSED))


if __name__ == "__main__":
    sys.exit(main())
