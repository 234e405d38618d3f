"""Wrong answers to the homework on momentum and adaptive steps, and what each of them costs."""

BALL = """
def restarted_ball(x0, f, grad, step_size, beta, tol, maxiter):
    x, v = x0, 0 * x0
    path, betas = [x], []
    while len(betas) < maxiter:
        g = grad(x)
        if np.linalg.norm(g) <= tol:
            break
        y = x + beta * v - step_size * g
        kept = f(y) <= f(x)
        if not kept:
            y = x - step_size * g
        x, v = y, y - x
        path.append(x)
        betas.append(beta if kept else 0)
    return path, betas
"""
RULE = "f(y) <= f(x)"
LOG = """
def read_log(path, gradients):
    moves = np.diff(path, axis=0)
    v = np.vstack([0 * moves[:1], moves[:-1]])
    A = np.stack([-gradients.ravel(), v.ravel()], axis=-1)
    step_size, beta = np.linalg.lstsq(A, moves.ravel(), rcond=None)[0]
    return step_size, beta
"""
MEAN = """
def corrected_mean(values, betas):
    a, product, means = 0, 1, []
    for t, (g, beta) in enumerate(zip(values, betas), 1):
        a = beta * a + (1 - beta) * g
        product = product * beta
        means.append(a / (1 - product))
    return means
"""
ADAM = """
def lazy_adam(x0, gradients, seen, alpha, beta1, beta2, epsilon):
    x, path = x0.copy(), [x0]
    m, v, k = np.zeros((3, len(x0)))
    for g, now in zip(gradients, seen):
        k[now] += 1
        m[now] = beta1 * m[now] + (1 - beta1) * g[now]
        v[now] = beta2 * v[now] + (1 - beta2) * g[now] ** 2
        first = m[now] / (1 - beta1 ** k[now])
        second = v[now] / (1 - beta2 ** k[now])
        x[now] = x[now] - alpha * first / (np.sqrt(second) + epsilon)
        path.append(x.copy())
    return path
"""
ALL_OF_ADAM = "lazy_adam-steps lazy_adam-unseen lazy_adam-missing"
PLAIN_ADAM = """
def lazy_adam(x0, gradients, seen, alpha, beta1, beta2, epsilon):
    x, path = x0, [x0]
    m = v = np.zeros(len(x0))
    for t, (g, now) in enumerate(zip(gradients, seen), 1):
        g = np.where(now, g, 0)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
        x = x - alpha * step
        path.append(x)
    return path
"""
ALL_OF_BALL = (
    "restarted_ball-updates restarted_ball-choice restarted_ball-domain restarted_ball-log "
    "restarted_ball-stops"
)

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    # Part 1
    "never forgets": (
        "restarted_ball", BALL.replace(RULE, "True"),
        "restarted_ball-choice restarted_ball-domain", "the velocity were never forgotten",
    ),
    "gradient descent": (
        "restarted_ball", BALL.replace(RULE, "False"),
        "restarted_ball-updates restarted_ball-choice", "the velocity were always forgotten",
    ),
    "f must fall": (
        "restarted_ball", BALL.replace(RULE, "f(y) < f(x)"),
        "restarted_ball-choice", "f had to fall; it is enough if it does not rise",
    ),
    "nan is good enough": (
        "restarted_ball", BALL.replace(RULE, "not f(y) > f(x)"),
        "restarted_ball-domain", "keeps the velocity and goes to y, but the plain step should",
    ),
    "the slope along the velocity": (
        "restarted_ball", BALL.replace(RULE, "g @ v <= 0"),
        "restarted_ball-choice restarted_ball-domain",
        "the slope along the velocity decided, in place of f",
    ),
    "the lower one of both steps": (
        "restarted_ball", BALL.replace(RULE, "f(y) <= f(x - step_size * g)"),
        "restarted_ball-choice", "f(y) were compared with f after the plain step",
    ),
    "compared with the start": (
        "restarted_ball", BALL.replace(RULE, "f(y) <= f(x0)"),
        "restarted_ball-choice", "f(y) were compared with f at the start",
    ),
    "compared with the lowest f": (
        "restarted_ball", BALL.replace(RULE, "f(y) <= min(f(x) for x in path)"),
        "restarted_ball-choice", "f(y) were compared with the lowest f so far",
    ),
    "forgets after f has risen": (
        "restarted_ball", BALL.replace(RULE, "len(path) < 2 or f(x) <= f(path[-2])"),
        "restarted_ball-choice restarted_ball-domain",
        "f at the point were compared with f at the one before",
    ),
    "no velocity after a plain step": (
        "restarted_ball", BALL.replace("x, v = y, y - x", "x, v = y, (y - x) * kept"),
        "restarted_ball-updates", "the velocity after a plain step were zero",
    ),
    "the old velocity after a plain step": (
        "restarted_ball", BALL.replace("x, v = y, y - x", "x, v = y, y - x if kept else v"),
        "restarted_ball-updates", "as if the velocity were still that of update 1",
    ),
    "no velocity after the first one that is forgotten": (
        "restarted_ball", BALL.replace("if not kept:", "if not kept:\n            beta = 0"),
        "restarted_ball-updates", "no velocity were kept after the first one that is forgotten",
    ),
    "the velocity of the point that is thrown away": (
        "restarted_ball", BALL.replace("kept = f", "w = y - x\n        kept = f")
        .replace("x, v = y, y - x", "x, v = y, w"),
        "restarted_ball-updates", "the velocity were that of the y which was thrown away",
    ),
    "no step where f would rise": (
        "restarted_ball", BALL.replace("y = x - step_size * g\n        x,", "y = x\n        x,"),
        "restarted_ball-updates", "It is as if no step were made.",
    ),
    "the plain step from y": (
        "restarted_ball", BALL.replace("y = x - step_size * g\n        x,",
        "y = y - step_size * g\n        x,"),
        "restarted_ball-updates", "the plain step were made from y",
    ),
    "the gradient of y in the plain step": (
        "restarted_ball", BALL.replace("y = x - step_size * g\n", "y = x - step_size * grad(y)\n"),
        "restarted_ball-updates", "the gradient of the plain step were that of y",
    ),
    "beta halved after each plain step": (
        "restarted_ball", BALL.replace("if not kept:", "if not kept:\n            beta = beta / 2"),
        "restarted_ball-updates", "It is x + 0.4 v - 0.1 times the gradient.",
    ),
    "uphill": (
        "restarted_ball", BALL.replace("- step_size * g", "+ step_size * g"),
        "restarted_ball-updates restarted_ball-choice",
        "It is as if the gradient had the opposite sign.",
    ),
    "the gradient where the velocity leads": (
        "restarted_ball", BALL.replace("beta * v - step_size * g",
        "beta * v - step_size * grad(x + beta * v)"),
        "restarted_ball-updates", "the gradient were taken at x + beta v",
    ),
    "a mean of gradients": (
        "restarted_ball", BALL.replace("beta * v - step_size * g",
        "beta * v - (1 - beta) * step_size * g"),
        "restarted_ball-updates", "the gradient were multiplied by 1 - beta",
    ),
    "the step size before the velocity, too": (
        "restarted_ball", BALL.replace("beta * v - step_size * g", "step_size * (beta * v - g)"),
        "restarted_ball-updates", "the velocity were multiplied by step_size",
    ),
    "beta before the gradient, too": (
        "restarted_ball", BALL.replace("beta * v - step_size * g", "beta * (v - step_size * g)"),
        "restarted_ball-updates", "beta multiplied the gradient, too",
    ),
    "beta missing": (
        "restarted_ball", BALL.replace("beta * v - step", "v - step"),
        "restarted_ball-updates", "beta were missing",
    ),
    "the velocity subtracted": (
        "restarted_ball", BALL.replace("x + beta * v", "x - beta * v"),
        "restarted_ball-updates", "the velocity had the opposite sign",
    ),
    "the log counts from the second update": (
        "restarted_ball", BALL.replace("return path, betas", "return path, betas[1:] + betas[:1]"),
        "restarted_ball-log", "the velocity is kept, so betas[",
    ),
    "truth values in the log": (
        "restarted_ball", BALL.replace("beta if kept else 0", "kept"),
        "restarted_ball-log", "so betas[1] should be beta = 0.4; it is 1.",
    ),
    "the log the other way round": (
        "restarted_ball", BALL.replace("beta if kept else 0", "0 if kept else beta"),
        "restarted_ball-log", "so betas[1] should be beta = 0.4; it is 0.",
    ),
    "the numbers of the updates that forget": (
        "restarted_ball", BALL.replace("betas.append(beta if kept else 0)",
        "betas.append(beta)\n        forgot += [] if kept else [len(betas) - 1]")
        .replace("return path, betas", "return path, forgot")
        .replace("    path, betas = [x], []", "    path, betas, forgot = [x], [], []"),
        "restarted_ball-log", "there should be one point more than updates",
    ),
    "the largest component of the gradient": (
        "restarted_ball", BALL.replace("norm(g)", "norm(g, np.inf)"),
        "restarted_ball-stops", "more than tol, and",
    ),
    "smaller than tol": (
        "restarted_ball", BALL.replace("<= tol", "< tol"),
        "restarted_ball-stops", "has the length 5, at most tol",
    ),
    "stops by the length of the step": (
        "restarted_ball", BALL.replace("np.linalg.norm(g) <= tol",
        "len(path) > 1 and np.linalg.norm(v) <= tol"),
        "restarted_ball-stops", "more than tol, and",
    ),
    "one update too many": (
        "restarted_ball", BALL.replace("len(betas) < maxiter", "len(betas) <= maxiter"),
        "restarted_ball-stops", "updates are more than maxiter allows",
    ),
    "one update too few": (
        "restarted_ball", BALL.replace("len(betas) < maxiter", "len(betas) < maxiter - 1"),
        "restarted_ball-stops", "it stops after 2 updates",
    ),
    "the end where f is nan": (
        "restarted_ball", BALL.replace("        kept = f", "        if not np.isfinite(f(y)):\n"
        "            break\n        kept = f"),
        "restarted_ball-domain", "it stops after 12 updates",
    ),
    "no step where f is nan": (
        "restarted_ball", BALL.replace("        kept = f", "        if not np.isfinite(f(y)):\n"
        "            y = x\n        kept = f"),
        "restarted_ball-domain", "It is as if no step were made.",
    ),
    "the last point alone": (
        "restarted_ball", BALL.replace("return path", "return x"),
        "restarted_ball-updates restarted_ball-choice restarted_ball-domain restarted_ball-log "
        "restarted_ball-stops",
        "path should hold all points",
    ),
    "x0 moved in place": (
        "restarted_ball", BALL.replace("x, v = y, y - x", "v = y - x\n        x += v")
        .replace("append(x)", "append(x.copy())").replace("[x], []", "[x.copy()], []"),
        "", "the caller's x0 is different",
    ),
    "optimize": (
        "restarted_ball", "from coursekit.descent import heavy_ball, optimize\n"
        "def restarted_ball(x0, f, grad, step_size, beta, tol, maxiter):\n"
        "    run = optimize(f, grad, x0, heavy_ball(step_size, beta), tol=tol, maxiter=maxiter)\n"
        "    return run.path, [beta] * run.nit",
        ALL_OF_BALL, "uses optimize of coursekit, which is not allowed",
    ),
    # Part 2
    "the pair in the other order": (
        "read_log", LOG.replace("return step_size, beta", "return beta, step_size"),
        "read_log-exact read_log-rounded", "the two stood in another order",
    ),
    "the sign of the step size": (
        "read_log", LOG.replace("[-gradients", "[gradients"),
        "read_log-exact read_log-rounded", "the step size had the opposite sign",
    ),
    "the first update left out": (
        "read_log", LOG.replace("-gradients.ravel(), v.ravel()",
        "-gradients[1:].ravel(), v[1:].ravel()").replace("(A, moves.ravel()",
        "(A, moves[1:].ravel()"),
        "read_log-rounded", "the first update were left out",
    ),
    "two updates are enough": (
        "read_log", LOG.replace("    A =", "    gradients, v, moves = gradients[:2], v[:2], "
        "moves[:2]\n    A ="),
        "read_log-rounded", "the first two updates alone were used",
    ),
    "one coordinate": (
        "read_log", LOG.replace("    A =", "    gradients, v, moves = gradients[:, 0], v[:, 0], "
        "moves[:, 0]\n    A ="),
        "read_log-rounded", "the first coordinate alone were used",
    ),
    "the mean over the coordinates": (
        "read_log", LOG.replace("def read_log", "def one_log") + """
def read_log(path, gradients):
    pairs = [one_log(x[:, None], g[:, None]) for x, g in zip(path.T, gradients.T)]
    return tuple(np.mean(pairs, axis=0))
""",
        "read_log-rounded", "the mean were taken over the coordinates",
    ),
    "the first step size": (
        "read_log", """
def read_log(path, gradients):
    moves = np.diff(path, axis=0)
    s = -(moves[0] @ gradients[0]) / (gradients[0] @ gradients[0])
    v, rest = moves[:-1], moves[1:] + s * gradients[1:]
    return s, (rest * v).sum() / (v * v).sum()
""",
        "read_log-rounded", "the first step size were taken, and beta fitted to it",
    ),
    "the point before the first is zero": (
        "read_log", LOG.replace("0 * moves[:1]", "path[:1]"),
        "read_log-exact read_log-rounded", "in the first update the velocity were x_0, not 0",
    ),
    "points for velocities": (
        "read_log", LOG.replace("np.vstack([0 * moves[:1], moves[:-1]])", "path[:-1]"),
        "read_log-exact read_log-rounded", "the points stood in place of the velocities",
    ),
    "no negative numbers": (
        "read_log", LOG.replace("return step_size, beta", "return max(step_size, 0), max(beta, 0)"),
        "read_log-rounded", "6 of the 8 logs came out right",
    ),
    "a constant in the fit": (
        "read_log", LOG.replace("v.ravel()], axis", "v.ravel(), np.ones(v.size)], axis")
        .replace("[0]\n    return", "[0][:2]\n    return"),
        "read_log-rounded", "a constant were fitted, too",
    ),
    # Part 3
    "not corrected": (
        "corrected_mean", MEAN.replace("a / (1 - product)", "a"),
        "corrected_mean-constant corrected_mean-changing", "a_t itself: it is not corrected",
    ),
    "beta to the power of t": (
        "corrected_mean", MEAN.replace("1 - product", "1 - beta**t"),
        "corrected_mean-changing", "a_t divided by 1 - beta_t^t",
    ),
    "the first beta to the power of t": (
        "corrected_mean", MEAN.replace("1 - product", "1 - betas[0] ** t"),
        "corrected_mean-changing", "a_t divided by 1 - beta_1^t",
    ),
    "this beta alone": (
        "corrected_mean", MEAN.replace("1 - product", "1 - beta"),
        "corrected_mean-constant corrected_mean-changing", "a_t divided by 1 - beta_t, whatever",
    ),
    "begun with the first value": (
        "corrected_mean", MEAN.replace("a, product, means = 0", "a, product, means = values[0]")
        .replace("a / (1 - product)", "a"),
        "corrected_mean-constant corrected_mean-changing", "the recursion begun with a_1 = g_1",
    ),
    "the corrected mean handed on": (
        "corrected_mean", MEAN.replace("means.append(a / (1 - product))",
        "a = a / (1 - product)\n        means.append(a)"),
        "corrected_mean-constant corrected_mean-changing",
        "the corrected mean is handed on to the next step, in place of a_t.",
    ),
    "the corrected mean handed on, with the sum of the weights": (
        "corrected_mean", """
def corrected_mean(values, betas):
    a, weight, means = 0, 0, []
    for g, beta in zip(values, betas):
        weight = beta * weight + 1 - beta
        a = (beta * a + (1 - beta) * g) / weight
        means.append(a)
    return means
""",
        "corrected_mean-constant corrected_mean-changing",
        "the corrected mean is handed on to the next step, in place of a_t.",
    ),
    "handed on, with beta to the power of t": (
        "corrected_mean", MEAN.replace("means.append(a / (1 - product))",
        "a = a / (1 - beta**t)\n        means.append(a)"),
        "corrected_mean-constant corrected_mean-changing",
        "in place of a_t, and each is divided by 1 - beta_t^t",
    ),
    "beta and 1 - beta exchanged": (
        "corrected_mean", MEAN.replace("beta * a + (1 - beta) * g", "(1 - beta) * a + beta * g"),
        "corrected_mean-constant corrected_mean-changing", "If all values are 1.1",
    ),
    "exchanged in both places": (
        "corrected_mean", MEAN.replace("beta * a + (1 - beta) * g", "(1 - beta) * a + beta * g")
        .replace("product * beta", "product * (1 - beta)"),
        "corrected_mean-constant corrected_mean-changing", "the mean after step",
    ),
    "one step late": (
        "corrected_mean", MEAN.replace("        product = product * beta\n", "").replace(
        "means.append(a / (1 - product))",
        "means.append(a / (1 - product) if t > 1 else g)\n        product = product * beta"),
        "corrected_mean-constant corrected_mean-changing", "If all values are 1.1",
    ),
    "single precision": (
        "corrected_mean", MEAN.replace("    a, product", "    values = np.float32(values)\n    a, "
        "product"),
        "corrected_mean-constant corrected_mean-changing", "is something rounded, in float32",
    ),
    "the last mean alone": (
        "corrected_mean", MEAN.replace("return means", "return means[-1]"),
        "corrected_mean-constant corrected_mean-changing corrected_mean-shapes", "has shape ()",
    ),
    "columns that share the step's beta by chance": (
        "corrected_mean", """
def corrected_mean(values, betas):
    products = np.cumprod(betas)
    a, means = 0, []
    for g, beta in zip(values, betas):
        a = beta * a + (1 - beta) * g
        means.append(a)
    return np.array(means) / (1 - products)
""",
        "corrected_mean-shapes", "corrected_mean raises ValueError",
    ),
    # Part 4
    "no correction": (
        "lazy_adam", ADAM.replace("/ (1 - beta1 ** k[now])", "").replace("/ (1 - beta2 ** k[now])",
        ""),
        "lazy_adam-steps", "neither memory were corrected",
    ),
    "m not corrected": (
        "lazy_adam", ADAM.replace("/ (1 - beta1 ** k[now])", ""),
        "lazy_adam-steps", "m were not corrected",
    ),
    "v not corrected": (
        "lazy_adam", ADAM.replace("/ (1 - beta2 ** k[now])", ""),
        "lazy_adam-steps", "v were not corrected",
    ),
    "1 - beta for the correction": (
        "lazy_adam", ADAM.replace("beta1 ** k[now]", "beta1").replace("beta2 ** k[now]", "beta2"),
        "lazy_adam-steps", "1 - beta stood in place of 1 - beta^k",
    ),
    "the count too large": (
        "lazy_adam", ADAM.replace("** k[now]", "** (k[now] + 1)"),
        "lazy_adam-steps", "k in the correction were larger by one",
    ),
    "epsilon under the root": (
        "lazy_adam", ADAM.replace("np.sqrt(second) + epsilon", "np.sqrt(second + epsilon)"),
        "lazy_adam-steps", "epsilon stood under the root",
    ),
    "the root before the correction": (
        "lazy_adam", ADAM.replace("v[now] / (1", "np.sqrt(v[now]) / (1")
        .replace("np.sqrt(second)", "second"),
        "lazy_adam-steps", "the root were taken before v is corrected",
    ),
    "no root": (
        "lazy_adam", ADAM.replace("np.sqrt(second)", "second"),
        "lazy_adam-steps", "the root were missing",
    ),
    "the first gradient for a start": (
        "lazy_adam", PLAIN_ADAM.replace("m, v = beta1", "m, v = (g, g**2) if t == 1 else (m, v)\n"
        "        m, v = beta1").replace("m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t))",
        "m / (np.sqrt(v)"),
        "lazy_adam-steps lazy_adam-unseen",
        "the memories began with the first gradient and its square, and were not corrected",
    ),
    "no square": (
        "lazy_adam", ADAM.replace("g[now] ** 2", "np.abs(g[now])"),
        "lazy_adam-steps", "v held the size of the gradient, not its square",
    ),
    "no factors 1 - beta": (
        "lazy_adam", ADAM.replace("(1 - beta1) * g", "g").replace("(1 - beta2) * g", "g"),
        "lazy_adam-steps", "the factors 1 - beta1 and 1 - beta2 were missing",
    ),
    "m of the step before": (
        "lazy_adam", ADAM.replace("        m[now] =", "        old = m.copy()\n        m[now] =")
        .replace("first = m[now]", "first = old[now]"),
        "lazy_adam-steps", "m were that of the step before",
    ),
    "the betas exchanged": (
        "lazy_adam", ADAM.replace("beta1 * m[now] + (1 - beta1)", "beta2 * m[now] + (1 - beta2)")
        .replace("beta2 * v[now] + (1 - beta2)", "beta1 * v[now] + (1 - beta1)"),
        "lazy_adam-steps", "m and v had each other's beta",
    ),
    "one length for all": (
        "lazy_adam", ADAM.replace("(1 - beta2) * g[now] ** 2", "(1 - beta2) * (g[now] @ g[now])"),
        "lazy_adam-steps lazy_adam-unseen", "divided by the length of all of them",
    ),
    "Adam uphill": (
        "lazy_adam", ADAM.replace("x[now] - alpha", "x[now] + alpha"),
        "lazy_adam-steps", "the step had the opposite sign",
    ),
    "the count of all steps": (
        "lazy_adam", ADAM.replace("k[now] += 1", "k = seen.sum(axis=0)"),
        "lazy_adam-steps", "k counted later steps, too",
    ),
    "the correction counts steps": (
        "lazy_adam", ADAM.replace("k[now] += 1", "k += 1"),
        "lazy_adam-unseen", "k counted the steps, not how often",
    ),
    "the gradient zero for what is not seen": (
        "lazy_adam", PLAIN_ADAM, "lazy_adam-unseen",
        "a coordinate that is not seen had the gradient zero",
    ),
    "seen not looked at": (
        "lazy_adam", PLAIN_ADAM.replace("        g = np.where(now, g, 0)\n", ""),
        "lazy_adam-unseen lazy_adam-missing", "every coordinate were seen in every step",
    ),
    "the memories fade": (
        "lazy_adam", PLAIN_ADAM.replace("x = x - alpha * step", "x = np.where(now, x - alpha * "
        "step, x)"),
        "lazy_adam-unseen", "not seen faded, and k counted the steps",
    ),
    "moves on": (
        "lazy_adam", PLAIN_ADAM.replace("m, v = beta1 * m + (1 - beta1) * g, beta2 * v + "
        "(1 - beta2) * g**2", "m = np.where(now, beta1 * m + (1 - beta1) * g, m)\n        "
        "v = np.where(now, beta2 * v + (1 - beta2) * g**2, v)"),
        "lazy_adam-unseen", "moved on by its memories, and k counted the steps",
    ),
    "all or nothing": (
        "lazy_adam", ADAM.replace("        k[now]", "        now = now & now.all()\n        "
        "k[now]"),
        "lazy_adam-unseen lazy_adam-missing",
        "a step were left out for all if one coordinate is not seen",
    ),
    "zero times nan": (
        "lazy_adam", """
def lazy_adam(x0, gradients, seen, alpha, beta1, beta2, epsilon):
    x, path = x0, [x0]
    m = v = k = np.zeros(len(x0))
    for g, now in zip(gradients, seen):
        k, rest = k + now, 1 - now
        m = rest * m + now * (beta1 * m + (1 - beta1) * g)
        v = rest * v + now * (beta2 * v + (1 - beta2) * g**2)
        n = np.maximum(k, 1)
        step = m / (1 - beta1**n) / (np.sqrt(v / (1 - beta2**n)) + epsilon)
        x = x - now * alpha * step
        path.append(x)
    return path
""",
        "lazy_adam-missing", "Remember that 0 * nan is nan.",
    ),
    "nothing over nothing": (
        "lazy_adam", ADAM.replace("        x[now] =", "        everything = m / (1 - beta1**k)\n"
        "        x = x + 0 * everything\n        x[now] ="),
        "lazy_adam-unseen lazy_adam-missing", "is not finite",
    ),
    "the path without x0": (
        "lazy_adam", ADAM.replace("[x0]", "[]"),
        ALL_OF_ADAM, "one point too few",
    ),
    "one array in the path again and again": (
        "lazy_adam", ADAM.replace("x.copy())", "x)").replace("x, path = x0.copy(), [x0]",
        "x = x0.copy()\n    path = [x]"),
        ALL_OF_ADAM, "was one array appended again and again?",
    ),
    "one array in the path after x0": (
        "lazy_adam", ADAM.replace("x.copy())", "x)"),
        "lazy_adam-steps lazy_adam-unseen", "all points of the path after x0 are the same",
    ),
    "a truth value that is never True": (
        "lazy_adam", """
def lazy_adam(x0, gradients, seen, alpha, beta1, beta2, epsilon):
    x, path = x0.copy(), [x0.copy()]
    for t in range(len(gradients)):
        for j in range(len(x0)):
            if seen[t, j] is True:
                x[j] -= alpha * np.sign(gradients[t, j])
        path.append(x.copy())
    return path
""",
        ALL_OF_ADAM, "Nothing moves in any step",
    ),
    "the start moved": (
        "lazy_adam", ADAM.replace("x, path = x0.copy(), [x0]", "x, path = x0, [x0.copy()]"),
        "", "the caller's x0 is different",
    ),
    "gradients overwritten": (
        "lazy_adam", PLAIN_ADAM.replace("g = np.where(now, g, 0)", "g[~now] = 0"),
        "lazy_adam-unseen", "the caller's gradients is different",
    ),
    "no path for a good start": (
        "restarted_ball", BALL.replace("    while", "    if np.linalg.norm(grad(x0)) <= tol:\n"
        "        return [], []\n    while", 1),
        "restarted_ball-log", "path is empty. It begins with x0, even where no update is made",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "loops and lists": {
        "restarted_ball": """
def restarted_ball(x0, f, grad, step_size, beta, tol, maxiter):
    path, betas = [x0.tolist()], []
    for k in range(maxiter):
        x = path[-1]
        g = grad(np.array(x))
        if sum(a * a for a in g) ** 0.5 <= tol:
            return [path, betas]
        last = path[-2] if k else x
        plain = [a - step_size * b for a, b in zip(x, g)]
        y = [p + beta * (a - c) for p, a, c in zip(plain, x, last)]
        if f(np.array(y)) <= f(np.array(x)):
            path.append(y)
            betas.append(beta)
        else:
            path.append(plain)
            betas.append(0)
    return [path, betas]
""",
        "read_log": """
def read_log(path, gradients):
    a = b = c = d = e = 0.0
    v = 0 * path[0]
    for x, y, g in zip(path, path[1:], gradients):
        w = y - x
        a, b, c = a + g @ g, b - g @ v, c + v @ v
        d, e = d - g @ w, e + v @ w
        v = w
    det = a * c - b * b
    return [(c * d - b * e) / det, (a * e - b * d) / det]
""",
        "corrected_mean": """
def corrected_mean(values, betas):
    means = []
    for t in range(len(betas)):
        w = [(1 - betas[i]) * np.prod(betas[i + 1 : t + 1]) for i in range(t + 1)]
        means.append((sum(a * g for a, g in zip(w, values)) / sum(w)).tolist())
    return means
""",
        "lazy_adam": """
def lazy_adam(x0, gradients, seen, alpha, beta1, beta2, epsilon):
    columns = []
    for x, g, here in zip(x0, gradients.T, seen.T):
        m, v, k, column = 0.0, 0.0, 0, [x]
        for one, now in zip(g, here):
            if now:
                k += 1
                m = beta1 * m + (1 - beta1) * one
                v = beta2 * v + (1 - beta2) * one * one
                x = x - alpha * m / (1 - beta1**k) / ((v / (1 - beta2**k)) ** 0.5 + epsilon)
            column.append(x)
        columns.append(column)
    return [list(row) for row in zip(*columns)]
""",
    },
    "the velocity as its own recursion": {
        "restarted_ball": BALL.replace("y = x + beta * v - step_size * g",
        "w = beta * v - step_size * g\n        y = x + w")
        .replace("y = x - step_size * g\n        x, v = y, y - x",
        "w = -step_size * g\n            y = x + w\n        x, v = y, w"),
    },
    "the step size outside of the memory": {
        "restarted_ball": BALL.replace("y = x + beta * v - step_size * g",
        "z = g + beta * v\n        y = x - step_size * z")
        .replace("x, v = y, y - x", "x, v = y, z if kept else g"),
    },
    "recursion": {
        "restarted_ball": """
def restarted_ball(x0, f, grad, step_size, beta, tol, maxiter, v=0):
    g = grad(x0)
    if maxiter == 0 or np.linalg.norm(g) <= tol:
        return [x0], []
    y, used = x0 + beta * v - step_size * g, beta
    if not f(y) <= f(x0):
        y, used = x0 - step_size * g, 0
    path, betas = restarted_ball(y, f, grad, step_size, beta, tol, maxiter - 1, y - x0)
    return [x0, *path], [used, *betas]
""",
        "corrected_mean": """
def corrected_mean(values, betas):
    if len(betas) == 0:
        return values
    before = corrected_mean(values[:-1], betas[:-1])
    left = np.prod(betas[:-1])
    old, new = betas[-1] * (1 - left), 1 - betas[-1]
    last = values[-1] if len(betas) == 1 else (old * before[-1] + new * values[-1]) / (old + new)
    return np.concatenate([before, last[None]]) if np.ndim(last) else np.append(before, last)
""",
    },
    "arrays made beforehand": {
        "restarted_ball": BALL.replace("path, betas = [x], []",
        "path, betas = np.zeros((maxiter + 1, len(x0))), []\n    path[0] = x")
        .replace("path.append(x)", "path[len(betas) + 1] = x")
        .replace("return path, betas", "return path[: len(betas) + 1], np.array(betas)"),
        "corrected_mean": """
def corrected_mean(values, betas):
    a = np.zeros((len(betas) + 1, *values.shape[1:]))
    for t, beta in enumerate(betas):
        a[t + 1] = beta * a[t] + (1 - beta) * values[t]
    left = 1 - np.cumprod(betas)
    return a[1:] / left.reshape(-1, *[1] * (values.ndim - 1))
""",
    },
    "a matrix of weights": {
        "corrected_mean": """
def corrected_mean(values, betas):
    T = len(betas)
    W = np.zeros((T, T))
    for t in range(T):
        W[t] = betas[t] * W[t - 1] if t else 0
        W[t, t] = 1 - betas[t]
    return np.einsum("ts,s...->t...", W / W.sum(axis=1, keepdims=True), values)
""",
        "read_log": """
def read_log(path, gradients):
    v = np.zeros_like(gradients)
    v[1:] = path[1:-1] - path[:-2]
    B = np.array([-gradients, v])
    A = np.einsum("ikn,jkn->ij", B, B)
    return np.linalg.solve(A, np.einsum("ikn,kn->i", B, path[1:] - path[:-1]))
""",
    },
    "the recursion run on ones": {
        "corrected_mean": """
def corrected_mean(values, betas):
    def mean(g):
        a, means = 0 * g[0], []
        for b, one in zip(betas, g):
            a = b * a + (1 - b) * one
            means.append(a)
        return np.array(means)
    return mean(values) / mean(np.ones(values.shape))
""",
    },
    "an object with a memory": {
        "lazy_adam": """
class Coordinate:
    def __init__(self, x, settings):
        self.x, self.settings, self.m, self.v, self.k = x, settings, 0.0, 0.0, 0

    def step(self, g):
        alpha, b1, b2, epsilon = self.settings
        self.k += 1
        self.m += (1 - b1) * (g - self.m)
        self.v += (1 - b2) * (g**2 - self.v)
        first, second = self.m / (1 - b1**self.k), self.v / (1 - b2**self.k)
        self.x -= alpha * first / (second**0.5 + epsilon)

def lazy_adam(x0, gradients, seen, *settings):
    coordinates = [Coordinate(x, settings) for x in x0]
    path = [[one.x for one in coordinates]]
    for g, now in zip(gradients, seen):
        for one, slope, is_seen in zip(coordinates, g, now):
            if is_seen:
                one.step(slope)
        path.append([one.x for one in coordinates])
    return path
""",
    },
    "indices, and the corrections moved into the step size": {
        "lazy_adam": ADAM.replace("x[now] - alpha * first / (np.sqrt(second) + epsilon)",
        "x[now] - alpha * np.sqrt(1 - beta2 ** k[now]) / (1 - beta1 ** k[now]) * m[now] / "
        "(np.sqrt(v[now]) + epsilon * np.sqrt(1 - beta2 ** k[now]))"),
    },
    "the log by a search for the zero of both derivatives": {
        "read_log": """
def read_log(path, gradients):
    v = np.diff(path, axis=0, prepend=path[:1])[:-1]
    B = np.stack([-gradients, v]).reshape(2, -1)
    return np.linalg.pinv(B.T) @ np.diff(path, axis=0).ravel()
""",
    },
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "means that are not corrected": (
        {"corrected_mean": MEAN.replace("a / (1 - product)", "a")},
        "corrected_mean-constant corrected_mean-changing",
    ),
    "no ball": (
        {"restarted_ball": "def restarted_ball(*args): raise NotImplementedError"}, ALL_OF_BALL,
    ),
}  # fmt: skip
