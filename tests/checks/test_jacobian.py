"""`check_numerical_jacobian`: right derivatives pass, and wrong ones do not."""

import os

import numpy as np
import pytest
from check_examples import (
    CORRECT,
    EACH,
    diagnosis,
    f,
    g,
    grad_f,
    grad_g,
    hessian_f,
    logistic,
    softplus,
    tall,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.checks import check_numerical_jacobian
from coursekit.checks.sample_points import draw_points


@pytest.mark.parametrize("name", CORRECT)
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_correct_derivatives_pass(name, scale):
    func, jac, n = CORRECT[name]
    for seed in range(3):  # 32 points each
        assert (
            check_numerical_jacobian(
                lambda x: scale * func(x), lambda x: scale * jac(x), nD=n, seed=seed
            )
            is True
        )


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 6), st.floats(-8, 8))
def test_random_networks_pass(seed, n, power):
    rng = np.random.default_rng(seed)
    weights, out = rng.normal(size=(3, n)), rng.normal(size=(2, 3)) * 10.0**power

    def jac(x):
        return out @ ((1 / np.cosh(x @ weights.T) ** 2)[..., None] * weights)

    assert check_numerical_jacobian(lambda x: np.tanh(x @ weights.T) @ out.T, jac, n, seed=seed)


def test_the_box_of_the_course_at_1024_points():
    for seed in range(16):
        for func, jac in ((f, grad_f), (grad_f, hessian_f)):
            assert check_numerical_jacobian(func, jac, domain=(-3, 3), seed=seed)


def test_a_domain_limits_points_and_steps():
    seen = []

    def log(x):
        seen.append(x.reshape(-1, 2))
        return np.log(x).sum(axis=-1) + np.log(np.array([1e-6, 2]) - x).sum(axis=-1)

    def grad(x):
        return 1 / x - 1 / (np.array([1e-6, 2]) - x)

    assert check_numerical_jacobian(log, grad, domain=(0, [1e-6, 2]))
    points = np.concatenate(seen)
    assert (points > 0).all()
    assert (points < [1e-6, 2]).all()


def test_the_same_call_gives_the_same_message():
    def wrong(x):
        return grad_g(x) + 0.1

    assert diagnosis(g, wrong) == diagnosis(g, wrong)
    assert diagnosis(g, wrong, seed=1) != diagnosis(g, wrong)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"n": 0}, "n must be a positive integer, got 0"),
        ({"nD": 2.0}, "n must be a positive integer, got 2.0"),
        ({"n": 3, "nD": 4}, "n and nD are two names of one number, got n=3 and nD=4"),
        ({"domain": 3}, r"domain must be \(lo, hi\)"),
        ({"domain": (0, [1, 2, 3])}, r"domain must be \(lo, hi\), each a number or 2 numbers"),
        ({"domain": (1, 1)}, "domain must be finite with lo < hi"),
        ({"domain": (0, np.inf)}, "domain must be finite with lo < hi"),
    ],
)
def test_bad_arguments_are_the_callers_fault(kwargs, message):
    with pytest.raises(ValueError, match=message):
        check_numerical_jacobian(f, grad_f, **kwargs)


CONTAINERS = {
    "float32": lambda jac: lambda x: jac(x).astype(np.float32),
    "list": lambda jac: lambda x: jac(x).tolist(),
    "Fortran": lambda jac: lambda x: np.asfortranarray(jac(x)),
    "read-only": lambda jac: lambda x: np.broadcast_to(jac(x), jac(x).shape),
}


@EACH
@pytest.mark.parametrize("container", CONTAINERS)
def test_right_answers_pass_in_every_container(f, jac, container):
    assert check_numerical_jacobian(f, CONTAINERS[container](jac))
    assert "2 times" in diagnosis(f, CONTAINERS[container](lambda x: 2 * jac(x)))


INNER = [
    (np.sin, np.cos),
    (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    (lambda x: x**2, lambda x: 2 * x),
    (lambda x: np.exp(np.sin(x)), lambda x: np.cos(x) * np.exp(np.sin(x))),
    (softplus, logistic),
    (lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2),
    (lambda x: np.log1p(x**2), lambda x: 2 * x / (1 + x**2)),
]


@st.composite
def compositions(draw):
    """One to three layers of smooth functions, random weights: f, its Jacobian, n inputs."""
    n, p = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    pieces = draw(st.lists(st.sampled_from(INNER), min_size=1, max_size=3))
    sizes = [n, *[4] * (len(pieces) - 1), p]
    layers = [
        (rng.normal(size=(rows, columns)) / np.sqrt(columns), piece)
        for rows, columns, piece in zip(sizes[1:], sizes, pieces, strict=False)
    ]
    scale = 10.0 ** draw(st.integers(-8, 8))

    def f(x):
        for weights, (inner, _) in layers:
            x = inner(x @ weights.T)
        return scale * x

    def jac(x):
        product = scale * np.eye(n)
        for weights, (inner, slope) in layers:
            x = x @ weights.T
            product = slope(x)[..., None] * (weights @ product)
            x = inner(x)
        return product

    return f, jac, n


MUTATIONS = {  # of the derivative J at x, of size s, at one entry (one number in ``mask``)
    "shifted": lambda J, x, s, mask, r: J + r * s * mask,
    "scaled": lambda J, x, s, mask, r: J * (1 + r * mask),
    "all scaled": lambda J, x, s, mask, r: J * (1 + r),
    "a term too many": lambda J, x, s, mask, r: J + r * s * mask * np.sin(tall(x[..., 0], J)),
    "in one half": lambda J, x, s, mask, r: J * (1 + r * mask * tall(x[..., -1] > 0, J)),
    "wrong order": lambda J, x, s, mask, r: J[..., ::-1],
    "rows in the wrong order": lambda J, x, s, mask, r: np.roll(J, 1, axis=-2),
}


# 10,000 of each: EXAMPLES=10000 python -m pytest tests/checks/test_jacobian.py -k property
EXAMPLES = int(os.environ.get("EXAMPLES", 300))


@settings(max_examples=EXAMPLES)
@given(compositions(), st.integers(0, 5), st.sampled_from([None, (-2, 2), (0.1, 3)]))
def test_property_no_false_alarm(case, seed, domain):
    f, jac, n = case
    assert check_numerical_jacobian(f, jac, n, seed=seed, domain=domain)


@settings(max_examples=EXAMPLES)
@given(compositions(), st.sampled_from([None, (-2, 2), (0.1, 3)]), st.data())
def test_property_no_wrong_derivative_passes(case, domain, data):
    f, jac, n = case
    x = draw_points(n, domain, 0)
    right = jac(x)
    size = np.abs(right).max(axis=(0, -1), keepdims=True)[0]
    mask = np.zeros(right.shape[1:])
    mask[tuple(data.draw(st.integers(0, k - 1)) for k in mask.shape)] = 1
    mutation = MUTATIONS[data.draw(st.sampled_from(list(MUTATIONS)))]
    relative = data.draw(st.sampled_from([1e-5, 1e-2, -1.0, -2.0]))

    def wrong(x):
        return mutation(jac(x), x, size, mask, relative)

    # To be seen is what is off by a millionth of the largest slope of that output at any point.
    if (np.abs(wrong(x) - right) > 1e-6 * size).any():
        diagnosis(f, wrong, n, domain=domain)
