"""Wrong answers to the homework on gradient descent, and what each of them costs."""

MINIMIZE = """
def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):
    xt = x0
    xts, fs = [xt], [f(xt)]
    for _ in range(maxiter):
        g = grad_func(xt)
        if np.linalg.norm(g) <= 1e-4:
            break
        xt = xt - step_size * g
        xts.append(xt)
        fs.append(f(xt))
    return xt, xts, fs
"""
FAILSAFE = """
def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):
    xt, t = x0, 0
    xts, fs = [xt], [f(xt)]
    g = grad_func(xt)
    while np.linalg.norm(g) > 1e-4:
        xt = xt - step_size * g
        g = grad_func(xt)
        t = t + 1
        if t > maxiter:
            break
        xts.append(xt)
        fs.append(f(xt))
    return xt, xts, fs
"""
EXP = "np.exp(-(x**2).sum(axis=-1, keepdims=True))"
E1 = "np.array([1.0, 0.0])"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "another default of the step size": (
        "minimize", MINIMIZE.replace("step_size=0.25", "step_size=0.1"),
        "minimize-updates", "each step is 2/5 times the step size",
    ),
    "another default of maxiter": (
        "minimize", MINIMIZE.replace("maxiter=200", "maxiter=100"),
        "minimize-maxiter", "there are 200 updates",
    ),
    "a norm equal to the tolerance only at the start": (
        "minimize", MINIMIZE.replace("norm(g) <= 1e-4", "norm(g) < 1e-4 + 1e-9 * (len(xts) == 1)"),
        "minimize-tolerance", "A norm that equals the tolerance is small enough",
    ),
    "half a step at the end": (
        "minimize", MINIMIZE.replace(
            "step_size * g", "step_size * g * (0.5 if _ == maxiter - 1 else 1)"),
        "minimize-updates", "wrong at 1 of 3 updates, first at update 2",
    ),
    "ends where f hardly changes": (
        "minimize", MINIMIZE.replace(
            "np.linalg.norm(g) <= 1e-4", "len(fs) > 1 and abs(fs[-1] - fs[-2]) <= 1e-4"),
        "minimize-tolerance", "or the change of f?",
    ),
    "the point before the last": (
        "minimize", MINIMIZE.replace("return xt,", "return xts[max(0, len(xts) - 2)],"),
        "minimize-log", "the point returned is point 2 of the path",
    ),
    "a norm equal to the tolerance": (
        "minimize", MINIMIZE.replace("<= 1e-4", "< 1e-4"),
        "minimize-tolerance", "accept a norm that equals the tolerance?",
    ),
    "the step size in single precision": (
        "minimize", MINIMIZE.replace("step_size * g", "np.float32(step_size) * g"),
        "minimize-updates", "1.00000004 times the step size",
    ),
    "one coordinate after the other": (
        "minimize", "def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):\n"
        "    x = np.array(x0, float)\n"
        "    xs, fs = [x.copy()], [f(x)]\n    for _ in range(maxiter):\n"
        "        if np.linalg.norm(grad_func(x)) <= 1e-4:\n            break\n"
        "        for i in range(len(x)):\n"
        "            x[i] = x[i] - step_size * grad_func(x)[i]\n        xs.append(x.copy())\n"
        "        fs.append(f(x))\n    return x, xs, fs",
        "minimize-updates run",
        "one after another, with new values in the gradient",
    ),
    "half of the sum of the squares": (
        "f", "def f(x): return x[..., 0] * np.exp(-(x**2).sum(axis=-1) / 2)",
        "f-values", "is there a 1/2",
    ),
    "ends where f rises": (
        "minimize", MINIMIZE.replace("        fs.append(f(xt))",
        "        fs.append(f(xt))\n        if fs[-1] > fs[-2]: break"),
        "minimize-updates", "f has risen in the last update",
    ),
    "no log for a good start": (
        "minimize", MINIMIZE.replace("    for _", "    if np.linalg.norm(grad_func(x0)) <= 1e-4:\n"
        "        return x0, [], []\n    for _"),
        "minimize-log", "list_of_xts is empty: x0 and its value are logged",
    ),
    "the best point, not the last": (
        "minimize", MINIMIZE.replace("return xt,", "return xts[int(np.argmin(fs))],"),
        "minimize-log", "value is smallest there",
    ),
    "the largest entry of the gradient": (
        "minimize", MINIMIZE.replace("np.linalg.norm(g)", "np.abs(g).max()"),
        "minimize-tolerance", "the largest entry of the gradient",
    ),
    "sign of the gradient": (
        "grad_f", f"def grad_f(x): return {EXP} * (2 * x[..., :1] * x - {E1})",
        "grad_f-values", "opposite sign",
    ),
    "factor 2 missing": (
        "grad_f", f"def grad_f(x): return {EXP} * ({E1} - x[..., :1] * x)",
        "grad_f-values", "grad_f",
    ),
    "second component missing": (
        "grad_f", f"def grad_f(x): return {EXP} * ({E1} - 2 * x[..., :1] * x) * {E1}",
        "grad_f-values", "component",
    ),
    "f for one point only": (
        "f", "def f(x): return x[0] * np.exp(-(x[0] ** 2 + x[1] ** 2))",
        "f-batches", "one point but not for a batch",
    ),
    "grad_f for one point only": (
        "grad_f", "def grad_f(x): return np.exp(-(x @ x)) * np.array([1 - 2 * x[0] ** 2, "
        "-2 * x[0] * x[1]])",
        "grad_f-batches", "shape (5, 2)",
    ),
    "f without its minus": (
        "f", "def f(x): return x[..., 0] * np.exp((x**2).sum(axis=-1))",
        "f-values", "the other sign in the exponent",
    ),
    "f constant": (
        "f", "def f(x): return np.zeros(x.shape[:-1])",
        "f-values f-batches", "f(1, 0) should be 1/e",
    ),
    "uphill": (
        "minimize", MINIMIZE.replace("xt - step_size", "xt + step_size"),
        "minimize-updates minimize-tolerance run", "go uphill",
    ),
    "one update too many": (
        "minimize", MINIMIZE.replace("range(maxiter)", "range(maxiter + 1)"),
        "minimize-maxiter", "4 updates, but at most 3 are allowed",
    ),
    "failsafe after the update, before the log": (
        "minimize", FAILSAFE,
        "minimize-log minimize-maxiter", "one update further than the path",
    ),
    "last point not logged": (
        "minimize", MINIMIZE.replace("return xt, xts, fs", "return xt, xts[:-1], fs[:-1]"),
        "minimize-log", "one update further than the path",
    ),
    "start not logged": (
        "minimize", MINIMIZE.replace("return xt, xts, fs", "return xt, xts[1:], fs[1:]"),
        "minimize-log", "the start is missing",
    ),
    "losses of the wrong points": (
        "minimize", MINIMIZE.replace("fs.append(f(xt))", "fs.append(f(xts[-2]))"),
        "minimize-log", "each value belongs to the point before",
    ),
    "x0 changed": (
        "minimize", MINIMIZE.replace("xt = xt - step_size * g", "xt -= step_size * g")
        .replace("[xt]", "[xt.copy()]").replace("append(xt)", "append(xt.copy())"),
        "minimize-x0", "the caller's x0 is different",
    ),
    "one array logged again and again": (
        "minimize", MINIMIZE.replace("xt = x0", "xt = x0.copy()")
        .replace("xt = xt - step_size * g", "xt -= step_size * g"),
        "minimize-log", "one and the same array was appended",
    ),
    "another gradient than the one given": (
        "minimize", MINIMIZE.replace("g = grad_func", "g = grad_f"),
        "minimize-updates minimize-tolerance", "never called grad_func",
    ),
    "step size ignored": (
        "minimize", MINIMIZE.replace("step_size * g", "0.25 * g"),
        "minimize-updates", "1/2 times the step size",
    ),
    "update before the test": (
        "minimize", MINIMIZE.replace(
            "        if np.linalg.norm(g) <= 1e-4:\n            break\n", "") .replace(
            "    return", "        if np.linalg.norm(grad_func(xt)) <= 1e-4:\n            break\n"
            "    return"),
        "minimize-tolerance", "it goes on after point 0",
    ),
    "stops on the length of the step": (
        "minimize", MINIMIZE.replace("norm(g)", "norm(step_size * g)"),
        "minimize-tolerance", "stopped too early, after 14 of 200 updates",
    ),
    "stops on the largest component": (
        "minimize", MINIMIZE.replace("norm(g)", "norm(g, np.inf)"),
        "minimize-tolerance", "stopped too early, after 14 of 200 updates",
    ),
    "never stops early": (
        "minimize", MINIMIZE.replace("<= 1e-4", "< 0"),
        "minimize-tolerance", "it goes on after point 15",
    ),
    "no loop, the known answer": (
        "minimize", "def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):\n"
        "    x = np.array([-(0.5**0.5), 0.0])\n    return x, [x0, x], [f(x0), f(x)]",
        "minimize-updates minimize-log minimize-tolerance minimize-maxiter run",
        "never called grad_func",
    ),
    "x changed in place": (
        "f", "def f(x):\n    value = x[..., 0] * np.exp(-(x**2).sum(axis=-1))\n    x *= 2\n"
        "    return value",
        "", "the caller's x is different",
    ),
    "points changed, values right": (
        "grad_f", f"def grad_f(x):\n    g = {EXP} * ({E1} - 2 * x[..., :1] * x)\n    x += 1\n"
        "    return g",
        "", "the caller's x is different",
    ),
    "coordinates exchanged": (
        "f", "def f(x): return x[..., 1] * np.exp(-(x**2).sum(axis=-1))",
        "f-values", "another coordinate before the exponential",
    ),
    "f in single precision": (
        "f", "def f(x): return np.float32(x[..., 0] * np.exp(-(x**2).sum(axis=-1)))",
        "f-values", "has the type float32",
    ),
    "return missing in f": (
        "f", "def f(x): x[..., 0] * np.exp(-(x**2).sum(axis=-1))",
        "f-values f-batches", "is a return missing?",
    ),
    "the step size of the check": (
        "minimize", MINIMIZE.replace("step_size * g", "0.5 * g"),
        "minimize-updates run", "times the step size",
    ),
    "unit steps along the gradient": (
        "minimize", MINIMIZE.replace("step_size * g", "step_size * g / np.linalg.norm(g)"),
        "minimize-updates minimize-tolerance run", "path",
    ),
    "one update too few": (
        "minimize", MINIMIZE.replace("range(maxiter)", "range(maxiter - 1)"),
        "minimize-maxiter", "path",
    ),
    "only the last point": (
        "minimize", MINIMIZE.replace("return xt, xts, fs", "return xt"),
        "minimize-log minimize-tolerance minimize-maxiter minimize-x0 run",
        "yours returns an array of shape (2,)",
    ),
    "the results in another order": (
        "minimize", MINIMIZE.replace("return xt, xts, fs", "return xts, fs, xt"),
        "minimize-log minimize-tolerance minimize-maxiter run", "stand in another order",
    ),
    "mean of the squares": (
        "f", "def f(x): return x[..., 0] * np.exp(-(x**2).mean(axis=-1))",
        "f-values", "half of the sum of the squares: is there a 1/2, or a mean",
    ),
    "the minus inside of the square": (
        "f", "def f(x): return x[..., 0] * np.exp(((-x) ** 2).sum(axis=-1))",
        "f-values", "compare -x**2 with (-x)**2",
    ),
    "the norm without its square": (
        "f", "def f(x): return x[..., 0] * np.exp(-np.linalg.norm(x, axis=-1))",
        "f-values", "the norm in the exponent",
    ),
    "no factor before the exponential": (
        "f", "def f(x): return np.exp(-(x**2).sum(axis=-1))",
        "f-values", "leaves out the factor",
    ),
    "one coordinate in the exponent": (
        "f", "def f(x): return x[..., 0] * np.exp(-(x[..., 0] ** 2))",
        "f-values", "one coordinate only in the exponent",
    ),
    "every second point logged": (
        "minimize", MINIMIZE.replace("return xt, xts, fs",
        "return xts[(len(xts) - 1) // 2 * 2], xts[::2], fs[::2]"),
        "minimize-log minimize-tolerance minimize-maxiter", "of which list_of_xts holds 2",
    ),
    "one inner derivative for both": (
        "grad_f", "def grad_f(x):\n    e = np.exp(-(x**2).sum(axis=-1))\n"
        "    inner = -2 * x.sum(axis=-1)\n"
        "    return np.stack([e + x[..., 0] * e * inner, x[..., 0] * e * inner], axis=-1)",
        "grad_f-values", "right where x[0] = 0 and where x[1] = 0 (component [0] only)",
    ),
    "a gradient of length 1": (
        "grad_f", f"def grad_f(x):\n    g = {EXP} * (np.array([1.0, 0.0]) - 2 * x[..., :1] * x)\n"
        "    return g / np.linalg.norm(g, axis=-1, keepdims=True)",
        "grad_f-values", "yours has the length 1 at every point",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "squares compared with the square of the tolerance": {
        "minimize": MINIMIZE.replace("np.linalg.norm(g) <= 1e-4", "(g**2).sum() <= 1e-4**2"),
    },
    "point by point": {
        "f": "f = np.vectorize(lambda x: x[0] * np.exp(-(x @ x)), signature='(n)->()')",
        "grad_f": "def grad_f(x):\n    rows = [[(1 - 2 * a * a) * np.exp(-a * a - b * b),\n"
        "             -2 * a * b * np.exp(-a * a - b * b)] for a, b in np.reshape(x, (-1, 2))]\n"
        "    return np.reshape(rows, np.shape(x)).tolist()",
    },
    "einsum": {
        "f": "def f(x): return x[..., 0] / np.exp(np.einsum('...i,...i', x, x))",
    },
    "a generator, and lists": {
        "minimize": "def walk(x, g, s, n):\n    yield x\n    for _ in range(n):\n"
        "        if np.hypot(*g(x)) <= 1e-4:\n            return\n        x = x - s * g(x)\n"
        "        yield x\n\n"
        "def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):\n"
        "    path = [*walk(x0, grad_func, step_size, maxiter)]\n"
        "    return [path[-1].tolist(), [x.tolist() for x in path], [float(f(x)) for x in path]]",
    },
    "values of all points at once": {
        "minimize": MINIMIZE.replace("return xt, xts, fs", "return xt, xts, f(np.array(xts))"),
    },
    "the gradient that was returned, changed in place": {
        "minimize": MINIMIZE.replace("xt = xt - step_size * g",
        "g *= step_size\n        xt = xt - g"),
    },
    "a last update that is dropped again": {
        "minimize": FAILSAFE.replace("return xt", "return xts[-1]"),
    },
    "a copy, changed in place": {
        "minimize": MINIMIZE.replace("xt = x0", "xt = x0.copy()")
        .replace("xt = xt - step_size * g", "xt -= step_size * g")
        .replace("append(xt)", "append(xt.copy())").replace("[xt]", "[xt.copy()]"),
    },
    "recursion": {
        "minimize": "def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):\n"
        "    g = grad_func(x0)\n    if maxiter == 0 or np.linalg.norm(g) <= 1e-4:\n"
        "        return x0, [x0], [f(x0)]\n    x = x0 - step_size * g\n"
        "    xt, xs, fs = minimize(x, f, grad_func, step_size, maxiter - 1)\n"
        "    return xt, [x0, *xs], [f(x0), *fs]",
    },
}  # fmt: skip
WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "another f": (
        {"f": "def f(x): return (x**2).sum(axis=-1)"}, "f-values",
    ),
    "neither f nor its gradient": (
        {"f": "def f(x): raise NotImplementedError", "grad_f": "def grad_f(x): return 2 * x"},
        "f-values f-batches grad_f-values",
    ),
}  # fmt: skip
