r"""Maximum flow and minimum cut, by augmenting paths and as a linear program.

A network is a dict from edges ``(u, v)`` to capacities, at least 0 and perhaps infinite. Nodes are
whatever can be a key. A flow gives each edge a number between 0 and its capacity, so that at every
node but the source and the sink as much flows out as in.
"""

import math
from collections import deque
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

from coursekit._arguments import real_number
from coursekit.statuses import CONVERGED, UNBOUNDED

__all__ = ["cut_capacity", "flow_program", "maximum_flow"]


def maximum_flow(capacities, source, sink):
    r"""Find a maximum flow and a minimum cut by shortest augmenting paths (Edmonds and Karp).

    The *room* of an edge is its capacity minus its flow; against its direction it is the flow,
    which can be taken back. As long as a path with room leads from source to sink, the flow is
    raised along a shortest one by the smallest room on it. At the end, the nodes that the source
    still reaches are one side of a cut whose capacity equals the flow: neither can be improved.
    The flow is made of whole numbers if the capacities are.

    Parameters
    ----------
    capacities : dict of (u, v) to float
    source, sink : node

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``value``; ``flow``, a dict of all edges; ``cut``, the nodes on the side of the source;
        ``cut_edges``, the edges that leave it; ``steps``, a list of (path, amount, flow after
        it); ``success``, ``message``, and ``status``: ``CONVERGED``, or ``UNBOUNDED`` if a path
        has infinite room: then ``path`` is that path, and the others are None.

    Raises
    ------
    TypeError, ValueError
        If a capacity is no number, NaN or negative, an edge is no pair or joins a node to itself,
        or source or sink are the same or no nodes of the network.

    References
    ----------
    Book chapter *Linear programming*; Edmonds and Karp, *Theoretical improvements in algorithmic
    efficiency for network flow problems*, Journal of the ACM 19 (1972).

    Examples
    --------
    >>> run = maximum_flow({("s", "a"): 3, ("a", "t"): 2, ("s", "t"): 1}, "s", "t")
    >>> run.value, run.flow["s", "a"], run.cut_edges
    (3.0, 2.0, [('a', 't'), ('s', 't')])
    """
    capacities = _checked(capacities, source, sink)
    room = dict(capacities)
    for u, v in capacities:
        room.setdefault((v, u), 0.0)
    neighbours = {}
    for u, v in room:
        neighbours.setdefault(u, []).append(v)
    steps = []
    while True:
        came_from = _reached(room, neighbours, source, sink)
        if sink not in came_from:
            break
        path = [sink]
        while path[-1] != source:
            path.append(came_from[path[-1]])
        path.reverse()
        edges = list(pairwise(path))
        amount = min(room[edge] for edge in edges)
        if math.isinf(amount):
            return _result(UNBOUNDED, path=path)
        for u, v in edges:
            room[u, v] -= amount
            room[v, u] += amount
        steps.append((path, amount, _flow(capacities, room)))
    cut = set(came_from)
    return _result(
        CONVERGED, value=math.fsum(amount for _, amount, _ in steps),
        flow=_flow(capacities, room), cut=cut, steps=steps,
        cut_edges=[(u, v) for u, v in capacities if u in cut and v not in cut],
    )  # fmt: skip


def cut_capacity(capacities, side):
    """Return the sum of the capacities of all edges that leave a set of nodes.

    Parameters
    ----------
    capacities : dict of (u, v) to float
    side : collection of nodes

    Returns
    -------
    float

    Examples
    --------
    >>> cut_capacity({("s", "a"): 3, ("a", "t"): 2, ("s", "t"): 1}, {"s", "a"})
    3.0
    """
    return math.fsum(c for (u, v), c in capacities.items() if u in side and v not in side)


def flow_program(capacities, source, sink):
    r"""Write a maximum flow as a linear program, for `standard_form` or `scipy.optimize.linprog`.

    One variable an edge, in the order of the dict, and last the flow on a return edge from sink
    to source, which is to be as large as possible. There is one equation a node, in the order in
    which they first occur: what flows in equals what flows out.

    Parameters
    ----------
    capacities : dict of (u, v) to float
    source, sink : node

    Returns
    -------
    dict
        ``c``, ``A_eq`` (the incidence matrix, sparse), ``b_eq`` and ``bounds``: arguments.

    Raises
    ------
    TypeError, ValueError
        As `maximum_flow`.

    Examples
    --------
    >>> program = flow_program({("s", "a"): 3, ("a", "t"): 2}, "s", "t")
    >>> program["A_eq"].toarray()
    array([[-1.,  0.,  1.],
           [ 1., -1.,  0.],
           [ 0.,  1., -1.]])
    """
    capacities = _checked(capacities, source, sink)
    nodes = {node: i for i, node in enumerate(dict.fromkeys(n for e in capacities for n in e))}
    edges = [(nodes[u], nodes[v]) for u, v in [*capacities, (sink, source)]]
    tails, heads = np.array(edges).T
    each = np.arange(len(edges))
    entries = np.repeat([-1.0, 1.0], len(edges))
    A = sp.csr_array((entries, (np.concatenate([tails, heads]), np.tile(each, 2))),
                     shape=(len(nodes), len(edges)))  # fmt: skip
    bounds = [(0, None if math.isinf(c) else c) for c in capacities.values()]
    cost = np.where(each == len(capacities), -1.0, 0.0)
    return {"c": cost, "A_eq": A, "b_eq": np.zeros(len(nodes)), "bounds": [*bounds, (0, None)]}


def _checked(capacities, source, sink):
    found = {}
    for edge, capacity in capacities.items():
        if not isinstance(edge, tuple) or len(edge) != 2 or edge[0] == edge[1]:
            raise ValueError(f"capacities must have pairs of two nodes as keys; got {edge!r}.")
        found[edge] = real_number(f"capacities[{edge!r}]", capacity)
        if not found[edge] >= 0:
            raise ValueError(f"capacities must be at least 0; got {capacity} for {edge!r}.")
    nodes = {node for edge in found for node in edge}
    for name, node in (("source", source), ("sink", sink)):
        if node not in nodes:
            raise ValueError(f"{name} must be a node of an edge; got {node!r}.")
    if source == sink:
        raise ValueError(f"sink must be another node than source; got {sink!r} for both.")
    return found


def _reached(room, neighbours, source, sink):
    """Return, for each node that is reached first come first served, where it was reached from."""
    came_from, waiting = {source: None}, deque([source])
    while waiting and sink not in came_from:
        u = waiting.popleft()
        for v in neighbours[u]:
            if v not in came_from and room[u, v] > 0:
                came_from[v] = u
                waiting.append(v)
    return came_from


def _flow(capacities, room):
    """Return the flow of each edge; where two are opposite, only the difference flows.

    What is left of an infinite capacity says nothing, but the room of the way back does.
    """
    flow = {}
    for (u, v), capacity in capacities.items():
        back = capacities.get((v, u), 0.0)
        used = capacity - room[u, v] if math.isfinite(capacity) else room[v, u] - back
        flow[u, v] = max(0.0, used) if math.isfinite(used) else 0.0
    return flow


def _result(status, **found):
    from scipy.optimize import OptimizeResult

    empty = dict.fromkeys(("value", "flow", "cut", "cut_edges", "steps"))
    message = {
        CONVERGED: "Solved: the flow equals the capacity of the cut.",
        UNBOUNDED: "Unbounded: every edge of the path has infinite capacity.",
    }[status]
    return OptimizeResult(
        **empty | found, status=status, success=status == CONVERGED, message=message
    )
