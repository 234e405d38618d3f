"""Wrong answers to the homework on linear programming, and what each of them costs."""

SLOW = {"certify-check"}  # it solves some fifty programs

BATTERY = """
def battery_program(prices, efficiency, power, capacity, start, wear):
    T = len(prices)
    eye, zero = np.eye(T), np.zeros((T, T))
    before = np.zeros(T)
    before[0] = start
    bounds = [(0, None)] * (2 * T) + [(0, capacity)] * (T - 1) + [(start, capacity)]
    return {
        "c": np.concatenate([prices, wear - prices, np.zeros(T)]),
        "A_ub": np.hstack([eye, eye, zero]),
        "b_ub": np.full(T, power),
        "A_eq": np.hstack([-efficiency * eye, eye, eye - np.eye(T, k=-1)]),
        "b_eq": before,
        "bounds": bounds,
    }
"""
COST, ROWS = (
    "[prices, wear - prices, np.zeros(T)]",
    "[-efficiency * eye, eye, eye - np.eye(T, k=-1)]",
)
DUAL = """
def dual_program(c, A_ub, b_ub, A_eq, b_eq, free):
    columns = np.vstack([A_ub, A_eq]).T
    return {
        "c": -np.concatenate([b_ub, b_eq]),
        "A_ub": columns[~free],
        "b_ub": c[~free],
        "A_eq": columns[free],
        "b_eq": c[free],
        "bounds": [(None, 0)] * len(b_ub) + [(None, None)] * len(b_eq),
    }
"""
SIGNS = "[(None, 0)] * len(b_ub) + [(None, None)] * len(b_eq)"
PROOF = """
def certify(c, A_ub, b_ub, A_eq, b_eq, free):
    rows, signs = (A_ub, b_ub, A_eq, b_eq), [(None if f else 0, None) for f in free]
    point = linprog(0 * c, *rows, bounds=signs)
    if point.status == 2:
        dual = dual_program(0 * c, *rows, free)
        dual = {**dual, "bounds": [(-1, 0)] * len(b_ub) + [(-1, 1)] * len(b_eq)}
        return None, linprog(**dual).x, None
    best = linprog(c, *rows, bounds=signs)
    if best.status == 0:
        return best.x, linprog(**dual_program(c, *rows, free)).x, None
    box = [(-1 if f else 0, 1) for f in free]
    return point.x, None, linprog(c, A_ub, 0 * b_ub, A_eq, 0 * b_eq, bounds=box).x
"""
BEST = "linprog(**dual_program(c, *rows, free)).x"
ALL_BATTERY = "battery_program-cost battery_program-levels battery_program-limits"
ALL_DUAL = "dual_program-bound dual_program-signs dual_program-columns"
ALL_PROOFS = "certify-optimal certify-infeasible certify-unbounded"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    # Part 1
    "the profit": (
        "battery_program", BATTERY.replace(f"np.concatenate({COST})", f"-np.concatenate({COST})"),
        "battery_program-cost", "c is what the plan earns",
    ),
    "no wear": (
        "battery_program", BATTERY.replace("wear - prices", "-prices"),
        "battery_program-cost", "Is the wear missing?",
    ),
    "the wear as a gain": (
        "battery_program", BATTERY.replace("wear - prices", "-wear - prices"),
        "battery_program-cost", "Has the wear the wrong sign?",
    ),
    "selling costs": (
        "battery_program", BATTERY.replace("wear - prices", "wear + prices"),
        "battery_program-cost", "Do you earn by selling?",
    ),
    "wear for both": (
        "battery_program", BATTERY.replace("[prices,", "[prices + wear,"),
        "battery_program-cost", "Does the wear count for what is bought too?",
    ),
    "paid for what arrives": (
        "battery_program", BATTERY.replace("[prices,", "[efficiency * prices,"),
        "battery_program-cost", "Paid is for all that is bought, whatever arrives.",
    ),
    "sold at the efficiency": (
        "battery_program", BATTERY.replace("wear - prices", "wear - efficiency * prices"),
        "battery_program-cost", "Earned is by all that is sold.",
    ),
    "keeping costs": (
        "battery_program", BATTERY.replace("np.zeros(T)]", "np.full(T, wear)]"),
        "battery_program-cost", "keeping, after an hour, one kilowatt hour",
    ),
    "hour by hour": (
        "battery_program", BATTERY.replace(f"np.concatenate({COST})", f"np.ravel({COST}, 'F')"),
        "battery_program-cost", "c has the variables of hour 0 first",
    ),
    "nothing is lost": (
        "battery_program", BATTERY.replace("-efficiency * eye", "-eye"),
        "battery_program-levels", "as if nothing were lost",
    ),
    "the loss in selling": (
        "battery_program", BATTERY.replace(ROWS, "[-eye, eye / efficiency, eye - np.eye(T, k=-1)]"),
        "battery_program-levels", "as if the losses came with selling",
    ),
    "less is taken than sold": (
        "battery_program", BATTERY.replace(ROWS, "[-eye, efficiency * eye, eye - np.eye(T, k=-1)]"),
        "battery_program-levels", "as if less left the battery than is sold",
    ),
    "efficiency for both": (
        "battery_program", BATTERY.replace("efficiency * eye, eye,", "efficiency * eye, "
        "efficiency * eye,"),
        "battery_program-levels", "as if buying and selling both counted with the efficiency",
    ),
    "divided by the efficiency": (
        "battery_program", BATTERY.replace("-efficiency * eye", "-eye / efficiency"),
        "battery_program-levels", "as if more arrived than is bought",
    ),
    "buying empties": (
        "battery_program", BATTERY.replace("-efficiency * eye, eye,", "efficiency * eye, -eye,"),
        "battery_program-levels", "as if buying emptied the battery",
    ),
    "each hour from start": (
        "battery_program", BATTERY.replace("eye - np.eye(T, k=-1)", "eye")
        .replace("before[0] = start", "before[:] = start"),
        "battery_program-levels", "as if each hour began with start",
    ),
    "the hour after in place of before": (
        "battery_program", BATTERY.replace("k=-1", "k=1"),
        "battery_program-levels", "It violates row 3 of A_eq",
    ),
    "start in every hour": (
        "battery_program", BATTERY.replace("before[0] = start", "before[:] = start"),
        "battery_program-levels", "It violates row 3 of A_eq",
    ),
    "begins empty": (
        "battery_program", BATTERY.replace("before[0] = start", ""),
        "battery_program-levels", "as if the battery began empty",
    ),
    "start with the wrong sign": (
        "battery_program", BATTERY.replace("before[0] = start", "before[0] = -start"),
        "battery_program-levels", "It violates row 0 of A_eq",
    ),
    "no equation for the first hour": (
        "battery_program", BATTERY.replace("k=-1)]),", "k=-1)])[1:],")
        .replace('"b_eq": before', '"b_eq": before[1:]'),
        "battery_program-levels", "kilowatt hours appear in the battery in hour 0",
    ),
    "energy can vanish": (
        "battery_program", BATTERY.replace('"A_ub": np.hstack([eye, eye, zero])',
        f'"A_ub": np.vstack([np.hstack([eye, eye, zero]), np.hstack({ROWS})])')
        .replace("np.full(T, power)", "np.append(np.full(T, power), before)")
        .replace(f'        "A_eq": np.hstack({ROWS}),\n', "")
        .replace('        "b_eq": before,\n', ""),
        "battery_program-levels", "kilowatt hours vanish from the battery",
    ),
    "a line for each": (
        "battery_program", BATTERY.replace('"A_ub": np.hstack([eye, eye, zero])',
        '"A_ub": np.eye(2 * T, 3 * T)').replace("np.full(T, power)", "np.full(2 * T, power)"),
        "battery_program-limits", "more goes through the line",
    ),
    "the line carries what arrives": (
        "battery_program", BATTERY.replace("[eye, eye, zero]", "[efficiency * eye, eye, zero]"),
        "battery_program-limits", "more goes through the line",
    ),
    "one line for all hours": (
        "battery_program", BATTERY.replace("np.hstack([eye, eye, zero])",
        "np.hstack([eye, eye, zero]).sum(axis=0, keepdims=True)")
        .replace("np.full(T, power)", "[power]"),
        "battery_program-limits", "violates row 0 of A_ub",
    ),
    "no capacity": (
        "battery_program", BATTERY.replace("(0, capacity)", "(0, None)"),
        "battery_program-limits", "the battery holds more than its capacity after hour",
    ),
    "less than nothing in the battery": (
        "battery_program", BATTERY.replace("(0, capacity)", "(None, capacity)"),
        "battery_program-limits", "the battery holds less than nothing",
    ),
    "empty at the end": (
        "battery_program", BATTERY.replace("(start, capacity)", "(0, capacity)"),
        "battery_program-limits", "less after the last hour than before the first",
    ),
    "exactly start at the end": (
        "battery_program", BATTERY.replace("(start, capacity)", "(start, start)"),
        "battery_program-limits", "keeps all rules",
    ),
    "never below start": (
        "battery_program", BATTERY.replace("[(0, capacity)]", "[(start, capacity)]"),
        "battery_program-limits", "keeps all rules",
    ),
    "free purchases": (
        "battery_program", BATTERY.replace("[(0, None)]", "[(None, None)]"),
        "battery_program-limits", "less than nothing is bought",
    ),
    "sells only what was there": (
        "battery_program", BATTERY.replace('"A_ub": np.hstack([eye, eye, zero])',
        '"A_ub": np.vstack([np.hstack([eye, eye, zero]), '
        "np.hstack([zero, eye, -np.eye(T, k=-1)])])")
        .replace("np.full(T, power)", "np.append(np.full(T, power), before)"),
        "battery_program-levels", "violates row 4 of A_ub",
    ),
    "a tuple": (
        "battery_program", BATTERY.replace("return {", "return tuple({").replace("    }\n",
        "    }.values())\n"),
        ALL_BATTERY, "should return a dict",
    ),
    "two variables an hour": (
        "battery_program", BATTERY.replace(COST, "[prices, wear - prices]"),
        ALL_BATTERY, "c of battery_program, with a number for each variable, has shape",
    ),
    "a key of another name": (
        "battery_program", BATTERY.replace('"bounds"', '"bound"'),
        "battery_program-levels battery_program-limits",
        "the key 'bound', which is no argument of linprog",
    ),
    "the level of the second hour by hand": (
        "battery_program", BATTERY.replace("    bounds =", "    before[1] = 0\n    bounds ="),
        "battery_program-cost", "battery_program raises IndexError: index 1 is out of bounds",
    ),
    "all of it hour by hour": (
        "battery_program", BATTERY.replace("return {", "made = {") + """
    order = np.arange(3 * T).reshape(3, T).T.ravel()
    for name in ("A_ub", "A_eq"):
        made[name] = made[name][:, order]
    return {**made, "c": made["c"][order], "bounds": [bounds[j] for j in order]}
""",
        "battery_program-cost", "c has the variables of hour 0 first",
    ),
    "rows that do not fit": (
        "battery_program", BATTERY.replace("[eye, eye, zero]", "[eye, eye]"),
        "battery_program-levels battery_program-limits", "a program that linprog does not take",
    ),
    "prices changed in place": (
        "battery_program", BATTERY.replace("    T = len(prices)", "    prices *= 1.0\n"
        "    prices -= 0.5\n    prices += 0.5 - wear\n    prices += wear\n    prices[0] += 1e-3\n"
        "    prices = prices - 1e-3 * (np.arange(len(prices)) == 0)\n    T = len(prices)"),
        "", "the caller's prices is different",
    ),
    # Part 2
    "the bound itself": (
        "dual_program", DUAL.replace("-np.concatenate", "np.concatenate"),
        "dual_program-bound", "linprog minimizes",
    ),
    "b in the other order": (
        "dual_program", DUAL.replace("-np.concatenate([b_ub, b_eq])",
        "-np.concatenate([b_eq, b_ub])"),
        "dual_program-bound", "First come the rows of A_ub",
    ),
    "one sign of b": (
        "dual_program", DUAL.replace("-np.concatenate([b_ub, b_eq])",
        "np.concatenate([b_ub, -b_eq])"),
        "dual_program-bound", "Only the part of b_eq is right",
    ),
    "c in place of b": (
        "dual_program", DUAL.replace("-np.concatenate([b_ub, b_eq])", "-c"),
        ALL_DUAL, "c of dual_program, with a number for each variable, has shape",
    ),
    "bounds of linprog": (
        "dual_program", DUAL.replace(f'        "bounds": {SIGNS},\n', ""),
        "dual_program-signs", "By itself linprog takes 0 as a lower bound",
    ),
    "multipliers of inequalities not negative": (
        "dual_program", DUAL.replace("(None, 0)", "(0, None)"),
        "dual_program-signs", "is outside of its bounds 0 and inf",
    ),
    "all multipliers free": (
        "dual_program", DUAL.replace("(None, 0)", "(None, None)"),
        "dual_program-signs", "what happens to such a row if it is multiplied",
    ),
    "no multiplier positive": (
        "dual_program", DUAL.replace("(None, None)", "(None, 0)"),
        "dual_program-signs", "is outside of its bounds -inf and 0",
    ),
    "bounds in the other order": (
        "dual_program", DUAL.replace(SIGNS, "[(None, None)] * len(b_eq) + [(None, 0)] * len(b_ub)"),
        "dual_program-signs", "y[",
    ),
    "columns at least c": (
        "dual_program", DUAL.replace("columns[~free]", "-columns[~free]")
        .replace("c[~free]", "-c[~free]"),
        "dual_program-columns", "your dual asks for A.T @ y >= c",
    ),
    "equations for all": (
        "dual_program", DUAL.replace('"A_ub": columns[~free]', '"A_ub": columns[:0]')
        .replace('"b_ub": c[~free]', '"b_ub": c[:0]').replace("[free]", ""),
        "dual_program-columns", "it is not feasible in your dual",
    ),
    "inequalities for all": (
        "dual_program", DUAL.replace('"A_eq": columns[free]', '"A_eq": columns[:0]')
        .replace('"b_eq": c[free]', '"b_eq": c[:0]').replace("[~free]", ""),
        "dual_program-columns", "is free",
    ),
    "free and not free exchanged": (
        "dual_program", DUAL.replace("[~free]", "[f]").replace("[free]", "[~f]")
        .replace("    columns", "    f = free\n    columns"),
        "dual_program-columns", "it is not feasible in your dual",
    ),
    "free variables without a column": (
        "dual_program", DUAL.replace('        "A_eq": columns[free],\n'
        '        "b_eq": c[free],\n', ""),
        "dual_program-columns", "although x[1] is free",
    ),
    "not transposed": (
        "dual_program", DUAL.replace("np.vstack([A_ub, A_eq]).T", "np.vstack([A_ub, A_eq])"),
        ALL_DUAL, "dual_program",
    ),
    "columns chosen, not transposed": (
        "dual_program", DUAL.replace("np.vstack([A_ub, A_eq]).T", "np.vstack([A_ub, A_eq])")
        .replace("columns[~free]", "columns[:, ~free]")
        .replace("columns[free]", "columns[:, free]"),
        "dual_program-columns", "a program that linprog does not take: A_ub must have shape (3, 5)",
    ),
    "the equations first": (
        "dual_program", DUAL.replace("[A_ub, A_eq]", "[A_eq, A_ub]")
        .replace("[b_ub, b_eq]", "[b_eq, b_ub]")
        .replace(SIGNS, "[(None, None)] * len(b_eq) + [(None, 0)] * len(b_ub)"),
        "dual_program-bound", "First come the rows of A_ub",
    ),
    "equations lost": (
        "dual_program", DUAL.replace("np.vstack([A_ub, A_eq]).T",
        "np.vstack([A_ub, 0 * A_eq]).T"),
        "dual_program-columns", "it is not feasible in your dual",
    ),
    "the sign of inequalities turned in the columns": (
        "dual_program", DUAL.replace("np.vstack([A_ub, A_eq]).T", "np.vstack([-A_ub, A_eq]).T"),
        "", "it is not feasible in your dual",
    ),
    "the other convention": (
        "dual_program", DUAL.replace("np.vstack([A_ub, A_eq]).T", "np.vstack([-A_ub, A_eq]).T")
        .replace("-np.concatenate([b_ub, b_eq])", "-np.concatenate([-b_ub, b_eq])")
        .replace("(None, 0)", "(0, None)"),
        "dual_program-bound dual_program-signs", "Only the part of b_eq is right",
    ),
    # Part 3
    "the multipliers with the other sign": (
        "certify", PROOF.replace(f"best.x, {BEST}", f"best.x, -{BEST}"),
        "certify-optimal", "y has the opposite sign",
    ),
    "no multipliers": (
        "certify", PROOF.replace(f"best.x, {BEST}, None", "best.x, None, None"),
        "certify-optimal", "y is None, d is None: that belongs to none of the three cases",
    ),
    "only those of the inequalities": (
        "certify", PROOF.replace(BEST, "best.ineqlin.marginals"),
        "certify-optimal", "one multiplier for each row of A_ub, then one for each row of A_eq",
    ),
    "multipliers in the other order": (
        "certify", PROOF.replace(BEST,
        "np.concatenate([best.eqlin.marginals, best.ineqlin.marginals])"),
        "certify-optimal", "But what certify returns does not prove it",
    ),
    "any feasible point": (
        "certify", PROOF.replace("return best.x,", "return point.x,"),
        "certify-optimal", "the gap between them is not 0",
    ),
    "maximized": (
        "certify", PROOF.replace("best = linprog(c,", "best = linprog(-c,"),
        "certify-optimal certify-unbounded", "that claims that it",
    ),
    "the certificate of a feasible program": (
        "certify", PROOF.replace("return None, linprog(**dual).x, None",
        "return None, -linprog(**dual).x, None"),
        "certify-infeasible", "b @ y must be larger than all that (A.T @ y) @ x can reach",
    ),
    "no box, so no certificate": (
        "certify", PROOF.replace('        dual = {**dual, "bounds": [(-1, 0)] * len(b_ub) + '
        "[(-1, 1)] * len(b_eq)}\n", ""),
        "certify-infeasible", "x is None, y is None, d is None: that belongs to none",
    ),
    "the cost in the certificate": (
        "certify", PROOF.replace("dual_program(0 * c, *rows, free)\n",
        "dual_program(c, *rows, free)\n"),
        "certify-infeasible", "y is no certificate",
    ),
    "zeros as a certificate": (
        "certify", PROOF.replace("return None, linprog(**dual).x, None",
        "return None, np.zeros(len(b_ub) + len(b_eq)), None"),
        "certify-infeasible", "y = [-1.0, 0.5] is one. Does one of your conditions exclude it",
    ),
    "a certificate as if all were free": (
        "certify", PROOF.replace("*rows, free)\n        dual", "*rows, free | True)\n        dual"),
        "certify-infeasible", "y = [-1.0, 0.5] is one. Does one of your conditions exclude it",
    ),
    "a certificate as if none were free": (
        "certify", PROOF.replace("*rows, free)\n        dual",
        "*rows, free & False)\n        dual"),
        "certify-infeasible", "in the sum of the rows x[",
    ),
    "a certificate without positive entries": (
        "certify", PROOF.replace("(-1, 1)] * len(b_eq)}", "(-1, 0)] * len(b_eq)}"),
        "certify-infeasible", "y = [-1.0, 0.5] is one. Does one of your conditions exclude it",
    ),
    "a certificate for nothing": (
        "certify", PROOF.replace("linprog(**dual).x, None",
        'linprog(**{**dual, "c": 0 * dual["c"]}).x, None'),
        "certify-infeasible", "or does nothing ask for b @ y > 0?",
    ),
    "rounded": (
        "certify", PROOF.replace(f"return best.x, {BEST}",
        f"return best.x.round(4), {BEST}.round(4)"),
        "certify-optimal", "Was something rounded",
    ),
    "asked once, with the cost": (
        "certify", PROOF.replace("    if point.status == 2:", "    best = linprog(c, *rows, "
        "bounds=signs)\n    if best.status not in (0, 3):").replace("    best = linprog(c, *rows, "
        "bounds=signs)\n    if best.status == 0", "    if best.status == 0"),
        "certify-unbounded", "that claims that it has no feasible point",
    ),
    "a direction along the rows": (
        "certify", PROOF.replace("linprog(c, A_ub, 0 * b_ub, A_eq, 0 * b_eq",
        "linprog(c, None, None, np.vstack([A_ub, A_eq]), np.append(0 * b_ub, 0 * b_eq)"),
        "certify-unbounded", "d = [1.0, -1.0] is one. Does one of your conditions exclude it",
    ),
    "a status with the cost": (
        "certify", PROOF.replace("point = linprog(0 * c,", "point = linprog(c,"),
        "certify-unbounded", "certify",
    ),
    "infeasible taken for unbounded": (
        "certify", PROOF.replace("if point.status == 2:", "if False:"),
        "certify-infeasible", "d",
    ),
    "unbounded is not looked for": (
        "certify", PROOF.replace("if best.status == 0:", "if True:"),
        "certify-unbounded", "certify returns a triple in which",
    ),
    "a direction uphill": (
        "certify", PROOF.replace("linprog(c, A_ub, 0 * b_ub", "linprog(-c, A_ub, 0 * b_ub"),
        "certify-unbounded", "the cost does not fall",
    ),
    "the direction is a point": (
        "certify", PROOF.replace("A_ub, 0 * b_ub, A_eq, 0 * b_eq", "A_ub, b_ub, A_eq, b_eq"),
        "certify-unbounded", "certify",
    ),
    "a direction that ignores signs": (
        "certify", PROOF.replace("(-1 if f else 0, 1)", "(-1, 1)"),
        "certify-unbounded", "d is no direction in which the cost falls for ever",
    ),
    "free variables not free in the direction": (
        "certify", PROOF.replace("(-1 if f else 0, 1)", "(0, 1)"),
        "certify-unbounded", "d = [1.0, -1.0] is one. Does one of your conditions exclude it",
    ),
    "free variables not free": (
        "certify", PROOF.replace("(None if f else 0, None)", "(0, None)"),
        "certify-optimal certify-unbounded", "certify",
    ),
    "no point with the direction": (
        "certify", PROOF.replace("return point.x, None, linprog", "return None, None, linprog"),
        "certify-unbounded", "x is None, y is None, d has the shape (3,): that belongs to none",
    ),
    "everything at once": (
        "certify", PROOF.replace("return None, linprog(**dual).x, None",
        "return point.x, linprog(**dual).x, 0 * c"),
        "certify-infeasible", "belongs to none of the three cases",
    ),
    "a pair": (
        "certify", PROOF.replace(f"best.x, {BEST}, None", f"best.x, {BEST}"),
        "certify-optimal", "certify should return the triple x, y, d",
    ),
    "a tiny certificate": (
        "certify", PROOF.replace("return None, linprog(**dual).x, None",
        "return None, 1e-5 * linprog(**dual).x, None"),
        "certify-infeasible", "not between 0.001 and 1000",
    ),
    "b changed in place": (
        "certify", PROOF.replace("    box = ", "    b_ub *= 0\n    b_eq *= 0\n    box = "),
        "", "the caller's b_ub is different",
    ),
    "the library's simplex method": (
        "certify", "from coursekit import simplex\n" + PROOF.replace("    point =",
        "    simplex\n    point ="),
        ALL_PROOFS, "uses simplex of coursekit, which is not allowed",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "loops, and rows in place of bounds": {
        "battery_program": """
def battery_program(prices, efficiency, power, capacity, start, wear):
    T = len(prices)
    c, A_ub, b_ub, A_eq, b_eq = [0.0] * (3 * T), [], [], [], []
    for t in range(T):
        c[t], c[T + t] = float(prices[t]), float(wear - prices[t])
        line = [0.0] * (3 * T)
        line[t] = line[T + t] = 2
        A_ub.append(line)
        b_ub.append(2 * power)
        full = [0.0] * (3 * T)
        full[2 * T + t] = 1
        A_ub.append(full)
        b_ub.append(capacity)
        books = [0.0] * (3 * T)
        books[t], books[T + t], books[2 * T + t] = efficiency, -1, -1
        if t:
            books[2 * T + t - 1] = 1
        A_eq.append(books)
        b_eq.append(0 if t else -start)
    end = [0.0] * (3 * T)
    end[-1] = -1
    A_ub.append(end)
    b_ub.append(-start)
    return dict(c=c, A_ub=A_ub, b_ub=b_ub, A_eq=A_eq, b_eq=b_eq)
""",
        "dual_program": """
def dual_program(c, A_ub, b_ub, A_eq, b_eq, free):
    A = [*A_ub.tolist(), *A_eq.tolist()]
    rows, right = [], []
    for j in range(len(c)):
        column = [row[j] for row in A]
        rows.append(column)
        right.append(c[j])
        if free[j]:
            rows.append([-a for a in column])
            right.append(-c[j])
    for i in range(len(b_ub)):
        rows.append([float(i == k) for k in range(len(A))])
        right.append(0.0)
    return {"c": [-b for b in b_ub] + [-b for b in b_eq], "A_ub": rows, "b_ub": right,
            "bounds": (None, None)}
""",
        "certify": """
def certify(c, A_ub, b_ub, A_eq, b_eq, free):
    bounds = []
    for f in free:
        bounds.append((None, None) if f else (0, None))
    point = linprog([0] * len(c), A_ub, b_ub, A_eq, b_eq, bounds)
    if not point.success:
        k, m, n = len(b_ub), len(b_eq), len(c)
        A, b = np.vstack([A_ub, A_eq]), np.append(b_ub, b_eq)
        # The least that must be added to the rows
        cost = np.append(np.zeros(n), np.ones(k + 2 * m))
        run = linprog(
            cost, np.hstack([A_ub, -np.eye(k), np.zeros((k, 2 * m))]), b_ub,
            np.hstack([A_eq, np.zeros((m, k)), np.eye(m), -np.eye(m)]), b_eq,
            bounds + [(0, None)] * (k + 2 * m))
        return [None, [*run.ineqlin.marginals, *run.eqlin.marginals], None]
    run = linprog(c, A_ub, b_ub, A_eq, b_eq, bounds)
    if run.success:
        return [run.x.tolist(), [*run.ineqlin.marginals, *run.eqlin.marginals], None]
    # Fall by exactly 1
    ray = linprog([abs(0.0)] * len(c), A_ub, 0 * b_ub, np.vstack([A_eq, c]),
                  np.append(0 * b_eq, -1), bounds)
    return [point.x.tolist(), None, ray.x.tolist()]
""",
    },
    "blocks by kron": {
        "battery_program": """
def battery_program(prices, efficiency, power, capacity, start, wear):
    T = len(prices)
    books = np.kron([[efficiency, -1.0, 0.0]], np.eye(T))
    books[:, 2 * T :] = np.diag(np.ones(T - 1), -1) - np.eye(T)
    low, high = np.zeros(3 * T), np.repeat([power, power, capacity], T)
    low[-1] = start
    return {"c": np.r_[prices, wear - prices, 0 * prices], "bounds": np.c_[low, high],
            "A_ub": np.kron([[1, 1, 0]], np.eye(T)), "b_ub": power * np.ones(T),
            "A_eq": books, "b_eq": -start * np.eye(T)[0]}
""",
    },
    "levels from the sums": {
        "battery_program": """
def battery_program(prices, efficiency, power, capacity, start, wear):
    T = len(prices)
    so_far = np.tril(np.ones((T, T)))
    last = np.zeros(3 * T)
    last[-1] = -1
    return dict(
        c=np.hstack((prices, wear - prices, np.zeros(T))),
        A_eq=np.hstack((efficiency * so_far, -so_far, -np.eye(T))), b_eq=np.full(T, -start),
        A_ub=np.vstack((np.hstack((np.eye(T), np.eye(T), np.zeros((T, T)))), last)),
        b_ub=np.append(np.full(T, power), -start),
        bounds=[(0, None)] * (2 * T) + [(0, capacity)] * T)
""",
    },
    "equations as two inequalities": {
        "battery_program": BATTERY.replace("    return {", "    made = {") + """
    A, b = made.pop("A_eq"), made.pop("b_eq")
    made["A_ub"] = np.vstack([made["A_ub"], A, -A])
    made["b_ub"] = np.concatenate([made["b_ub"], b, -b])
    return made
""",
    },
    "masks as numbers, multipliers of linprog": {
        "dual_program": """
def dual_program(c, A_ub, b_ub, A_eq, b_eq, free):
    is_free, signed = np.flatnonzero(free), np.flatnonzero(np.logical_not(free))
    upper = np.append(np.zeros(len(b_ub)), np.full(len(b_eq), np.inf))
    A = np.concatenate((A_ub, A_eq), axis=0)
    program = {"c": -np.append(b_ub, b_eq), "bounds": np.stack([-np.inf + 0 * upper - 1, upper], 1)}
    if len(is_free):
        program["A_eq"], program["b_eq"] = A[:, is_free].T, c[is_free]
    if len(signed):
        program["A_ub"], program["b_ub"] = A[:, signed].T, c[signed]
    return program
""".replace("-np.inf + 0 * upper - 1", "np.full(len(A), -np.inf)"),
        "certify": PROOF.replace(BEST,
        "np.append(best.ineqlin.marginals, best.ineqlin.marginals[:0].tolist() + "
        "best.eqlin.marginals.tolist())"),
    },
    "the boxed dual decides": {
        "certify": """
def certify(c, A_ub, b_ub, A_eq, b_eq, free):
    A, b, k = np.vstack([A_ub, A_eq]), np.append(b_ub, b_eq), len(b_ub)
    box = [(-1 if i >= k else -1, 1 if i >= k else 0) for i in range(len(b))]
    low = np.where(free, -np.inf, 0)
    y = linprog(-b, A.T[~free], 0 * c[~free], A.T[free], 0 * c[free], box)
    if y.fun < -1e-7:
        return None, y.x, None
    d = linprog(c, A_ub, 0 * b_ub, A_eq, 0 * b_eq, np.c_[np.maximum(low, -1), np.ones(len(c))])
    x = linprog(c * (d.fun > -1e-7), A_ub, b_ub, A_eq, b_eq, np.c_[low, np.full(len(c), np.inf)])
    if d.fun < -1e-7:
        return x.x, None, d.x
    return x.x, np.append(x.ineqlin.marginals, x.eqlin.marginals), None
""",
    },
    "a class": {
        "certify": """
class Prover:
    def __init__(self, c, A_ub, b_ub, A_eq, b_eq, free):
        self.rows, self.c, self.free = (A_ub, b_ub, A_eq, b_eq), c, free
        self.signs = [(None, None) if f else (0, None) for f in free]

    def solve(self, cost):
        return linprog(cost, *self.rows, bounds=self.signs)

    def certificate(self):
        k, m = len(self.rows[1]), len(self.rows[3])
        other = dual_program(np.zeros(len(self.c)), *self.rows, self.free)
        other["bounds"] = [(-10, 0)] * k + [(-10, 10)] * m
        return linprog(**other).x

    def direction(self):
        A_ub, b_ub, A_eq, b_eq = self.rows
        box = [(-5, 5) if f else (0, 5) for f in self.free]
        return linprog(self.c, A_ub, np.zeros_like(b_ub), A_eq, np.zeros_like(b_eq), box).x


def certify(c, A_ub, b_ub, A_eq, b_eq, free):
    prover = Prover(c, A_ub, b_ub, A_eq, b_eq, free)
    if prover.solve(0 * c).status == 2:
        return None, prover.certificate(), None
    run = prover.solve(c)
    if run.status:
        return run.x if run.x is not None else prover.solve(0 * c).x, None, prover.direction()
    return run.x, np.r_[run.ineqlin.marginals, run.eqlin.marginals], None
""",
    },
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "a dual with the bounds of linprog": (
        {"dual_program": DUAL.replace(f'        "bounds": {SIGNS},\n', "")}, "dual_program-signs",
    ),
    "a dual with the wrong cost": (
        {"dual_program": DUAL.replace("-np.concatenate", "np.concatenate")}, "dual_program-bound",
    ),
    "a dual with inequalities for all": (
        {"dual_program": DUAL.replace('"A_eq": columns[free]', '"A_eq": columns[:0]')
         .replace('"b_eq": c[free]', '"b_eq": c[:0]').replace("[~free]", "")},
        "dual_program-columns",
    ),
    "no dual": (
        {"dual_program": "def dual_program(*arguments): raise NotImplementedError"}, ALL_DUAL,
    ),
    "no battery": (
        {"battery_program": "def battery_program(*arguments): raise NotImplementedError"},
        ALL_BATTERY,
    ),
}  # fmt: skip
