"""Exercises on descent."""

import numpy as np

from coursekit.objectives import bowl, exponential_sum, himmelblau


def gd_exercise_bug(result):
    """Set result, both coordinates at the end of the repaired loop."""
    a, b = result
    assert not np.isclose(b, 1), (
        "The second coordinate has not moved from 1: does the loop update it?"
    )
    assert max(abs(a), abs(b)) < 1e-6, (
        f"({a:.2g}, {b:.2g}) is not the minimum: are both slopes taken at the same point?"
    )


def gd_exercise_log(two_curvatures, largest_step, best_step):
    """Set two_curvatures (first, second), largest_step, the limit, and best_step."""
    for at, factor in enumerate((0.85, -1.1)):
        mine = 1 - 0.3 * two_curvatures[at]
        assert np.isclose(mine, factor), (
            f"two_curvatures[{at}] makes the factor {mine:.3g}: see the log."
        )
    assert np.isclose(largest_step * max(two_curvatures), 2), (
        "At the limit the factor of the steep one is -1."
    )
    low, high = (abs(1 - best_step * c) for c in two_curvatures)
    assert np.isclose(low, high), (
        f"With best_step the factors are {low:.3f} and {high:.3f} in size."
    )


def gd_exercise_zero(suspects):
    """Define suspects(f, grad, x)."""
    x = np.array([3.0, 2.0])
    for signs, wrong in [([1, -1], [1]), ([-1, 1], [0]), ([1, 1], []), ([2, 0], [0, 1])]:
        found = (
            np.ravel(suspects(bowl, lambda x, s=signs: bowl.grad(x) * s, x)).astype(int).tolist()
        )
        assert found == wrong, (
            f"With the gradient of the bowl times {signs} the wrong components are {wrong}; "
            f"yours are {found}."
        )


def gd_exercise_closed_form(my_minimizer):
    """Set my_minimizer, the point of your formula as two numbers."""
    assert np.shape(my_minimizer) == (2,), "It should hold two numbers."
    slope = exponential_sum.grad(np.asarray(my_minimizer, float))
    assert np.abs(slope).max() < 1e-12, f"The gradient there is {slope.round(6)}, not zero."


def land_exercise_survive(held):
    """Set held = [..., ..., ..., ...], how many of the three minima hold for each step."""
    assert len(held) == 4, "There are four steps."
    assert list(held) == sorted(held, reverse=True), "A larger step cannot hold more minima."
    wrong = [
        k for k, (mine, right) in enumerate(zip(held, (3, 2, 1, 0), strict=True)) if mine != right
    ]
    assert not wrong, f"Step number {wrong[0] + 1} is not right: compare it with 2 / curvature."


def land_exercise_schedule(s0_lambda, steps):
    """Set s0_lambda, and steps, how many bring the distance to 0.01."""
    ratio = 10.0**-s0_lambda
    assert abs(ratio - 0.17 / 0.27) < 0.01, (
        f"Ten times as many steps would multiply the distance by {ratio:.3f}; see the log."
    )
    assert 1e10 < steps < 2e10, "From 0.107 after 100,000, follow the same power down to 0.01."


def land_exercise_ends(found_ends):
    """Set found_ends, an array with one row for each different end of himmelblau."""
    ends = np.asarray(found_ends, float)
    assert ends.ndim == 2 and ends.shape[1] == 2, (
        f"Its shape should be (ends, 2), not {ends.shape}."
    )
    far = np.linalg.norm(ends[:, None] - himmelblau.minimizers, axis=-1)  # (ends, minimizers)
    assert far.min(axis=1).max() < 0.02, "One of the ends is no minimum: has that run finished?"
    assert far.min(axis=0).max() < 0.02, "A minimum is missing: try more starts."
    assert len(ends) == len(himmelblau.minimizers), "Some ends are there twice: round them."


def land_exercise_log(creeping_step, dead_step):
    """Set creeping_step and dead_step: which of 0.001 and 3 ended where?"""
    assert {creeping_step, dead_step} == {0.001, 3}, "Set each to one of 0.001 and 3."
    assert creeping_step < dead_step, "Look at the gradient of the first layer of both nets."
