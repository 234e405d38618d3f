"""Does the check of derivatives decide rightly? ``python benchmarks/checks.py``.

Takes functions with known derivatives, n = 1 ... 20, and plants mistakes in the derivatives. Counts
false alarms on right ones (also as float32, list, in Fortran order, read-only), wrong ones that are
accepted, with the domain given and not, and messages that name another cause than the one planted;
times whole checks. Exits with status 1 if a limit is missed: no false alarm, 0.1 % and 1 %
accepted, 95 % named, 10 ms for the slowest check (each the best of several, for others may use the
machine too). With -v it prints the messages that name another cause.
"""

import sys
from time import process_time
from typing import NamedTuple

import numpy as np

from coursekit.checks import CheckFailed, check_numerical_jacobian

LIMITS = {"false alarms": 0, "accepted, domain given": 1e-3, "accepted": 1e-2, "not named": 0.05}
MILLISECONDS = 10


class Case(NamedTuple):
    """A function with its derivative, both vectorised, and a box in which it is smooth."""

    name: str
    f: object
    jac: object
    n: int
    domain: tuple = (-2, 2)
    elsewhere: bool = True  # defined and smooth outside of the box too


def column(*entries):
    return np.stack(entries, axis=-1)


def diagonal(x):
    return x[..., None] * np.eye(x.shape[-1])


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_jacobian(x):
    s = softmax(x)
    return diagonal(s) - s[..., :, None] * s[..., None, :]


def logsumexp(x):
    top = x.max(axis=-1)
    return top + np.log(np.exp(x - top[..., None]).sum(axis=-1))


def chain(x):
    return (100 * (x[..., 1:] - x[..., :-1] ** 2) ** 2 + (1 - x[..., :-1]) ** 2).sum(axis=-1)


def chain_gradient(x):
    off, g = x[..., 1:] - x[..., :-1] ** 2, np.zeros_like(x)
    g[..., 1:] += 200 * off
    g[..., :-1] -= 400 * x[..., :-1] * off + 2 * (1 - x[..., :-1])
    return g


def separable(name, f, slope, n, *box, positive=False):
    """The sum of f over the coordinates, and the map that applies f to each."""
    where = (*box, not positive) if box else ()
    yield Case(f"sum of {name}", lambda x: f(x).sum(axis=-1), slope, n, *where)
    yield Case(f"{name} of each", f, lambda x: diagonal(slope(x)), min(n, 6), *where)


def composition(rng, n, scale):
    """A network of two layers with weights drawn at random, as a scalar and as a map."""
    A, B = rng.normal(size=(4, n)) / np.sqrt(n), rng.normal(size=(3, 4))
    w = scale * rng.normal(size=3)

    def inner(x):
        return np.tanh(x @ A.T)

    def hidden(x):
        return np.exp(0.5 * np.sin(inner(x) @ B.T))

    def jac(x):
        z = inner(x)
        first = (1 - z**2)[..., None] * A
        outer = (hidden(x) * 0.5 * np.cos(z @ B.T))[..., None] * B
        return outer @ first

    yield Case(f"map, n = {n}", hidden, jac, n)
    yield Case(f"network, n = {n}", lambda x: hidden(x) @ w, lambda x: w @ jac(x), n)


def corpus():
    rng = np.random.default_rng(5)
    yield from separable("exp", np.exp, np.exp, 5)
    yield from separable("sin", np.sin, np.cos, 3)
    yield from separable("sin(5x)", lambda x: np.sin(5 * x), lambda x: 5 * np.cos(5 * x), 2)
    yield from separable("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2, 20)
    yield from separable("cubes", lambda x: x**3, lambda x: 3 * x**2, 10)
    yield from separable(
        "1/(1+x²)", lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2, 4
    )
    yield from separable("log", np.log, lambda x: 1 / x, 3, (0.1, 3), positive=True)
    yield from separable("sqrt", np.sqrt, lambda x: 0.5 / np.sqrt(x), 4, (0.1, 3), positive=True)
    yield from separable(
        "x log x", lambda x: x * np.log(x), lambda x: 1 + np.log(x), 6, (0.1, 3), positive=True
    )
    yield from separable("1e-7 exp", lambda x: 1e-7 * np.exp(x), lambda x: 1e-7 * np.exp(x), 3)
    yield from separable("1e9 sin", lambda x: 1e9 * np.sin(x), lambda x: 1e9 * np.cos(x), 3)
    for n, scale in ((1, 1), (2, 1e-6), (3, 1e6), (8, 1), (20, 1)):
        yield from composition(rng, n, scale)
    for n in (2, 7, 20):
        A = rng.normal(size=(n, n))
        yield Case(
            f"quadratic, n = {n}",
            lambda x, A=A: ((x @ A.T) * x).sum(axis=-1),
            lambda x, A=A: x @ (A + A.T),
            n,
        )
        yield Case(
            f"linear map, n = {n}",
            lambda x, A=A: x @ A.T,
            lambda x, A=A: np.broadcast_to(A, (*x.shape[:-1], *A.shape)),
            n,
        )
    for n in (3, 10, 20):
        yield Case(f"log-sum-exp, n = {n}", logsumexp, softmax, n)
    yield Case("softmax", softmax, softmax_jacobian, 5)
    yield Case("Rosenbrock", chain, chain_gradient, 2)
    yield Case("Rosenbrock chain", chain, chain_gradient, 10)
    yield Case(
        "Gaussian",
        lambda x: np.exp(-(x**2).sum(-1)),
        lambda x: -2 * x * np.exp(-(x**2).sum(-1))[..., None],
        3,
    )
    yield Case(
        "norm",
        lambda x: np.sqrt(1 + (x**2).sum(-1)),
        lambda x: x / np.sqrt(1 + (x**2).sum(-1))[..., None],
        12,
    )
    yield Case(
        "function A",
        lambda x: 0.06 * np.exp(2 * x[..., 0] + x[..., 1]) + np.exp(-x[..., 0]),
        lambda x: column(
            0.12 * np.exp(2 * x[..., 0] + x[..., 1]) - np.exp(-x[..., 0]),
            0.06 * np.exp(2 * x[..., 0] + x[..., 1]),
        ),
        2,
    )
    yield Case(
        "spherical",
        lambda x: column(x[..., 0] * np.cos(x[..., 1]), x[..., 0] * np.sin(x[..., 1])),
        lambda x: np.stack(
            [
                column(np.cos(x[..., 1]), -x[..., 0] * np.sin(x[..., 1])),
                column(np.sin(x[..., 1]), x[..., 0] * np.cos(x[..., 1])),
            ],
            axis=-2,
        ),
        2,
    )
    yield Case(
        "x0² x1, sin x0",
        lambda x: column(x[..., 0] ** 2 * x[..., 1], np.sin(x[..., 0]), x[..., 1] ** 3),
        lambda x: np.stack(
            [
                column(2 * x[..., 0] * x[..., 1], x[..., 0] ** 2),
                column(np.cos(x[..., 0]), 0 * x[..., 0]),
                column(0 * x[..., 0], 3 * x[..., 1] ** 2),
            ],
            axis=-2,
        ),
        2,
    )


# Right ones in other clothes, and wrong ones --------------------------------------------------


def read_only(jac):
    def turned(x):
        value = np.array(jac(x))
        value.setflags(write=False)
        return value

    return turned


DRESSES = {
    "as it is": lambda jac: jac,
    "float32": lambda jac: lambda x: jac(x).astype(np.float32),
    "list": lambda jac: lambda x: np.asarray(jac(x)).tolist(),
    "Fortran order": lambda jac: lambda x: np.asfortranarray(jac(x)),
    "read-only": read_only,
}


def at(case, index, change):
    """Change one entry of the derivative."""

    def turned(x):
        value = np.array(case.jac(x))
        value[(..., *index)] = change(value[(..., *index)], x)
        return value

    return turned


def swapped(case, i, j):
    def turned(x):
        value = np.array(case.jac(x))
        value[..., [i, j]] = value[..., [j, i]]
        return value

    return turned


def leading(case, x, term):
    """A term (...) that is added to all entries of the derivative at x (..., n)."""
    shape = np.shape(case.f(np.ones(case.n)))
    return term.reshape(*x.shape[:-1], *[1] * (len(shape) + 1))


def mutations(case):
    """Pairs of what a message must contain (one of several) and a wrong derivative."""
    jac, n = case.jac, case.n
    probe = np.array(jac(np.full(n, 0.7) + 0.1 * np.arange(n) / n))
    last = tuple(k - 1 for k in probe.shape)
    for factor, name in ((2, "2"), (0.5, "1/2"), (np.pi, "π"), (-3, "-3"), (1.001, "1.001")):
        name = ("1001/1000", "1.001") if factor == 1.001 else (name,)
        named = tuple(f": {text} times the derivative" for text in name)
        yield named, lambda x, factor=factor: factor * jac(x)
    yield ("opposite sign",), lambda x: -jac(x)
    yield ("zero at every point",), lambda x: 0 * jac(x)
    yield ("off by",), lambda x: jac(x) + 1e-2 * max(1.0, abs(probe).max())
    scale = 0.1 * abs(probe).max()
    yield ("off by",), lambda x: jac(x) + leading(case, x, scale * x[..., 0])
    yield ("off by", "wrong at"), lambda x: jac(x) + leading(case, x, scale * np.sin(x[..., 0]))
    label = str(list(last))
    one = "" if probe.size == 1 else f"component {label}"
    if probe[last]:
        yield (f"{one}",), at(case, last, lambda v, x: 2 * v)
        yield (f"{one}",), at(case, last, lambda v, x: -v)
        yield (f"{one}",), at(case, last, lambda v, x: 0 * v)
    yield (f"{one}",), at(case, last, lambda v, x: v + scale)
    side = ("right only where", "wrong at")
    yield side, lambda x: jac(x) * (1 + leading(case, x, 1.0 * (x[..., 0] < np.mean(case.domain))))
    yield ("works for one point but",), lambda x: jac(x) if x.ndim == 1 else jac(x)[0]
    yield ("works for one point but",), lambda x: jac(x) * (1 + 0.1 * (x.ndim == 3))
    yield ("works for a batch", "raises"), lambda x: jac(x[:, :]) if x.ndim < 3 else jac(x)
    yield ("right for a batch",), lambda x: jac(x) * (1 + (x.ndim == 1))
    yield ("returns shape",), lambda x: jac(x)[..., None]
    yield ("returns shape",), lambda x: jac(x)[None]
    yield ("returns shape",), lambda x: jac(x).sum(axis=-1, keepdims=True)[..., 0]
    yield (
        ("not finite",),
        lambda x: (
            jac(x) / (x[..., 0] > np.mean(case.domain)).reshape(*x.shape[:-1], *[1] * probe.ndim)
        ),
    )
    yield ("returns NoneType",), lambda x: None
    if n > 1:
        yield ("wrong order",), swapped(case, 0, n - 1)
    if probe.ndim == 2 and probe.shape[0] == n and n > 1:
        yield ("transposed",), lambda x: np.swapaxes(jac(x), -1, -2)
    if probe.ndim > 1:
        yield ("itself",), lambda x: case.f(x)


def differs(case, wrong, shapes=((40, 1), (1, 5), (1, 4, 3))):
    """Whether a mutation changes anything that can be seen, at single points or for batches."""
    rng = np.random.default_rng(0)
    lo, hi = case.domain
    for count, *lead in shapes:
        for _ in range(count if not lead[0] > 1 else 1):
            x = rng.uniform(lo, hi, (*lead, case.n) if lead[0] > 1 else case.n)
            right = np.array(case.jac(x))
            with np.errstate(all="ignore"):
                try:
                    value = np.asarray(wrong(x))
                except Exception:
                    return True
            if value.shape != right.shape or value.dtype == object:
                return True
            if not np.allclose(value, right, rtol=0, atol=1e-7 * abs(right).max()):
                return True
    return False


def verdict(case, jac, domain):
    """The message of the check, or None, and milliseconds."""
    start, message = process_time(), None
    try:
        check_numerical_jacobian(case.f, jac, case.n, domain=domain)
    except CheckFailed as failure:
        message = str(failure)
    return message, 1e3 * (process_time() - start)


def fastest(case, domain):
    """Milliseconds of a whole check: the best of 5, of 50 as long as the limit is missed."""
    best = np.inf
    for k in range(50):
        if k >= 5 and best < MILLISECONDS:
            break
        best = min(best, verdict(case, case.jac, domain)[1])
    return best


def main(verbose=False):
    count = dict.fromkeys(("right", *LIMITS, "wrong"), 0)
    times = []
    for case in corpus():
        for domain in (case.domain, None):
            times.append((fastest(case, domain), case.name))
            for dress, change in DRESSES.items():
                message, _ = verdict(case, change(case.jac), domain)
                count["right"] += 1
                if message:
                    count["false alarms"] += 1
                    print(f"FALSE ALARM {case.name}, {dress}, domain {domain}: {message}")
        for k, (names, wrong) in enumerate(mutations(case)):
            if not differs(case, wrong):
                continue
            count["wrong"] += 1
            for domain, key in ((case.domain, "accepted, domain given"), (None, "accepted")):
                message, _ = verdict(case, wrong, domain)
                count[key] += message is None
                named = message is not None and any(name in message for name in names)
                count["not named"] += 0.5 * (not named)
                if verbose and not named:
                    print(f"{case.name}, mutation {k}, domain {domain}: {names}: {message}\n")
    shares = {key: count[key] / count["wrong"] for key in LIMITS if key != "false alarms"}
    shares["false alarms"] = count["false alarms"] / count["right"]
    print(f"{count['right']} right derivatives, {count['wrong']} wrong ones")
    for key, limit in LIMITS.items():
        print(f"{key:<24} {count[key]:6.0f}   {shares[key]:7.2%}   limit {limit:.1%}")
    took = np.array([t for t, _ in times])
    slowest = max(times)
    print(
        f"{'a whole check':<24} {np.median(took):6.1f} ms (median), {slowest[0]:.1f} ms (slowest: "
        f"{slowest[1]}), limit {MILLISECONDS} ms"
    )
    missed = any(shares[key] > limit for key, limit in LIMITS.items())
    return int(missed or slowest[0] > MILLISECONDS)


if __name__ == "__main__":
    sys.exit(main("-v" in sys.argv))
