"""Networks: a circuit by hand, laws of series and parallel, Kirchhoff, and the KKT system."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import laplacian

from coursekit.constraints.kkt import solve_equality_qp
from coursekit.constraints.networks import graph_laplacian, incidence_matrix, solve_network

EDGES, CONDUCTANCES = [[0, 1], [0, 2], [1, 2], [1, 3], [2, 3]], [1, 2, 1, 2, 1]


def test_circuit_by_hand():
    run = solve_network(EDGES, CONDUCTANCES, [1, 0, 0, 0], ground=3)
    np.testing.assert_allclose(run.potentials, np.array([5, 2, 3, 0]) / 7, atol=1e-15)
    np.testing.assert_allclose(run.flows, np.array([3, 4, -1, 4, 3]) / 7, atol=1e-15)
    assert run.loss == pytest.approx(5 / 7)
    grounded = graph_laplacian(EDGES, CONDUCTANCES, 4).toarray()[:3, :3]
    np.testing.assert_array_equal(grounded, [[3, -1, -2], [-1, 4, -1], [-2, -1, 4]])


def test_series_and_parallel():
    ohms = np.array([1.0, 4, 2.5])
    chain = solve_network([[0, 1], [1, 2], [2, 3]], 1 / ohms, [1, 0, 0, 0], ground=3)
    assert chain.potentials[0] == pytest.approx(ohms.sum())
    bundle = solve_network([[0, 1]] * 3, 1 / ohms, [1, 0], ground=1)
    assert bundle.potentials[0] == pytest.approx(1 / (1 / ohms).sum())
    np.testing.assert_allclose(bundle.flows, (1 / ohms) / (1 / ohms).sum())


def random_network(seed, n):
    rng = np.random.default_rng(seed)
    tree = [[i, int(rng.integers(i))] for i in range(1, n)]
    more = rng.integers(n, size=(n, 2))
    edges = np.array(tree + [pair for pair in more.tolist() if pair[0] != pair[1]])
    return edges.reshape(-1, 2), 10.0 ** rng.uniform(-2, 2, len(edges)), rng.normal(size=n), rng


@given(st.integers(0, 2**32 - 1), st.integers(2, 8))
def test_laws_and_multipliers(seed, n):
    edges, c, sources, rng = random_network(seed, n)
    ground = int(rng.integers(n))
    run = solve_network(edges, c, sources, ground=ground)
    A = incidence_matrix(edges, n).toarray()
    rest = np.arange(n) != ground
    size = 1e-9 * (1 + np.abs(run.flows).max())
    np.testing.assert_allclose((-A.T @ run.flows)[rest], sources[rest], atol=size)  # Kirchhoff
    np.testing.assert_allclose(run.flows, -c * (A @ run.potentials), atol=size)  # Ohm
    assert run.potentials[ground] == 0
    assert run.loss == pytest.approx(sources @ run.potentials, rel=1e-9)  # power in = power out
    qp = solve_equality_qp(np.diag(1 / c), np.zeros(len(c)), A.T[rest], -sources[rest])
    np.testing.assert_allclose(qp.x, run.flows, atol=1e-6 * (1 + np.abs(run.flows).max()))
    np.testing.assert_allclose(
        qp.lam, run.potentials[rest], atol=1e-6 * (1 + np.abs(run.potentials).max())
    )
    assert 2 * qp.fun == pytest.approx(run.loss, rel=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(2, 8))
def test_laplacian_as_scipy_and_resistance_by_the_pseudoinverse(seed, n):
    edges, c, _, _ = random_network(seed, n)
    weights = np.zeros((n, n))
    np.add.at(weights, tuple(edges.T), c)
    L = graph_laplacian(edges, c, n).toarray()
    np.testing.assert_allclose(L, laplacian(weights + weights.T), atol=1e-12 * c.max())
    np.testing.assert_allclose(L.sum(axis=0), 0, atol=1e-12 * c.max())
    between = np.zeros(n)
    between[:2] = 1, -1
    found = solve_network(edges, c, between, ground=1).potentials[0]
    assert found == pytest.approx(between @ np.linalg.pinv(L) @ between, rel=1e-6)


def test_a_large_grid_obeys_the_maximum_principle():
    side = 150
    number = np.arange(side * side).reshape(side, side)
    right = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    down = np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)
    edges = np.concatenate([right, down])
    sources = np.zeros(side * side)
    sources[0] = 1
    run = solve_network(edges, np.ones(len(edges)), sources, ground=side * side - 1)
    u = run.potentials.reshape(side, side)
    assert u.argmax() == 0
    assert u.min() == u[-1, -1] == 0
    np.testing.assert_allclose(u + u[::-1, ::-1].T, u[0, 0], atol=1e-9)  # by symmetry


def test_one_node_has_potential_zero():
    run = solve_network([], [], [3.0])
    assert run.potentials.tolist() == [0]
    assert run.flows.size == 0
    assert run.loss == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: incidence_matrix([[0, 1, 2]], 3), ValueError, r"^edges must have shape \(e, 2\)"),
        (lambda: incidence_matrix([[0.5, 1]], 3), TypeError, r"^edges must hold numbers of nodes"),
        (lambda: incidence_matrix([[0, 3]], 3), ValueError, r"^edges must join nodes from 0 to 2"),
        (lambda: incidence_matrix([[0, -1]], 3), ValueError, r"^edges must join nodes from 0 to"),
        (lambda: incidence_matrix([[1, 1]], 3), ValueError, r"^edges must join two different"),
        (lambda: graph_laplacian([[0, 1]], [0], 2), ValueError, r"^conductances must be above 0"),
        (lambda: graph_laplacian([[0, 1]], [1, 1], 2), ValueError, r"^conductances must have sh"),
        (lambda: solve_network([[0, 1]], [1], [[1, 0]]), ValueError, r"^sources must have shape"),
        (lambda: solve_network([[0, 1]], [1], [1, 0], ground=2), ValueError, r"^ground must be a"),
        (
            lambda: solve_network([[0, 1], [2, 3]], [1, 1], [1, 0, 0, 0]),
            ValueError,
            r"^edges must connect all nodes; node 2 is cut off from the ground\.",
        ),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
