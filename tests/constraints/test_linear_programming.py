"""The standard form and its corners: the way there and back, on every kind of bound."""

import numpy as np
import pytest
import scipy.sparse as sp
from linear_programs import TEXTBOOK, random_small, random_sparse
from scipy.optimize import linprog

from coursekit.constraints.linear_programming import corners, standard_form
from coursekit.statuses import CONVERGED

TRIANGLE = [[1, 1, 2]]


def solved(form):
    return linprog(form.c, A_eq=form.A, b_eq=form.b)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_the_standard_form_has_the_same_minimum(name):
    program, minimum = TEXTBOOK[name]
    form = standard_form(**program)
    if not form.A.size:
        assert form.offset == pytest.approx(minimum)
        return
    run = solved(form)
    assert run.fun + form.offset == pytest.approx(minimum, abs=1e-9)
    x = form.restore(run.x)
    assert np.dot(program["c"], x) == pytest.approx(minimum, abs=1e-9)
    direct = linprog(**program)
    assert direct.status == CONVERGED
    assert direct.fun == pytest.approx(minimum, abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_every_point_of_the_standard_form_comes_back_feasible(seed):
    program = random_small(seed)
    form, rng = standard_form(**program), np.random.default_rng(seed)
    z = rng.uniform(0, 2, len(form.c))
    x = form.restore(z)
    low, high = np.array([[-np.inf if lo is None else lo, np.inf if hi is None else hi]
                          for lo, hi in program["bounds"]]).T  # fmt: skip
    residual, (ub, eq) = form.A @ z - form.b, (len(program["b_ub"]), len(program["b_eq"]))
    slacks = z[len(z) - (len(form.b) - eq) :]
    np.testing.assert_allclose(
        program["A_ub"] @ x + slacks[:ub] - program["b_ub"], residual[:ub], atol=1e-12
    )
    np.testing.assert_allclose(
        program["A_eq"] @ x - program["b_eq"], residual[ub : ub + eq], atol=1e-12
    )
    two = np.isfinite(low) & np.isfinite(high) & (low < high)
    np.testing.assert_allclose((x + 0)[two] + slacks[ub:] - high[two], residual[ub + eq :])
    assert (x >= low).all()
    assert (x[~two] <= high[~two]).all()
    assert form.c @ z + form.offset == pytest.approx(program["c"] @ x)


def test_sparse_matrices_stay_sparse_and_say_the_same():
    program, _ = random_sparse(0, n=30, rows=(5, 4), density=0.3)
    form = standard_form(**program)
    assert sp.issparse(form.A)
    dense = {k: v.toarray() if sp.issparse(v) else v for k, v in program.items()}
    other = standard_form(**dense)
    assert isinstance(other.A, np.ndarray)
    np.testing.assert_array_equal(form.A.toarray(), other.A)
    np.testing.assert_array_equal(form.restore(form.c), other.restore(other.c))


def test_the_multipliers_are_derivatives_by_the_right_hand_sides():
    program = TEXTBOOK["polygon"][0]
    form = standard_form(**program)
    y = solved(form).eqlin.marginals
    for i, price in enumerate(y[:2]):
        moved = program | {"b_ub": np.array([4, 9]) + 1e-3 * np.eye(2)[i]}
        change = linprog(**moved).fun - linprog(**program).fun
        assert change == pytest.approx(1e-3 * price, abs=1e-12)


def test_the_triangle_has_three_corners():
    np.testing.assert_array_equal(corners(TRIANGLE, [4]), [[4, 0, 0], [0, 4, 0], [0, 0, 2]])
    np.testing.assert_array_equal(corners(sp.csr_array(TRIANGLE), [0]), [[0, 0, 0]])
    assert corners(TRIANGLE, [-1]).shape == (0, 3)
    assert corners([[1, 1], [1, 1]], [1, 1]).shape == (0, 2)  # dependent rows


def test_a_corner_of_several_bases_is_there_once():
    form = standard_form(**TEXTBOOK["degenerate polygon"][0])
    points = {tuple(form.restore(z).round(9)) for z in corners(form.A, form.b)}
    assert points == {(0, 0), (3, 0), (3, 1), (0, 2)}
    assert len(corners(form.A, form.b)) == 4


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: standard_form([[1]]), ValueError, r"c must be one point of shape \(n,\); got"),
        (lambda: standard_form([1], [[1]], None), TypeError, "b_ub must hold real numbers; got"),
        (lambda: standard_form([1], None, [1]), TypeError, "A_ub must hold real numbers; got"),
        (lambda: standard_form([1], [[1, 2]], [1]), ValueError, r"A_ub must have shape \(1, 1\)"),
        (lambda: standard_form([1], A_eq=[[1]], b_eq=[[1]]), ValueError, "b_eq must be a vector"),
        (
            lambda: standard_form([1], A_eq=sp.csr_array([[1, 2]]), b_eq=[1]),
            ValueError,
            r"A_eq must have shape \(1, 1\); got shape \(1, 2\)",
        ),
        (
            lambda: standard_form([1], A_eq=sp.csr_array([[np.inf]]), b_eq=[1]),
            ValueError,
            "A_eq must be finite",
        ),
        (lambda: standard_form([1, 2], bounds=[(0, 1)]), ValueError, r"each of the 2 .* \(1, 2\)"),
        (lambda: standard_form([1], bounds=(0, "a")), TypeError, "bounds must be one real number"),
        (lambda: standard_form([1], bounds=(np.nan, 1)), ValueError, r"got \(nan, 1.0\)"),
        (lambda: standard_form([1], bounds=(np.inf, None)), ValueError, r"got \(inf, inf\)"),
        (lambda: corners([1, 2], [1]), ValueError, "A must be a nonempty matrix"),
        (lambda: standard_form([1]).restore([1, 2]), ValueError, "z must be one point of shape"),
    ],
)
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
