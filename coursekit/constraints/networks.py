r"""Networks: potentials at the nodes, flows along the edges, and the graph Laplacian.

Edge :math:`k` leads from node :math:`i` to node :math:`j` and has the conductance
:math:`c_k > 0`. Its row of the incidence matrix :math:`A`, of shape (edges, nodes), has :math:`-1`
at :math:`i` and :math:`1` at :math:`j`. Flows :math:`y` that lead what enters at the nodes to the
ground minimize the loss

.. math:: \tfrac12 \sum_k \frac{y_k^2}{c_k} \quad\text{subject to}\quad
          A^\top y + s = 0 \ \text{ at all nodes but the ground,}

where :math:`s_i` enters at node :math:`i` from outside. The multipliers are the potentials
:math:`u`: they solve :math:`A^\top C A\, u = s` with :math:`u = 0` at the ground, and
:math:`y = -CAu`. So it is with currents and voltages, with forces and displacements, with heat
flow and temperatures.
"""

import numpy as np

from coursekit._arguments import count, real_array

__all__ = ["graph_laplacian", "incidence_matrix", "solve_network"]


def incidence_matrix(edges, n):
    """Return the sparse incidence matrix of a network, one edge a row.

    Parameters
    ----------
    edges : array_like of int, shape (e, 2)
        From which node, numbered from 0, to which.
    n : int
        Number of nodes.

    Returns
    -------
    scipy.sparse.csr_array, shape (e, n)
        -1 where an edge begins, 1 where it ends.

    Raises
    ------
    TypeError, ValueError
        If the edges are not pairs of different nodes from 0 to n - 1.

    Examples
    --------
    >>> incidence_matrix([[0, 1], [1, 2]], 3).toarray()
    array([[-1.,  1.,  0.],
           [ 0., -1.,  1.]])
    """
    from scipy.sparse import csr_array

    n, edges = count("n", n, at_least=1), _edges(edges)
    if len(edges) and (edges.min() < 0 or edges.max() >= n):
        raise ValueError(f"edges must join nodes from 0 to {n - 1}; got {edges.tolist()}.")
    if (edges[:, 0] == edges[:, 1]).any():
        raise ValueError(f"edges must join two different nodes; got {edges.tolist()}.")
    e = len(edges)
    values, rows = np.tile([-1.0, 1.0], e), np.repeat(np.arange(e), 2)
    return csr_array((values, (rows, edges.ravel())), shape=(e, n))


def graph_laplacian(edges, conductances, n):
    r"""Return the weighted Laplacian :math:`A^\top C A` of a network.

    Parameters
    ----------
    edges, n
        As of `incidence_matrix`.
    conductances : array_like, shape (e,)
        Positive. Parallel edges add up.

    Returns
    -------
    scipy.sparse.csr_array, shape (n, n)
        Symmetric, positive semidefinite; all rows sum to 0. Without the row and the column of one
        node it is positive definite, if the network is connected.

    Raises
    ------
    TypeError, ValueError
        As of `incidence_matrix`, or if a conductance is not positive.

    Examples
    --------
    >>> graph_laplacian([[0, 1], [1, 2]], [1, 5], 3).toarray()
    array([[ 1., -1.,  0.],
           [-1.,  6., -5.],
           [ 0., -5.,  5.]])
    """
    from scipy.sparse import diags_array

    A = incidence_matrix(edges, n)
    c = real_array("conductances", conductances, (A.shape[0],)).astype(float)
    if (c <= 0).any():
        raise ValueError(f"conductances must be above 0; got {c.min()}.")
    return (A.T @ diags_array(c) @ A).tocsr()


def solve_network(edges, conductances, sources, *, ground=0):
    r"""Return potentials and flows of a network into which something enters.

    Parameters
    ----------
    edges, conductances
        As of `graph_laplacian`.
    sources : array_like, shape (n,)
        What enters at each node from outside. The ground lets out the sum of all others; its own
        entry does not count.
    ground : int, optional
        The node whose potential is 0.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``potentials``, shape (n,); ``flows``, shape (e,), positive along the direction of the
        edge; ``loss`` = :math:`\sum_k y_k^2 / c_k`, in a circuit the power that is turned to heat.

    Raises
    ------
    TypeError, ValueError
        As of `graph_laplacian`, or if a node is not connected with the ground.

    References
    ----------
    Strang, *Linear Algebra and Learning from Data*, section IV.6.

    Examples
    --------
    Two resistors in a row, 1 and 4 ohms, and 2 amperes from node 0 to the ground:

    >>> run = solve_network([[0, 1], [1, 2]], [1, 0.25], [2, 0, 0], ground=2)
    >>> run.potentials.round(9), run.flows.round(9), round(run.loss, 9)
    (array([10.,  8.,  0.]), array([2., 2.]), 20.0)
    """
    from scipy.optimize import OptimizeResult
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import splu

    s = real_array("sources", sources).astype(float)
    if s.ndim != 1:
        raise ValueError(f"sources must have shape (n,); got shape {s.shape}.")
    n, ground = len(s), count("ground", ground)
    if ground >= n:
        raise ValueError(f"ground must be a node from 0 to {n - 1}; got {ground}.")
    L = graph_laplacian(edges, conductances, n)
    part = connected_components(L, directed=False)[1]
    if (part != part[ground]).any():
        lost = int(np.flatnonzero(part != part[ground])[0])
        raise ValueError(f"edges must connect all nodes; node {lost} is cut off from the ground.")
    free = np.arange(n) != ground
    u = np.zeros(n)
    if free.any():
        u[free] = splu(L[free][:, free].tocsc(), permc_spec="MMD_AT_PLUS_A").solve(s[free])
    c = np.asarray(conductances, float)
    flows = -c * (incidence_matrix(edges, n) @ u)
    return OptimizeResult(potentials=u, flows=flows, loss=float(flows @ (flows / c)))


def _edges(edges):
    edges = np.asarray(edges)
    if edges.size == 0:
        edges = np.zeros((0, 2), int)
    if edges.ndim != 2 or edges.shape[1] != 2:
        raise ValueError(f"edges must have shape (e, 2); got shape {edges.shape}.")
    if edges.dtype.kind not in "iu":
        raise TypeError(f"edges must hold numbers of nodes; got dtype {edges.dtype}.")
    return edges.astype(int)
