"""Wrong answers to the homework on Newton's method, and what each of them costs."""

STEP = """
def newton_step(gradient, hessian, least=0.1):
    lowest = np.linalg.eigvalsh(hessian)[..., 0]
    shift = np.maximum(0, least - lowest)[..., None, None]
    H = hessian + shift * np.eye(hessian.shape[-1])
    return -np.linalg.solve(H, gradient[..., None])[..., 0]
"""
BY_EIGENVALUES = """
def newton_step(gradient, hessian, least=0.1):
    values, Q = np.linalg.eigh(hessian)
    values = NEW
    parts = np.einsum("...ji,...j->...i", Q, gradient) / values
    return -np.einsum("...ij,...j->...i", Q, parts)
"""
LOOP = """
def damped_newton(x0, f, grad, hess, tol=1e-8, maxiter=50):
    x = x0
    path, steps = [x], []
    while len(steps) < maxiter:
        g = grad(x)
        if np.linalg.norm(g) <= tol:
            break
        d = np.asarray(newton_step(g, hess(x)))
        t = 1.0
        while t >= 1e-10 and not -np.inf < f(x + t * d) <= f(x) + t / 4 * (g @ d):
            t = t / 2
        if t < 1e-10:
            break
        x = x + t * d
        path.append(x)
        steps.append(t)
    return path, steps
"""
RULE = "not -np.inf < f(x + t * d) <= f(x) + t / 4 * (g @ d)"
PEAK = """
def peak_jacobian(p, t):
    a, b, c = (p[..., j, None] for j in range(3))
    u = (t - b) / c
    bell = np.exp(-(u**2) / 2)
    return np.stack([bell, a * bell * u / c, a * bell * u**2 / c], axis=-1)
"""
FIT = """
def marquardt(x0, residual, jacobian, mu=0.01, tol=1e-6, maxiter=100):
    x, r, J = x0, residual(x0), jacobian(x0)
    path, mus = [x], []
    while np.linalg.norm(J.T @ r) > tol and len(mus) < maxiter:
        normal = J.T @ J
        D = np.diag(np.diag(normal))
        delta = -np.linalg.solve(normal + mu * D, J.T @ r)
        mus.append(mu)
        tried = residual(x + delta)
        if tried @ tried < r @ r:
            x = x + delta
            r, J, mu = tried, jacobian(x), mu / 10
        else:
            mu = 10 * mu
        path.append(x)
    return path, mus
"""
ALL_STEPS = "newton_step-definite newton_step-shift"
ALL_LOOPS = "damped_newton-updates damped_newton-backtracking damped_newton-stops"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "f(x0) in every test of the decrease": (
        "damped_newton", LOOP.replace("<= f(x) +", "<= f(x0) +"),
        "damped_newton-backtracking", "All your steps are as if f(x0) stood in place of f(x).",
    ),
    "minus infinity accepted": (
        "damped_newton", LOOP.replace("-np.inf < ", ""),
        "damped_newton-domain", "but there f is -inf.",
    ),
    "a short step ends the run": (
        "damped_newton", LOOP.replace("        steps.append(t)\n", "        steps.append(t)\n"
        "        if np.linalg.norm(t * d) < 1e-9:\n            break\n"),
        "damped_newton-stops", "more than tol",
    ),
    "a small fall ends the run": (
        "damped_newton", LOOP.replace("        steps.append(t)\n", "        steps.append(t)\n"
        "        if abs(f(path[-2]) - f(x)) < 1e-12:\n            break\n"),
        "damped_newton-stops", "more than tol",
    ),
    "a third of the slope": (
        "damped_newton", LOOP.replace("t / 4", "t / 3"), "damped_newton-backtracking", "would do",
    ),
    "a fifth of the slope": (
        "damped_newton", LOOP.replace("t / 4", "t / 5"),
        "damped_newton-backtracking", "the rule asks for at most",
    ),
    "gives up early": (
        "damped_newton", LOOP.replace("1e-10", "1e-9"), "damped_newton-stops", "would do",
    ),
    "a function of the setup cell": (
        "damped_newton", LOOP.replace("g = grad(x)", "g = grad(x) if f is not himmelblau else "
        "himmelblau.grad(x)"),
        ALL_LOOPS + " damped_newton-domain", "damped_newton uses himmelblau of coursekit, which",
    ),
    "a large mu ends the run": (
        "marquardt", FIT.replace("len(mus) < maxiter", "len(mus) < maxiter and mu < 1e12"),
        "marquardt-stops", "which is more than tol",
    ),
    "a short delta ends the run": (
        "marquardt", FIT.replace("        path.append(x)\n", "        path.append(x)\n"
        "        if np.linalg.norm(delta) < 1e-10:\n            break\n"),
        "marquardt-stops", "more than tol",
    ),
    # Part 1
    "no shift": (
        "newton_step", "def newton_step(gradient, hessian, least=0.1):\n"
        "    return -np.linalg.solve(hessian, gradient[..., None])[..., 0]",
        "newton_step-shift", "that is the step for mu = 0.",
    ),
    "a shift always": (
        "newton_step", STEP.replace("np.maximum(0, least - lowest)", "(least - lowest)"),
        "newton_step-definite", "mu should not be negative",
    ),
    "least added always": (
        "newton_step", STEP.replace("np.maximum(0, least - lowest)",
        "least + np.maximum(0, -lowest)"),
        "newton_step-definite newton_step-shift", "so mu should be 0",
    ),
    "the lowest eigenvalue becomes 0": (
        "newton_step", STEP.replace("np.maximum(0, least - lowest)",
        "np.maximum(0, 1e-9 - lowest)"),
        "newton_step-shift", "it should be 0.1",
    ),
    "least forgotten in the shift": (
        "newton_step", STEP.replace("np.maximum(0, least - lowest)",
        "np.where(lowest < least, least + np.abs(lowest), 0)"),
        "newton_step-shift", "the smallest eigenvalue of H + mu I is",
    ),
    "the largest eigenvalue": (
        "newton_step", STEP.replace("[..., 0]\n    shift", "[..., -1]\n    shift"),
        "newton_step-shift", "that is the step for mu = ",
    ),
    "the diagonal in place of eigenvalues": (
        "newton_step", STEP.replace("np.linalg.eigvalsh(hessian)[..., 0]",
        "np.diagonal(hessian, axis1=-2, axis2=-1).min(axis=-1)"),
        "newton_step-shift", "that is the step for mu = ",
    ),
    "absolute values of the eigenvalues": (
        "newton_step", BY_EIGENVALUES.replace("NEW", "np.abs(values)"),
        "newton_step-shift", "the absolute values of the eigenvalues",
    ),
    "each eigenvalue raised by itself": (
        "newton_step", BY_EIGENVALUES.replace("NEW", "np.maximum(values, least)"),
        "newton_step-shift", "each small eigenvalue raised to least by itself",
    ),
    "uphill": (
        "newton_step", STEP.replace("return -", "return "),
        "newton_step-definite newton_step-shift", "the step goes uphill",
    ),
    "half of the step": (
        "newton_step", STEP.replace("return -", "return -0.5 * "),
        "newton_step-definite newton_step-shift", "it is 0.5 times as long as it should be",
    ),
    "down the gradient": (
        "newton_step", "def newton_step(gradient, hessian, least=0.1): return -gradient",
        "newton_step-definite newton_step-shift", "whatever mu is, (H + mu I) d is not -g",
    ),
    "the gradients as columns": (
        "newton_step", STEP.replace("gradient[..., None])[..., 0]", "gradient)"),
        "newton_step-batches", "newton_step",
    ),
    "one shift for the whole batch": (
        "newton_step", STEP.replace("np.maximum(0, least - lowest)[..., None, None]",
        "max(0, (least - lowest).max())"),
        "newton_step-batches", "Does each member have its own mu?",
    ),
    "one Hessian only": (
        "newton_step", STEP.replace("[..., 0]\n    shift = np.maximum(0, least - lowest)"
        "[..., None, None]", "[0]\n    shift = max(0, least - lowest)"),
        "newton_step-batches", "newton_step raises ValueError",
    ),
    "least ignored": (
        "newton_step", STEP.replace("least - lowest", "0.1 - lowest"),
        "newton_step-shift", "With it the smallest eigenvalue of H + mu I is 0.1; it should be 0.8",
    ),
    "the Hessian changed in place": (
        "newton_step", STEP.replace("H = hessian + shift", "H = hessian\n    H += shift"),
        "", "the caller's hessian is different",
    ),
    "SciPy": (
        "newton_step", "from scipy.linalg import solve\n" + STEP.replace("np.linalg.solve",
        "solve"),
        "newton_step-definite newton_step-shift newton_step-batches",
        "uses solve of scipy, which is not allowed",
    ),
    # Part 2
    "full steps": (
        "damped_newton", LOOP.replace(RULE, "False"),
        "damped_newton-backtracking damped_newton-stops damped_newton-domain",
        "as if t were always 1",
    ),
    "any decrease": (
        "damped_newton", LOOP.replace(RULE, "not -np.inf < f(x + t * d) < f(x)"),
        "damped_newton-backtracking", "as if the slope counted for less than 1/4, or not at all",
    ),
    "no t before the slope": (
        "damped_newton", LOOP.replace("+ t / 4 *", "+ 1 / 4 *"),
        "damped_newton-updates damped_newton-backtracking", "t were missing before the slope",
    ),
    "no 1/4": (
        "damped_newton", LOOP.replace("+ t / 4 *", "+ t *"),
        "damped_newton-backtracking",
        "as if the slope counted in full",
    ),
    "the square of the gradient": (
        "damped_newton", LOOP.replace("+ t / 4 * (g @ d)", "- t / 4 * (g @ g)"),
        "damped_newton-backtracking",
        "as if a length stood in place of the slope",
    ),
    "the sign of the slope": (
        "damped_newton", LOOP.replace("+ t / 4 *", "- t / 4 *"),
        "damped_newton-backtracking", "as if the slope had the wrong sign",
    ),
    "t tenths": (
        "damped_newton", LOOP.replace("t = t / 2", "t = t / 10"),
        "damped_newton-backtracking", "t should be 1, 1/2, 1/4 and so on",
    ),
    "t kept from the update before": (
        "damped_newton", LOOP.replace("        t = 1.0\n", "").replace("    x = x0\n",
        "    x = x0\n    t = 1.0\n"),
        "damped_newton-backtracking", "would do",
    ),
    "nan accepted": (
        "damped_newton", LOOP.replace(RULE, "f(x + t * d) > f(x) + t / 4 * (g @ d)"),
        "damped_newton-domain", "but there f is nan",
    ),
    "no shift in the loop": (
        "damped_newton", LOOP.replace("np.asarray(newton_step(g, hess(x)))",
        "-np.linalg.solve(hess(x), g)"),
        "damped_newton-updates",
        "It has the direction of the step without a shift",
    ),
    "gradient descent": (
        "damped_newton", LOOP.replace("np.asarray(newton_step(g, hess(x)))", "-g"),
        "damped_newton-updates", "It has the direction of minus the gradient",
    ),
    "the Hessian of the start": (
        "damped_newton", LOOP.replace("hess(x)", "hess(x0)"),
        "damped_newton-updates", "is no multiple of newton_step(g, H)",
    ),
    "one update too many": (
        "damped_newton", LOOP.replace("len(steps) < maxiter", "len(steps) <= maxiter"),
        "damped_newton-stops", "1 update is more than maxiter allows",
    ),
    "steps without their last": (
        "damped_newton", LOOP.replace("return path, steps", "return path, steps[:-1]"),
        "damped_newton-updates",
        "there should be one point more than updates",
    ),
    "path without the start": (
        "damped_newton", LOOP.replace("return path, steps", "return path[1:], steps"),
        "damped_newton-updates", "path begins at",
    ),
    "only the last point": (
        "damped_newton", LOOP.replace("return path, steps", "return x, steps"),
        "damped_newton-updates damped_newton-backtracking damped_newton-stops "
        "damped_newton-domain", "path should hold all points",
    ),
    "always one update": (
        "damped_newton", LOOP.replace("if np.linalg.norm(g) <= tol:", "if steps and "
        "np.linalg.norm(g) <= tol:"),
        "damped_newton-stops", "at most tol, but 1 more update is made",
    ),
    "the largest component of the gradient": (
        "damped_newton", LOOP.replace("norm(g)", "norm(g, np.inf)"),
        "damped_newton-stops", "which is more than tol",
    ),
    "smaller than tol": (
        "damped_newton", LOOP.replace("norm(g) <= tol", "norm(g) < tol"),
        "damped_newton-stops", "has the length 5, at most tol",
    ),
    "goes on where no step helps": (
        "damped_newton", LOOP.replace("        if t < 1e-10:\n            break\n", ""),
        "damped_newton-stops", "a t below 1e-10 is given up",
    ),
    "strictly smaller": (
        "damped_newton", LOOP.replace(" <= f(x) + t / 4", " < f(x) + t / 4"),
        "damped_newton-backtracking", "both sides of the rule are equal",
    ),
    "x0 moved in place": (
        "damped_newton", LOOP.replace("x = x + t * d\n        path.append(x)",
        "x += t * d\n        path.append(x.copy())").replace("[x], []", "[x.copy()], []"),
        "", "the caller's x0 is different",
    ),
    "one array logged again and again": (
        "damped_newton", LOOP.replace("x = x + t * d", "x += t * d")
        .replace("x = x0\n", "x = x0.copy()\n"),
        "damped_newton-updates damped_newton-stops", "Was one array appended again and again",
    ),
    # Part 3
    "the sign of the middle": (
        "peak_jacobian", PEAK.replace("a * bell * u / c,", "-a * bell * u / c,"),
        "peak_jacobian-values", "opposite sign",
    ),
    "a forgotten": (
        "peak_jacobian", PEAK.replace("a * bell * u**2", "bell * u**2"),
        "peak_jacobian-values", "Column 2 of the Jacobian is 1/a times",
    ),
    "c forgotten": (
        "peak_jacobian", PEAK.replace("u / c, ", "u, "),
        "peak_jacobian-values", "Column 1 of the Jacobian is c times",
    ),
    "the peak for its derivative by a": (
        "peak_jacobian", PEAK.replace("[bell,", "[a * bell,"),
        "peak_jacobian-values", "Column 0 of the Jacobian is a times",
    ),
    "rows and columns": (
        "peak_jacobian", PEAK.replace("axis=-1", "axis=-2"),
        "peak_jacobian-values peak_jacobian-batches", "it looks transposed",
    ),
    "one p only": (
        "peak_jacobian", PEAK.replace("(p[..., j, None] for j in range(3))", "p"),
        "peak_jacobian-batches", "peak_jacobian",
    ),
    # Part 4
    "the identity for D": (
        "marquardt", FIT.replace("np.diag(np.diag(normal))", "np.eye(len(x))"),
        "marquardt-trials", "It is as if D were the identity",
    ),
    "Gauss-Newton": (
        "marquardt", FIT.replace("normal + mu * D", "normal"),
        "marquardt-trials", "It is as if mu were 0",
    ),
    "delta uphill": (
        "marquardt", FIT.replace("delta = -", "delta = "),
        "marquardt-trials", "the trial should be accepted",
    ),
    "twice the right-hand side": (
        "marquardt", FIT.replace("mu * D, J.T @ r)", "mu * D, 2 * J.T @ r)"),
        "marquardt-trials", "without a 2 on the left-hand side",
    ),
    "every trial accepted": (
        "marquardt", FIT.replace("tried @ tried < r @ r", "True"),
        "marquardt-damping", "the trial should be rejected",
    ),
    "equal is good enough": (
        "marquardt", FIT.replace("tried @ tried < r @ r", "tried @ tried <= r @ r"),
        "marquardt-damping", "the trial should be rejected",
    ),
    "nan accepted by the trial": (
        "marquardt", FIT.replace("tried @ tried < r @ r", "not tried @ tried >= r @ r"),
        "marquardt-damping", "the trial should be rejected",
    ),
    "mu the wrong way": (
        "marquardt", FIT.replace("mu / 10", "mu * 10").replace("mu = 10 * mu", "mu = mu / 10"),
        "marquardt-damping", "Then the next mu should be a tenth of this one after a success",
    ),
    "mu by 2": (
        "marquardt", FIT.replace("mu / 10", "mu / 2"),
        "marquardt-damping", "it is 0.5 times this one",
    ),
    "mu never changed": (
        "marquardt", FIT.replace("mu / 10", "mu").replace("mu = 10 * mu", "pass"),
        "marquardt-damping", "it is 1 times this one",
    ),
    "the mu of the next trial logged": (
        "marquardt", FIT.replace("        mus.append(mu)\n", "").replace("path.append(x)",
        "path.append(x)\n        mus.append(mu)"),
        "marquardt-damping", "not with the mu that is given",
    ),
    "accepted trials only": (
        "marquardt", FIT.replace("        path.append(x)\n", "")
        .replace("            x = x + delta",
        "            x = x + delta\n            path.append(x)"),
        "marquardt-damping",
        "A rejected trial repeats the point",
    ),
    "trials without end": (
        "marquardt", FIT.replace(" and len(mus) < maxiter", " and len(path) <= 400"),
        "marquardt-damping marquardt-stops", "more than maxiter allows",
    ),
    "the Jacobian of the start": (
        "marquardt", FIT.replace("jacobian(x), mu / 10", "J, mu / 10"),
        "marquardt-trials", "as if J belonged to point 0 of the path",
    ),
    "the residual of the point before": (
        "marquardt", FIT.replace("r, J, mu = tried, jacobian(x)", "J, mu = jacobian(x)")
        .replace("path.append(x)",
        "path.append(x)\n        if len(path) > 2: r = residual(path[-2])"),
        "marquardt-trials marquardt-damping marquardt-stops",
        "as if r belonged to point 0 of the path",
    ),
    "the sum of squares for the slope": (
        "marquardt", FIT.replace("np.linalg.norm(J.T @ r) > tol", "r @ r > tol"),
        "marquardt-stops", "Is it this length that is compared with tol?",
    ),
    "the largest component": (
        "marquardt", FIT.replace("norm(J.T @ r) > tol", "norm(J.T @ r, np.inf) > tol"),
        "marquardt-stops", "more than tol",
    ),
    "tol itself is not enough": (
        "marquardt", FIT.replace("> tol", ">= tol"),
        "marquardt-stops", "at most tol, but 1 more trial is made",
    ),
    "x0 moved": (
        "marquardt", FIT.replace("x = x + delta", "x += delta").replace("[x], []", "[x.copy()], []")
        .replace("path.append(x)", "path.append(x.copy())"),
        "", "the caller's x0 is different",
    ),
    "the last point alone": (
        "marquardt", FIT.replace("return path, mus", "return x, mus"),
        "marquardt-trials marquardt-damping marquardt-stops", "path should hold all points",
    ),
    "a definite member decides for all": (
        "newton_step", "def newton_step(gradient, hessian, least=0.1):\n"
        "    lowest = np.linalg.eigvalsh(hessian)[..., :1, None]\n"
        "    shift = np.maximum(0, least - lowest) * np.all(lowest < least)\n"
        "    H = hessian + shift * np.eye(hessian.shape[-1])\n"
        "    return -np.linalg.solve(H, gradient[..., None])[..., 0]",
        "newton_step-batches", "Does each member have its own mu?",
    ),
    "no path for a good start": (
        "damped_newton", LOOP.replace("    while", "    if np.linalg.norm(grad(x0)) <= tol:\n"
        "        return [], []\n    while", 1),
        "damped_newton-updates", "path is empty. It begins with x0, even where no update is made",
    ),
    "no path for good parameters": (
        "marquardt", FIT.replace("    while", "    if np.linalg.norm(jacobian(x0).T @ "
        "residual(x0)) <= tol:\n"
        "        return [], []\n    while", 1),
        "marquardt-stops", "path is empty. It begins with x0, even where no trial is made",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "loops": {
        "newton_step": """
def newton_step(gradient, hessian, least=0.1):
    if gradient.ndim > 1:
        return [newton_step(g, H, least) for g, H in zip(gradient, hessian)]
    lowest = min(np.linalg.eigvalsh(hessian))
    if lowest < least:
        hessian = hessian + (least - lowest) * np.eye(len(gradient))
    return np.linalg.solve(hessian, -gradient).tolist()
""",
        "damped_newton": """
def damped_newton(x0, f, grad, hess, tol=1e-8, maxiter=50):
    path, steps = [x0.tolist()], []
    for _ in range(maxiter):
        x = np.array(path[-1])
        g = grad(x)
        if (g**2).sum() ** 0.5 <= tol:
            break
        d = np.array(newton_step(g, hess(x)))
        for t in 0.5 ** np.arange(34):
            new = f(x + t * d)
            if np.isfinite(new) and new <= f(x) + 0.25 * t * sum(g * d):
                break
        else:
            break
        path.append((x + t * d).tolist())
        steps.append(float(t))
    return [path, steps]
""",
        "peak_jacobian": """
def peak_jacobian(p, t):
    if p.ndim > 1:
        return [peak_jacobian(one, t) for one in p]
    a, b, c = p
    e = [np.exp(-0.5 * ((s - b) / c) ** 2) for s in t]
    return [[v, a * v * (s - b) / c**2, a * v * (s - b) ** 2 / c**3] for s, v in zip(t, e)]
""",
        "marquardt": """
def marquardt(x0, residual, jacobian, mu=0.01, tol=1e-6, maxiter=100):
    path, mus = [x0], []
    for _ in range(maxiter):
        x = np.array(path[-1])
        r, J = residual(x), jacobian(x)
        slope = J.T @ r
        if np.sqrt(slope @ slope) <= tol:
            break
        A = J.T @ J
        for i in range(len(A)):
            A[i, i] *= 1 + mu
        new = x - np.linalg.solve(A, slope)
        better = sum(residual(new) ** 2) < sum(r**2)
        path.append(new.tolist() if better else x.tolist())
        mus.append(mu)
        mu = mu * 0.1 if better else mu * 10
    return [path, mus]
""",
    },
    "eigenvectors": {
        "newton_step": BY_EIGENVALUES.replace(
            "NEW", "values + np.maximum(0, least - values[..., :1])"
        ),
    },
    "recursion": {
        "damped_newton": """
def damped_newton(x0, f, grad, hess, tol=1e-8, maxiter=50):
    g = grad(x0)
    if maxiter == 0 or np.linalg.norm(g) <= tol:
        return [x0], []
    d, t = np.asarray(newton_step(g, hess(x0))), 1.0
    while not -np.inf < f(x0 + t * d) <= f(x0) + t * (g @ d) / 4:
        t *= 0.5
        if t < 1e-10:
            return [x0], []
    path, steps = damped_newton(x0 + t * d, f, grad, hess, tol, maxiter - 1)
    return [x0, *path], [t, *steps]
""",
    },
    "arrays that grow": {
        "damped_newton": LOOP.replace("[x], []", "x[None], np.zeros(0)")
        .replace("path.append(x)", "path = np.vstack([path, x])")
        .replace("steps.append(t)", "steps = np.append(steps, t)"),
        "marquardt": FIT.replace("[x], []", "x[None], np.zeros(0)")
        .replace("path.append(x)", "path = np.vstack([path, x])")
        .replace("mus.append(mu)", "mus = np.append(mus, mu)"),
    },
    "a least squares problem with more rows": {
        "marquardt": FIT.replace("delta = -np.linalg.solve(normal + mu * D, J.T @ r)",
        "rows = np.sqrt(mu * D)\n        delta = np.linalg.lstsq(np.vstack([J, rows]), "
        "-np.append(r, 0 * x), rcond=None)[0]"),
    },
    "columns of one length": {
        "marquardt": FIT.replace("delta = -np.linalg.solve(normal + mu * D, J.T @ r)",
        "s = np.linalg.norm(J, axis=0)\n        K = J / s\n        delta = -np.linalg.solve(K.T "
        "@ K "
        "+ mu * np.eye(len(x)), K.T @ r) / s"),
    },
    "an object that is called": {
        "damped_newton": LOOP.replace("def damped_newton(",
        "class Run:\n  __name__ = 'damped_newton'\n"
        "  def __call__(self, ").replace("\n    ", "\n      ") + "\ndamped_newton = Run()\n",
    },
    "the Jacobian by einsum": {
        "peak_jacobian": """
def peak_jacobian(p, t):
    s = (t - p[..., 1:2]) / p[..., 2:]
    powers = np.stack([s**0, s, s**2], axis=-1)
    factors = np.stack([p[..., 0] ** 0, p[..., 0] / p[..., 2], p[..., 0] / p[..., 2]], axis=-1)
    return np.einsum("...m,...mj,...j->...mj", np.exp(-s * s / 2), powers, factors)
""",
    },
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "a step uphill": ({"newton_step": STEP.replace("return -", "return ")}, ALL_STEPS),
    "a step without shift": (
        {"newton_step": "def newton_step(gradient, hessian, least=0.1):\n"
         "    return -np.linalg.solve(hessian, gradient[..., None])[..., 0]"}, "newton_step-shift",
    ),
    "no step": (
        {"newton_step": "def newton_step(gradient, hessian, least=0.1): raise NotImplementedError"},
        ALL_STEPS + " newton_step-batches",
    ),
    "another Jacobian": (
        {"peak_jacobian": PEAK.replace("[bell,", "[a * bell,")}, "peak_jacobian-values",
    ),
}  # fmt: skip
