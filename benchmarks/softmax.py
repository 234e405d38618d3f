"""How far from np.exp alone, and from other libraries? ``python benchmarks/softmax.py``.

Every formula here takes one exponential an entry, so ``np.exp`` alone is the least that NumPy can
take. Prints, for the last axis, its time, ours, and those of the peers that are installed: SciPy,
TensorFlow, JAX (compiled), numexpr, and numba (compiled loops). NumPy arrays go in and come out.

All run on one core, in turns, so that a busy moment hits all of them; times are the best of many,
in process CPU time, which counts every thread but not the wait for a busy core. Exits with status
1 if one of ours takes more than its limit, in units of ``np.exp``, or twice as long as SciPy.
(SciPy is ahead only in ``log_softmax`` of one long row, where it saves the passes that keep the
digits of a tiny loss: it has 0 for -log_softmax([0, -40])[0], which is 4e-18.)

What is above 1 are the other passes over the numbers (maximum, difference, sum, quotient) and, for
short rows, two transpositions. Only a compiled loop does them while a number is in a register.
"""

import math
import os
import sys
import warnings
from functools import partial
from time import process_time
from timeit import timeit

if hasattr(os, "sched_setaffinity"):  # before the imports: libraries count the cores they may use
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
os.environ |= {"JAX_ENABLE_X64": "1", "NUMEXPR_MAX_THREADS": "1", "NUMEXPR_NUM_THREADS": "1"}

import numpy as np
import scipy.special

from coursekit.numbers.softmax import cross_entropy, log_softmax, logsumexp, softmax

SHAPES = [(100_000, 10), (1, 10**6)]
TYPES = [np.float64, np.float32]
SCIPY_LIMIT = 2
LIMITS = {"softmax": 6, "log_softmax": 8, "logsumexp": 6, "cross_entropy": 10}  # times np.exp
REPEATS = 40


def with_scipy():
    def of_classes(x, classes):
        shifted = np.take_along_axis(x, classes[:, None], axis=-1)[:, 0]
        return scipy.special.logsumexp(x, axis=-1) - shifted

    return {
        "softmax": lambda x: scipy.special.softmax(x, axis=-1),
        "log_softmax": lambda x: scipy.special.log_softmax(x, axis=-1),
        "logsumexp": lambda x: scipy.special.logsumexp(x, axis=-1),
        "cross_entropy": of_classes,
    }


def with_tensorflow():
    import tensorflow as tf

    of_classes = tf.nn.sparse_softmax_cross_entropy_with_logits
    return {
        "softmax": lambda x: tf.nn.softmax(x).numpy(),
        "log_softmax": lambda x: tf.nn.log_softmax(x).numpy(),
        "logsumexp": lambda x: tf.reduce_logsumexp(x, axis=-1).numpy(),
        "cross_entropy": lambda x, classes: of_classes(classes, x).numpy(),
    }


def with_jax():
    import jax

    def of_classes(x, classes):
        log_p = jax.nn.log_softmax(x)
        return -jax.numpy.take_along_axis(log_p, classes[:, None], axis=-1)[:, 0]

    functions = {
        "softmax": jax.nn.softmax,
        "log_softmax": jax.nn.log_softmax,
        "logsumexp": lambda x: jax.nn.logsumexp(x, axis=-1),
        "cross_entropy": of_classes,
    }
    compiled = {name: jax.jit(function) for name, function in functions.items()}
    return {name: lambda *a, f=f: np.asarray(f(*a)) for name, f in compiled.items()}


def with_numexpr():
    from numexpr import evaluate

    def exponentials(x):
        m = x.max(axis=-1, keepdims=True)
        z = evaluate("exp(x - m)", local_dict={"x": x, "m": m})
        return m[:, 0], z, z.sum(axis=-1, keepdims=True)

    def shares(x):
        _, z, total = exponentials(x)
        return evaluate("z / total", local_dict={"z": z, "total": total}, out=z)

    def of_classes(x, classes):
        m, _, total = exponentials(x)
        return np.log(total[:, 0]) + m - np.take_along_axis(x, classes[:, None], axis=-1)[:, 0]

    return {"softmax": shares, "cross_entropy": of_classes}


def with_numba():
    import numba

    @numba.njit(fastmath={"reassoc", "contract", "arcp"})
    def shares(x):
        result = np.empty_like(x)
        for i in range(len(x)):
            m = x[i].max()
            total = x.dtype.type(0)
            for j in range(x.shape[1]):
                result[i, j] = math.exp(x[i, j] - m)
                total += result[i, j]
            for j in range(x.shape[1]):
                result[i, j] /= total
        return result

    @numba.njit(fastmath={"reassoc", "contract", "arcp"})
    def of_classes(x, classes):
        result = np.empty(len(x), x.dtype)
        for i in range(len(x)):
            m = x[i].max()
            total = x.dtype.type(0)
            for j in range(x.shape[1]):
                total += math.exp(x[i, j] - m)
            result[i] = math.log(total) + m - x[i, classes[i]]
        return result

    return {"softmax": shares, "cross_entropy": of_classes}


def installed_peers():
    peers, missing = {"SciPy": with_scipy()}, []
    makers = {"TensorFlow": with_tensorflow, "JAX": with_jax}
    makers |= {"numexpr": with_numexpr, "numba": with_numba}
    for name, make in makers.items():
        try:
            with warnings.catch_warnings(action="ignore"):
                peers[name] = make()
        except ImportError:
            missing.append(name)
    print(f"not installed: {', '.join(missing) or 'none'}")
    return peers


def milliseconds(functions, arguments):
    """Best time of each function, in turns."""
    calls = [partial(function, *arguments) for function in functions]
    rounds = [
        [timeit(call, timer=process_time, number=1) for call in calls] for _ in range(REPEATS)
    ]
    return 1e3 * np.min(rounds, axis=0)


def compare(name, ours, peers, arguments):
    """Print a line of the table, and return the names of the limits that are missed."""
    x, *_ = arguments
    found = {"coursekit": ours} | {peer: of[name] for peer, of in peers.items() if name in of}
    tolerance = 100 * np.finfo(x.dtype).eps
    for function in found.values():  # compiles, too
        np.testing.assert_allclose(
            function(*arguments), ours(*arguments), rtol=tolerance, atol=tolerance
        )
    times = milliseconds([lambda x, *_: np.exp(x), *found.values()], arguments)
    limit, times = times[0], dict(zip(found, times[1:], strict=True))
    columns = (
        f"{times[peer]:6.2f} ({times[peer] / limit:4.1f})" if peer in times else f"{'-':>13}"
        for peer in ("coursekit", *peers)
    )
    what = f"{name:<13} {x.shape!s:>12} {x.dtype!s:<7}"
    print(what, f"{limit:6.2f}", *columns)
    against = {
        "np.exp": times["coursekit"] / limit / LIMITS[name],
        "SciPy": times["coursekit"] / times["SciPy"] / SCIPY_LIMIT,
    }
    return [f"{what} against {peer}" for peer, ratio in against.items() if ratio > 1]


def main():
    rng = np.random.default_rng(0)
    peers, missed = installed_peers(), []
    print("milliseconds, and in brackets times np.exp")
    heads = "".join(f"{name:>14}" for name in ("coursekit", *peers))
    print(f"{'function':<13} {'shape':>12} {'type':<7} np.exp{heads}")
    for shape in SHAPES:
        for dtype in TYPES:
            x = rng.normal(scale=3, size=shape).astype(dtype)
            classes = rng.integers(shape[1], size=shape[0])
            for ours in (softmax, log_softmax, logsumexp, cross_entropy):
                arguments = (x, classes) if ours is cross_entropy else (x,)
                missed += compare(ours.__name__, ours, peers, arguments)
    limits = ", ".join(f"{name} {limit}" for name, limit in LIMITS.items())
    print(f"limits: {SCIPY_LIMIT} times SciPy; in times np.exp {limits}")
    print(f"missed: {'; '.join(missed) or 'none'}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
