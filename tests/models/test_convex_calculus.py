"""Conjugates in closed form, and the rule of DCP against CVXPY."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull
from scipy.special import xlogy

from coursekit.models.convex_calculus import conjugate, dcp_curvature

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its import, and of its dependencies
    import cvxpy as cp

# Conjugates

X = np.linspace(-6, 6, 2401)
S = np.linspace(-0.95, 0.95, 39)
CLOSED = {  # f, its conjugate on the slopes S, its second derivative at most
    "parabola": (X**2 / 2, S**2 / 2, 1),
    "quartic": (X**4 / 4, 0.75 * np.abs(S) ** (4 / 3), 108),
    "pseudo-Huber": (np.sqrt(1 + X**2), -np.sqrt(1 - S**2), 1),
    "absolute value": (np.abs(X), 0 * S, 0),
    "line": (0.3 * X + 2, 6 * np.abs(S - 0.3) - 2, 0),
    "interval": (np.where(np.abs(X) <= 2, 0, np.inf), 2 * np.abs(S), 0),
    "soft plus": (
        np.logaddexp(0, X),
        np.where(S > 0.003, xlogy(S, np.abs(S)) + xlogy(1 - S, 1 - S), np.nan),
        0.25,
    ),
}


@pytest.mark.parametrize("name", CLOSED)
def test_conjugates_in_closed_form(name):
    values, exact, bend = CLOSED[name]
    found, at = conjugate(X, values, S)
    known = np.isfinite(exact)
    h = X[1] - X[0]
    assert (found <= exact + 1e-12)[known].all()
    assert (found >= exact - h**2 / 8 * bend - 1e-12)[known].all()
    np.testing.assert_allclose(found, S * at - np.interp(at, X, np.nan_to_num(values)), atol=1e-12)


def test_the_error_is_of_second_order_in_the_spacing():
    errors = []
    for k in (80, 320, 1280):
        x = np.linspace(-3, 3, k + 1)
        s = np.linspace(0.1, 18, 20_001)
        errors.append(np.abs(conjugate(x, np.exp(x), s)[0] - (s * np.log(s) - s)).max())
    assert np.allclose(np.divide(errors[:-1], errors[1:]), 16, atol=1)


@given(st.integers(0, 10**6), st.integers(1, 60))
def test_any_function_on_any_grid_is_conjugated_as_by_trying_all(seed, k):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.normal(size=k)) * 10 ** rng.uniform(-3, 3)
    values, slopes = rng.normal(size=k), 3 * rng.normal(size=20)
    if not (np.diff(x) > 0).all():
        return
    values[rng.uniform(size=k) < 0.2] = np.inf
    if not np.isfinite(values).any():
        return
    found, at = conjugate(x, values, slopes)
    tried = slopes[:, None] * x - values
    np.testing.assert_allclose(found, tried.max(axis=1), rtol=1e-10, atol=1e-10)
    assert set(at) <= set(x)
    low, high = np.argsort(slopes)[[0, -1]]
    assert at[low] <= at[high]  # maximizers grow with the slope


def test_the_conjugate_of_the_conjugate_is_the_lower_hull():
    x = np.linspace(-2, 2, 401)
    well = (x**2 - 1) ** 2
    slopes = np.linspace(-30, 30, 6001)
    again, _ = conjugate(slopes, conjugate(x, well, slopes)[0], x)
    convex = np.where(np.abs(x) < 1, 0, well)
    np.testing.assert_allclose(again, convex, atol=2e-3)
    assert (again <= well + 1e-12).all()
    corners = ConvexHull(np.column_stack([x, well])).vertices
    below = np.sort([i for i in corners if again[i] > well[i] - 1e-2])
    assert np.abs(x[below]).min() == pytest.approx(1, abs=0.02)


def test_fenchels_inequality():
    rng = np.random.default_rng(2)
    values = X**4 / 12 - np.cos(X)
    s, i = rng.uniform(-3, 3, 200), rng.integers(0, X.size, 200)
    found, _ = conjugate(X, values, s)
    assert (found + values[i] >= s * X[i] - 1e-12).all()


@pytest.mark.parametrize(
    ("x", "values", "message"),
    [
        ([0, 0], [1, 1], "^x must increase; got 0 and then 0"),
        ([1, 0], [1, 1], "^x must increase"),
        ([0, 1], [1, 1, 1], r"^values must have shape \(2,\); got"),
        ([0, 1], [1, np.nan], "^values must be finite .*; got 1 nan and 1 finite"),
        ([0, 1], [1, -np.inf], "^values must be finite somewhere"),
        ([0, 1], [np.inf, np.inf], "^values must be finite somewhere"),
        ([], [], "^x must be one point"),
    ],
)
def test_grids_that_are_refused(x, values, message):
    with pytest.raises(ValueError, match=message):
        conjugate(x, values, [0])


# Disciplined convex programming


def ours(expression):
    """The curvature of an expression of CVXPY by our rule, from that of its atoms."""
    if expression.is_constant():
        return "constant"
    if not expression.args:
        return "affine"
    up, down = expression.is_atom_convex(), expression.is_atom_concave()
    outer = {(1, 1): "affine", (1, 0): "convex", (0, 1): "concave"}.get((up, down), "unknown")
    directions = [
        "increasing" if expression.is_incr(i) else "decreasing" if expression.is_decr(i) else
        "neither" for i in range(len(expression.args))
    ]  # fmt: skip
    return dcp_curvature(
        outer, *((ours(a), d) for a, d in zip(expression.args, directions, strict=True))
    )


def theirs(expression):
    word = expression.curvature.lower()
    return "unknown" if word.startswith("quasi") else word


x = cp.Variable()
y = cp.Variable(nonneg=True)
ATOMS = {
    "square": cp.square, "abs": cp.abs, "exp": cp.exp, "log": cp.log, "sqrt": cp.sqrt,
    "positive part": cp.pos, "inverse": cp.inv_pos, "logistic": cp.logistic, "entropy": cp.entr,
    "negative": lambda e: -e, "shifted": lambda e: 2 * e - 3, "fourth": lambda e: cp.power(e, 4),
    "huber": cp.huber,
}  # fmt: skip
PAIRS = [cp.maximum, cp.minimum, lambda a, b: a + b, lambda a, b: a - b, lambda a, b: 3 * a + b]


@pytest.mark.parametrize(("first", "second"), list(itertools.product(ATOMS, repeat=2)))
def test_compositions_as_cvxpy(first, second):
    for variable in (x, y):
        expression = ATOMS[second](ATOMS[first](variable))
        assert ours(expression) == theirs(expression)


def test_sums_maxima_and_minima_as_cvxpy():
    simple = [atom(v) for atom in ATOMS.values() for v in (x, y)] + [x, y, cp.Constant(2)]
    seen = set()
    for a, b in itertools.product(simple, repeat=2):
        for pair in PAIRS:
            expression = pair(a, b)
            assert ours(expression) == theirs(expression)
            seen.add(ours(expression))
    assert seen == {"constant", "affine", "convex", "concave", "unknown"}


def test_more_expressions_as_cvxpy():
    for expression in (
        cp.log_sum_exp(cp.hstack([x, 2 * x])),
        cp.norm(cp.hstack([1, x])),
        cp.sqrt(1 + cp.square(x)),
        cp.quad_over_lin(x, y),
        cp.geo_mean(cp.hstack([x, y])),
        cp.log_det(cp.Variable((2, 2), PSD=True)),
        cp.lambda_max(cp.Variable((2, 2), symmetric=True)),
        x * y,
        cp.sum_squares(cp.hstack([x, y])) - cp.log(y),
    ):
        assert ours(expression) == theirs(expression), str(expression)


def test_words_that_are_refused():
    for arguments, name in (
        (("bent", ("affine", "increasing")), "outer"),
        (("constant", ("affine", "increasing")), "outer"),
        (("convex", ("bent", "increasing")), "inner"),
        (("convex", ("affine", "up")), "direction"),
    ):
        with pytest.raises(ValueError, match=rf"^{name} must be one of .*; got '"):
            dcp_curvature(*arguments)
    with pytest.raises(ValueError, match=r"^arguments is empty: pass a pair"):
        dcp_curvature("convex")
