"""Flows and cuts: the network of the chapter, random ones, and the answers of NetworkX."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from scipy.optimize import linprog

from coursekit import statuses
from coursekit.constraints.flows import cut_capacity, flow_program, maximum_flow
from coursekit.constraints.linear_programming import standard_form
from coursekit.constraints.simplex import simplex

EDGES = "sa7 sb2 sc8 ab3 cb3 ad6 be4 cf5 de2 ef2 dg3 dh2 eh4 fh3 fi2 gt5 ht10 it4"
NETWORK = {(edge[0], edge[1]): int(edge[2:]) for edge in EDGES.split()}


def require_flow(capacities, flow, value, source="s", sink="t"):
    for edge, capacity in capacities.items():
        assert -1e-12 <= flow[edge] <= capacity + 1e-12
    balance = {}
    for (u, v), amount in flow.items():
        balance[u] = balance.get(u, 0) - amount
        balance[v] = balance.get(v, 0) + amount
    assert balance[sink] == pytest.approx(value)
    assert balance[source] == pytest.approx(-value)
    others = [b for node, b in balance.items() if node not in (source, sink)]
    np.testing.assert_allclose(others, 0, atol=1e-9)


def random_network(seed, nodes=9, share=0.35):
    rng = np.random.default_rng(seed)
    names = ["s", *range(nodes - 2), "t"]
    pairs = [(u, v) for u in names for v in names if u != v and rng.random() < share]
    capacities = {pair: int(rng.integers(0, 12)) for pair in pairs}
    return capacities | {("s", 0): 5, (0, "t"): 3}


def graph_of(capacities):
    graph = nx.DiGraph()
    for (u, v), capacity in capacities.items():
        graph.add_edge(u, v, capacity=capacity)
    return graph


def test_the_network_of_the_chapter():
    run = maximum_flow(NETWORK, "s", "t")
    assert (run.value, run.success, run.cut) == (14, True, set("sabcdef"))
    assert run.cut_edges == [("d", "g"), ("d", "h"), ("e", "h"), ("f", "h"), ("f", "i")]
    require_flow(NETWORK, run.flow, 14)
    sums = [
        cut_capacity(NETWORK, {"s", *side})
        for k in range(10)
        for side in combinations("abcdefghi", k)
    ]
    assert (len(sums), min(sums), sums.count(14), sums.count(15)) == (512, 14, 1, 4)
    assert cut_capacity(NETWORK, "s") == 17
    assert cut_capacity(NETWORK, "sabcdefghi") == 19


@pytest.mark.parametrize(
    ("edge", "capacity", "value"), [("dg", 4, 15), ("dg", 2, 13), ("sa", 8, 14)]
)
def test_a_changed_capacity(edge, capacity, value):
    assert maximum_flow(NETWORK | {tuple(edge): capacity}, "s", "t").value == value


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_agree_with_networkx_and_with_the_program(seed):
    capacities = random_network(seed)
    run = maximum_flow(capacities, "s", "t")
    value, _ = nx.maximum_flow(graph_of(capacities), "s", "t")
    assert run.value == value
    require_flow(capacities, run.flow, value)
    assert all(amount == round(amount) for amount in run.flow.values())
    assert cut_capacity(capacities, run.cut) == value
    assert "s" in run.cut
    assert "t" not in run.cut
    assert run.cut_edges == [e for e in capacities if e[0] in run.cut and e[1] not in run.cut]
    assert linprog(**flow_program(capacities, "s", "t")).fun == pytest.approx(-value)


def test_each_step_raises_the_flow_and_paths_do_not_get_shorter():
    for seed in range(12):
        capacities, value = random_network(seed), 0
        run = maximum_flow(capacities, "s", "t")
        for path, amount, flow in run.steps:
            assert amount > 0
            value += amount
            require_flow(capacities, flow, value)
            assert (path[0], path[-1]) == ("s", "t")
        lengths = [len(path) for path, *_ in run.steps]
        assert lengths == sorted(lengths)


def test_what_flows_can_be_taken_back():
    """The shortest path s-a-b-t must give way."""
    capacities = {("s", "a"): 1, ("a", "b"): 1, ("b", "t"): 1, ("s", "c"): 1, ("c", "d"): 1,
                  ("d", "b"): 1, ("a", "e"): 1, ("e", "f"): 1, ("f", "t"): 1}  # fmt: skip
    run = maximum_flow(capacities, "s", "t")
    assert run.value == 2
    assert run.steps[0][0] == ["s", "a", "b", "t"]
    assert run.steps[1][0][3:5] == ["b", "a"]
    assert run.flow["a", "b"] == 0


def test_opposite_edges_carry_their_difference():
    capacities = {("s", "a"): 3, ("a", "b"): 5, ("b", "a"): 4, ("b", "t"): 2, ("a", "t"): 1}
    run = maximum_flow(capacities, "s", "t")
    assert run.value == 3
    assert (run.flow["a", "b"], run.flow["b", "a"]) == (2, 0)
    require_flow(capacities, run.flow, 3)


def test_infinite_capacities():
    capacities = {("s", "a"): 2, ("a", "b"): np.inf, ("b", "t"): 3}
    run = maximum_flow(capacities, "s", "t")
    assert (run.value, run.flow["a", "b"]) == (2, 2)
    assert flow_program(capacities, "s", "t")["bounds"] == [(0, 2), (0, None), (0, 3), (0, None)]
    run = maximum_flow({("s", "a"): np.inf, ("a", "t"): np.inf}, "s", "t")
    assert (run.status, run.success, run.value) == (statuses.UNBOUNDED, False, None)
    assert run.path == ["s", "a", "t"]
    assert "Unbounded" in run.message


def test_nothing_flows_where_there_is_no_way():
    run = maximum_flow({("s", "a"): 2, ("b", "t"): 3}, "s", "t")
    assert (run.value, run.steps, run.cut) == (0, [], {"s", "a"})


def test_the_prices_of_the_program_are_the_cut():
    form = standard_form(**flow_program(NETWORK, "s", "t"))
    run = simplex(form.c, form.A, form.b)
    assert run.fun == pytest.approx(-14)
    prices = -run.y[11:]  # after the 11 nodes: one for each capacity
    np.testing.assert_allclose(prices, [e in maximum_flow(NETWORK, "s", "t").cut_edges
                                        for e in NETWORK], atol=1e-12)  # fmt: skip


def test_matching_and_its_cover():
    knows = {"P1": ["J1", "J2"], "P2": ["J1"], "P3": ["J1", "J2"], "P4": ["J3", "J4"]}
    capacities = {("s", p): 1 for p in knows} | {(p, j): np.inf for p in knows for j in knows[p]}
    capacities |= {(f"J{k}", "t"): 1 for k in range(1, 5)}
    run = maximum_flow(capacities, "s", "t")
    assert run.value == 3
    assert {node for edge in run.cut_edges for node in edge} - {"s", "t"} == {"J1", "J2", "P4"}


@pytest.mark.parametrize(
    ("capacities", "ends", "error", "message"),
    [
        ({("s", "t"): "1"}, "st", TypeError, r"capacities\[\('s', 't'\)\] must be one real number"),
        ({("s", "t"): -1}, "st", ValueError, "capacities must be at least 0; got -1 for"),
        ({("s", "t"): np.nan}, "st", ValueError, "capacities must be at least 0; got nan for"),
        ({"st": 1}, "st", ValueError, "capacities must have pairs of two nodes as keys; got 'st'"),
        ({("s", "s"): 1}, "st", ValueError, "capacities must have pairs of two nodes"),
        ({("s", "t"): 1}, "at", ValueError, "source must be a node of an edge; got 'a'"),
        ({("s", "t"): 1}, "sb", ValueError, "sink must be a node of an edge; got 'b'"),
        ({("s", "t"): 1}, "ss", ValueError, "sink must be another node than source; got 's'"),
    ],
)
@pytest.mark.parametrize("function", [maximum_flow, flow_program])
def test_wrong_networks_are_named(function, capacities, ends, error, message):
    with pytest.raises(error, match=message):
        function(capacities, *ends)
