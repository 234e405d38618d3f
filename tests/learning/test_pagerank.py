"""PageRank: the eigenvector, the bound of its error, and memory that grows with the links."""

import tracemalloc

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from coursekit.learning.pagerank import link_matrix, pagerank
from coursekit.statuses import CONVERGED, MAXITER

FOUR = [(0, 1), (0, 2), (1, 2), (2, 0), (3, 2)]


def random_links(n, m, seed=0):
    return np.random.default_rng(seed).integers(n, size=(m, 2))


def google_matrix(S, d):
    S = S.toarray()
    S[:, S.sum(axis=0) == 0] = 1 / len(S)
    return d * S + (1 - d) / len(S)


def test_four_pages():
    run = pagerank(link_matrix(FOUR, 4))
    assert np.allclose(run.x, [0.372527, 0.195824, 0.394149, 0.0375], atol=1e-6)
    assert (run.nit, run.status, run.success) == (47, CONVERGED, True)
    assert run.x[3] == pytest.approx(0.15 / 4, rel=1e-12)  # nobody links there


@given(st.integers(0, 10_000), st.floats(0, 0.95))
def test_it_is_the_eigenvector_and_the_bound_holds(seed, d):
    n = 15
    S = link_matrix(random_links(n, 25, seed), n)
    G = google_matrix(S, d)
    x = np.linalg.solve(np.vstack([(np.eye(n) - G)[:-1], np.ones(n)]), np.eye(n)[-1])
    run = pagerank(S, damping=d, tol=1e-6)
    assert np.abs(run.x - x).sum() <= run.error_bound + 1e-13
    assert run.x.sum() == pytest.approx(1, rel=1e-13)
    assert run.x.min() >= (1 - d) / n * (1 - 1e-12)


@given(st.integers(0, 10_000))
def test_networkx_says_the_same(seed):
    links = random_links(12, 20, seed)
    web = nx.DiGraph([*map(tuple, links.tolist())])
    web.add_nodes_from(range(12))
    theirs = nx.pagerank(web, tol=1e-12, max_iter=1000)
    ours = pagerank(link_matrix(links, 12), tol=1e-12).x
    assert np.allclose(ours, [theirs[i] for i in range(12)], rtol=1e-8)


@given(st.integers(0, 10_000), st.floats(0.1, 0.99))
def test_changes_shrink_by_the_damping_at_least(seed, d):
    run = pagerank(link_matrix(random_links(30, 60, seed), 30), damping=d, tol=1e-9, maxiter=200)
    large = run.changes[run.changes > 1e-9]
    assert (large[1:] <= d * large[:-1] * (1 + 1e-5)).all()
    assert run.nit <= max(np.log(1e-9 / 2) / np.log(d), 1) + 2 or run.status == MAXITER


def test_the_numbering_of_pages_does_not_matter():
    links, order = random_links(20, 50), np.random.default_rng(1).permutation(20)
    x = pagerank(link_matrix(links, 20)).x
    renamed = pagerank(link_matrix(order[links], 20)).x
    assert np.allclose(renamed[order], x, rtol=1e-12)


def test_without_damping_a_cycle_goes_round_for_ever():
    run = pagerank(link_matrix([(0, 1), (1, 0), (2, 0)], 3), damping=1, maxiter=50)
    assert (run.status, run.nit, run.success) == (MAXITER, 50, False)
    assert np.isclose(run.changes[-1], 2 / 3)
    assert run.error_bound == np.inf
    assert "above tol" in run.message


def test_without_links_all_pages_are_equal():
    run = pagerank(link_matrix([], 5))
    assert np.allclose(run.x, 0.2, rtol=1e-15)
    assert run.nit == 1
    assert pagerank(link_matrix(FOUR, 4), damping=0).x.round(12).tolist() == [0.25] * 4


def test_repeated_links_count_once():
    twice = link_matrix([*FOUR, *FOUR, (0, 1)], 4)
    assert np.array_equal(twice.toarray(), link_matrix(FOUR, 4).toarray())


def test_memory_is_linear():
    def peak(n):
        links = random_links(n, 5 * n)
        tracemalloc.start()
        pagerank(link_matrix(links, n), tol=1e-6)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    small, large = peak(20_000), peak(80_000)
    assert 3.5 < large / small < 4.5
    assert large < 100 * 6 * 80_000  # bytes, for each page and link


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: link_matrix([(0.0, 1.0)], 2), TypeError, r"^links must hold integers"),
        (lambda: link_matrix([0, 1], 2), ValueError, r"^links must have shape \(m, 2\)"),
        (lambda: link_matrix([(0, 2)], 2), ValueError, r"^links must be between pages 0 to 1; "),
        (lambda: link_matrix([(-1, 0)], 2), ValueError, r"^links must be between pages 0 to 1; "),
        (lambda: pagerank(np.eye(2)), TypeError, r"^S must be a sparse array"),
        (lambda: pagerank(csr_array((2, 3))), ValueError, r"^S must be a nonempty square matrix"),
        (
            lambda: pagerank(link_matrix(FOUR, 4).T.tocsr()),
            ValueError,
            r"^S must have .*Is it transposed\?",
        ),
        (lambda: pagerank(csr_array([[2, 0], [-1, 1]])), ValueError, r"^S must have entries of at"),
        (lambda: pagerank(link_matrix(FOUR, 4), damping=1.5), ValueError, r"^damping must be from"),
        (lambda: pagerank(link_matrix(FOUR, 4), damping=np.nan), ValueError, r"^damping must be"),
        (lambda: pagerank(link_matrix(FOUR, 4), tol=-1), ValueError, r"^tol must be at least 0"),
        (lambda: pagerank(link_matrix(FOUR, 4), maxiter=0), ValueError, r"^maxiter must be at"),
    ],
)
def test_what_does_not_fit_is_named(call, error, said):
    with pytest.raises(error, match=said):
        call()
