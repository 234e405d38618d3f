"""Wrong answers to the homework on floating-point numbers, and what each of them costs."""

DECODE = """
def decode(pattern, exponent_bits, fraction_bits):
    pattern = np.asarray(pattern)
    fraction = pattern % 2**fraction_bits / 2**fraction_bits
    exponent = pattern // 2**fraction_bits % 2**exponent_bits
    sign = 1.0 - 2.0 * (pattern // 2 ** (exponent_bits + fraction_bits))
    bias = 2 ** (exponent_bits - 1) - 1
    small, normal = 2.0 ** (1 - bias) * fraction, 2.0 ** (exponent - bias) * (1 + fraction)
    special = np.where(fraction == 0, np.inf, np.nan)
    size = np.where(exponent == 0, small, normal)
    return sign * np.where(exponent == 2**exponent_bits - 1, special, size)
"""
WITH_IF = """
def decode(pattern, exponent_bits, fraction_bits):
    fraction = pattern % 2**fraction_bits / 2**fraction_bits
    exponent = pattern // 2**fraction_bits % 2**exponent_bits
    sign = -1.0 if pattern >= 2 ** (exponent_bits + fraction_bits) else 1.0
    bias = 2 ** (exponent_bits - 1) - 1
    if exponent == 0:
        return sign * 2.0 ** (1 - bias) * fraction
    if exponent == 2**exponent_bits - 1:
        return sign * np.inf if fraction == 0 else np.nan
    return sign * 2.0 ** (exponent - bias) * (1 + fraction)
"""
RUNNING_SUM = """
def running_sum(x):
    total = np.zeros_like(x[..., 0])
    lost = np.zeros_like(total)
    sums = np.empty_like(x)
    for k in range(x.shape[-1]):
        term = x[..., k]
        new = total + term
        part = new - total
        lost = lost + ((total - (new - part)) + (term - part))
        total = new
        sums[..., k] = total + lost
    return sums
"""
ERROR = "(total - (new - part)) + (term - part)"
KAHAN = """
def running_sum(x):
    total = np.zeros_like(x[..., 0])
    lost = np.zeros_like(total)
    sums = np.empty_like(x)
    for k in range(x.shape[-1]):
        term = x[..., k] - lost
        new = total + term
        lost = (new - total) - term
        total = new
        sums[..., k] = total
    return sums
"""
FOLDED_BACK = """
def running_sum(x):
    total = np.zeros_like(x[..., 0])
    sums = np.empty_like(x)
    for k in range(x.shape[-1]):
        term = x[..., k]
        new = total + term
        part = new - total
        total = new + ((total - (new - part)) + (term - part))
        sums[..., k] = total
    return sums
"""
ONE_DECISION = """
def running_sum(x):
    total = np.zeros_like(x[..., 0])
    lost = np.zeros_like(total)
    sums = np.empty_like(x)
    for k in range(x.shape[-1]):
        term = x[..., k]
        new = total + term
        if np.abs(total).max() >= np.abs(term).max():
            lost = lost + ((total - new) + term)
        else:
            lost = lost + ((term - new) + total)
        total = new
        sums[..., k] = total + lost
    return sums
"""
ONE_SEQUENCE = """
def running_sum(x):
    total, lost, sums = x.dtype.type(0), x.dtype.type(0), []
    for term in x:
        new = total + term
        if abs(total) >= abs(term):
            lost = lost + ((total - new) + term)
        else:
            lost = lost + ((term - new) + total)
        total = new
        sums.append(total + lost)
    return np.array(sums)
"""
FSUM = """
import math

def running_sum(x):
    if x.ndim > 1:
        return np.array([running_sum(row) for row in x])
    return np.array([math.fsum(x[: k + 1]) for k in range(len(x))], x.dtype)
"""
LEG = "def leg(c, a):\n    return np.sqrt(c - a) * np.sqrt(c + a)\n"

ALL_DECODE = "decode-normal decode-small decode-special"
ALL_SUMS = "running_sum-values running_sum-digits running_sum-order running_sum-batches"
LONG = "running_sum-digits running_sum-order"
ALL_LEGS = "leg-values leg-digits leg-extremes"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "float32 summed in float64": (
        "running_sum", RUNNING_SUM.replace("    total = ", "    if x.dtype == np.float32:\n"
        "        return np.float32(np.cumsum(np.float64(x), axis=-1))\n    total = ", 1),
        "running_sum-order", "In float32, for 3e30, then 200 times 1.25",
    ),
    "the bias one too large": (
        "decode", DECODE.replace("(exponent_bits - 1) - 1", "(exponent_bits - 1)"),
        "decode-normal decode-small", "half of what they should be: look at the bias",
    ),
    "no bias": (
        "decode", DECODE.replace("2.0 ** (exponent - bias)", "2.0 ** exponent"),
        "decode-normal", "are those of the exponent without the bias",
    ),
    "no hidden 1": (
        "decode", DECODE.replace("(1 + fraction)", "fraction"),
        "decode-normal", "lack the 1 before the fraction",
    ),
    "no sign": (
        "decode", DECODE.replace("sign * np", "np"),
        "decode-normal decode-small decode-special", "have no sign",
    ),
    "the opposite sign": (
        "decode", DECODE.replace("sign * np", "-sign * np"),
        "decode-normal decode-small decode-special", "have the opposite sign",
    ),
    "the fraction as a whole number": (
        "decode", DECODE.replace(" / 2**fraction_bits", ""),
        "decode-normal decode-small", "use f itself, not f / 2^F",
    ),
    "exponent and fraction exchanged": (
        "decode", DECODE.replace("    pattern = np.asarray(pattern)\n", """
    whole = np.asarray(pattern)
    sign = whole // 2 ** (exponent_bits + fraction_bits)
    first = whole // 2**exponent_bits % 2**fraction_bits
    last = whole % 2**exponent_bits
    pattern = (sign * 2**exponent_bits + last) * 2**fraction_bits + first
"""),
        ALL_DECODE, "take the exponent from the last bits",
    ),
    "the bias of one format": (
        "decode", DECODE.replace("2 ** (exponent_bits - 1) - 1", "3"),
        "decode-normal decode-small",
        "right if the exponent has 3 bits, and wrong if it has 2 or 4",
    ),
    "fractions of two bits only": (
        "decode", DECODE.replace("% 2**fraction_bits / 2**fraction_bits",
                                 "% 2**fraction_bits / 4"),
        "decode-normal decode-small",
        "right if the fraction has 2 bits, and wrong if it has 3 or 4",
    ),
    "the sign as part of the exponent": (
        "decode", DECODE.replace(" % 2**exponent_bits", ""),
        "decode-normal decode-small decode-special",
        "Its sign is right, its power of two is wrong, its factor between 1 and 2 is right",
    ),
    "the bits of the fraction below the first one ignored": (
        "decode", DECODE.replace("% 2**fraction_bits / 2**fraction_bits",
                                 "// 2 ** (fraction_bits - 1) % 2 / 2"),
        "decode-normal decode-small decode-special",
        "Its sign is right, its power of two is right, its factor between 1 and 2 is wrong",
    ),
    "subnormal numbers like normal ones": (
        "decode", DECODE.replace("size = np.where(exponent == 0, small, normal)", "size = normal"),
        "decode-small", "are treated like normal ones",
    ),
    "subnormal numbers with the exponent -B": (
        "decode", DECODE.replace("2.0 ** (1 - bias)", "2.0 ** (-bias)"),
        "decode-small", "half of what they should be",
    ),
    "subnormal numbers with the hidden 1": (
        "decode", DECODE.replace("(1 - bias) * fraction", "(1 - bias) * (1 + fraction)"),
        "decode-small", "computed with the 1 before the fraction",
    ),
    "no subnormal numbers": (
        "decode", DECODE.replace("(1 - bias) * fraction", "(1 - bias) * 0"),
        "decode-small", "taken for zero",
    ),
    "zero only if the pattern is 0": (
        "decode", DECODE.replace("size = np.where(exponent == 0, small, normal)",
                                 "size = np.where(pattern == 0, 0, normal)"),
        "decode-small", "are treated like normal ones",
    ),
    "nothing special": (
        "decode", DECODE.replace("np.where(exponent == 2**exponent_bits - 1, special, size)",
                                 "size"),
        "decode-special", "Is it computed like a normal number?",
    ),
    "infinity for NaN": (
        "decode", DECODE.replace("np.where(fraction == 0, np.inf, np.nan)", "np.inf"),
        "decode-special", "is NaN; yours is inf",
    ),
    "NaN for infinity": (
        "decode", DECODE.replace("np.where(fraction == 0, np.inf, np.nan)", "np.nan"),
        "decode-special", "What tells infinite from NaN?",
    ),
    "infinite without a sign": (
        "decode", DECODE.replace("sign * np", "np")
        .replace("special, size", "special, sign * size"),
        "decode-special", "is -inf; yours is inf. Which sign?",
    ),
    "the largest numbers infinite": (
        "decode", DECODE.replace("exponent == 2**exponent_bits - 1",
                                 "exponent >= 2**exponent_bits - 2"),
        "decode-normal", "is a normal number; yours is nan",
    ),
    "one pattern only": (
        "decode", WITH_IF, "decode-arrays",
        "Try: an if looks at one number",
    ),
    "decoded in single precision": (
        "decode", DECODE.replace("np.asarray(pattern)", "np.float32(pattern)"),
        ALL_DECODE, "Is something rounded",
    ),
    "pattern overwritten": (
        "decode", DECODE.replace(
            "    bias", "    pattern %= 2 ** (exponent_bits + fraction_bits)\n    bias"),
        "", "decode changes its input",
    ),
    "decoded, not returned": (
        "decode", DECODE.replace("return sign", "sign"),
        "decode-normal decode-small decode-special decode-arrays",
        "decode returns nothing (None).",
    ),
    "plain sums": (
        "running_sum", "def running_sum(x):\n    return np.cumsum(x, axis=-1)",
        LONG, "every partial sum is 4096: each small term is rounded away",
    ),
    "sums in double precision": (
        "running_sum",
        "def running_sum(x):\n    return np.cumsum(x, axis=-1, dtype=np.float64).astype(x.dtype)",
        LONG, "Is a wider type used?",
    ),
    "exact sums by fsum": (
        "running_sum", FSUM, ALL_SUMS, "running_sum uses math, which is not allowed in this part",
    ),
    "the library's two_sum": (
        "running_sum", "from coursekit.numbers.summation import two_sum\n" + RUNNING_SUM.replace(
            "        part = new - total\n", "").replace("lost + (" + ERROR + ")",
                                                     "lost + two_sum(total, term)[1]"),
        ALL_SUMS, "running_sum uses two_sum of coursekit, which is not allowed in this part",
    ),
    "Kahan's sum": (
        "running_sum", KAHAN, LONG, "Which rounding error is not in c, or is itself rounded",
    ),
    "folded back into the sum": (
        "running_sum", FOLDED_BACK, LONG, "every partial sum is 4096",
    ),
    "exact only if the sum is larger": (
        "running_sum", RUNNING_SUM.replace(ERROR, "(total - new) + term"),
        "running_sum-order", "exact also where the term is larger than the sum?",
    ),
    "exact only if the term is larger": (
        "running_sum", RUNNING_SUM.replace(ERROR, "(term - new) + total"),
        LONG, "every partial sum is 4096",
    ),
    "half of the rounding error": (
        "running_sum", RUNNING_SUM.replace(ERROR, "total - (new - part)"),
        LONG, "every partial sum is 4096",
    ),
    "the sizes of the rounding errors": (
        "running_sum", RUNNING_SUM.replace("(" + ERROR + ")", "np.abs(" + ERROR + ")"),
        LONG, "or has lost its sign?",
    ),
    "the wrong sign": (
        "running_sum", RUNNING_SUM.replace("total + lost", "total - lost"),
        LONG, "made good with the wrong sign",
    ),
    "only the last rounding error": (
        "running_sum", RUNNING_SUM.replace("lost + (" + ERROR + ")", ERROR),
        LONG, "what has been rounded away does not reach your result",
    ),
    "collected and not added": (
        "running_sum", RUNNING_SUM.replace("total + lost", "total"),
        LONG, "does not reach your result",
    ),
    "added in the end only": (
        "running_sum", RUNNING_SUM.replace("total + lost", "total")
        .replace("return sums", "sums[..., -1] += lost\n    return sums"),
        "running_sum-digits", "Six digits are asked for",
    ),
    "one decision for the whole batch": (
        "running_sum", ONE_DECISION, "running_sum-batches", "Is one decision made for all of them?",
    ),
    "one sequence only": (
        "running_sum", ONE_SEQUENCE, "running_sum-batches",
        "Try: an if looks at one number",
    ),
    "along the first axis": (
        "running_sum", RUNNING_SUM.replace("x[..., 0]", "x[0]").replace("x[..., k]", "x[k]")
        .replace("sums[..., k]", "sums[k]").replace("shape[-1]", "shape[0]"),
        "running_sum-batches", "run along axis 0, not along the last one",
    ),
    "the whole sum": (
        "running_sum", RUNNING_SUM.replace("return sums", "return sums[..., -1]"),
        ALL_SUMS, "running_sum returns the whole sum",
    ),
    "a leading zero": (
        "running_sum", RUNNING_SUM.replace(
            "return sums", "return np.concatenate([0 * sums[..., :1], sums], axis=-1)"),
        ALL_SUMS, "From 5 terms running_sum makes 6 sums",
    ),
    "before each term": (
        "running_sum", RUNNING_SUM.replace(
            "return sums", "return np.concatenate([0 * sums[..., :1], sums[..., :-1]], axis=-1)"),
        "running_sum-values running_sum-digits running_sum-order",
        "the sums of the terms before each one",
    ),
    "sorted by size first": (
        "running_sum", RUNNING_SUM.replace("    total = np.zeros", "    x = np.sort(x, axis=-1)\n"
                                           "    total = np.zeros", 1),
        "running_sum-values running_sum-digits", "partial sums of the sorted terms",
    ),
    "always in single precision": (
        "running_sum", RUNNING_SUM.replace("    total = np.zeros", "    x = np.float32(x)\n"
                                           "    total = np.zeros", 1),
        "running_sum-digits", "has the type float32",
    ),
    "x overwritten by its sums": (
        "running_sum", RUNNING_SUM.replace("np.empty_like(x)", "x"),
        "", "running_sum changes its input",
    ),
    "the formula as it stands": (
        "leg", "def leg(c, a):\n    return np.sqrt(c**2 - a**2)",
        "leg-digits leg-extremes", "which step rounds before the subtraction?",
    ),
    "the product under one root": (
        "leg", "def leg(c, a):\n    return np.sqrt((c - a) * (c + a))",
        "leg-extremes", "A number on the way is too large for float64",
    ),
    "scaled by the hypotenuse": (
        "leg", "def leg(c, a):\n    return c * np.sqrt(1 - (a / np.where(c, c, 1)) ** 2)",
        "leg-digits", "which step rounds before the subtraction?",
    ),
    "a product, scaled by the hypotenuse": (
        "leg", "def leg(c, a):\n    q = a / np.where(c, c, 1)\n"
        "    return c * np.sqrt(1 - q) * np.sqrt(1 + q)",
        "leg-digits", "which step rounds before the subtraction?",
    ),
    "divided by zero": (
        "leg", "def leg(c, a):\n    return c * np.sqrt((c - a) / c) * np.sqrt((c + a) / c)",
        "leg-extremes", "leg(0, 0) should be 0; yours is nan. Is something divided by 0?",
    ),
    "by the difference": (
        "leg", "def leg(c, a):\n    return (c - a) * np.sqrt((c + a) / (c - a))",
        "leg-extremes", "should be 0; yours is nan. Is something divided by 0?",
    ),
    "right for positive a only": (
        "leg", "def leg(c, a):\n    return np.sqrt(c - a) * np.sqrt(c + np.abs(a))",
        ALL_LEGS, "For c = 13, a = -5 the other leg is 12; yours is 18. It is right wherever a is",
    ),
    "squares added": (
        "leg", "def leg(c, a):\n    return np.hypot(c, a)",
        ALL_LEGS, "is the hypotenuse of the legs c and a",
    ),
    "no root": (
        "leg", "def leg(c, a):\n    return (c - a) * (c + a)", ALL_LEGS, "has no square root",
    ),
    "one root": (
        "leg", "def leg(c, a):\n    return np.sqrt(c - a)", ALL_LEGS, "is the root of c - a",
    ),
    "c and a exchanged": (
        "leg", "def leg(c, a):\n    return np.sqrt(a - c) * np.sqrt(a + c)",
        "leg-values leg-digits leg-extremes", "is what stands under the root negative?",
    ),
    "the root of each": (
        "leg", "def leg(c, a):\n    return np.sqrt(c * c) - np.sqrt(a * a)",
        ALL_LEGS, "is the difference of c and |a|",
    ),
    "by Python's root": (
        "leg", "import math\n\ndef leg(c, a):\n    return math.sqrt(c - a) * math.sqrt(c + a)",
        "leg-arrays", "leg raises",
    ),
    "in single precision": (
        "leg", LEG.replace("return ", "c, a = np.float32(c), np.float32(a)\n    return "),
        "leg-values leg-digits leg-extremes",
        "What leg returns for two numbers has the type float32",
    ),
    "one decision for all triangles": (
        "leg", "def leg(c, a):\n    if np.max(np.abs(a)) > 0.9 * np.max(c):\n"
        "        return np.sqrt(c - a) * np.sqrt(c + a)\n    s = np.max(c) or 1.0\n"
        "    return s * np.sqrt((c / s) ** 2 - (a / s) ** 2)",
        "leg-arrays", "is one decision made for all of them?",
    ),
    "c overwritten": (
        "leg", "def leg(c, a):\n    d = c + a\n    c -= a\n    return np.sqrt(c) * np.sqrt(d)",
        "", "leg changes its input",
    ),
    "an infinity decides for all": (
        "decode", DECODE.replace("    return", "    if np.any(exponent == 2**exponent_bits - 1):\n"
        "        return sign * np.where(fraction == 0, np.inf, np.nan)\n    return", 1),
        "decode-arrays", "but not for their array",
    ),
    "a leg of 0 decides for all": (
        "leg", "def leg(c, a):\n    if np.any(c == np.abs(a)):\n        return 0 * c\n"
        "    return np.sqrt(c - a) * np.sqrt(c + a)",
        "leg-arrays", "is one decision made for all of them?",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "strings, lists and loops": {
        "decode": """
def decode(pattern, exponent_bits, fraction_bits):
    if np.ndim(pattern):
        return [decode(p, exponent_bits, fraction_bits) for p in pattern]
    bits = format(int(pattern), "b").zfill(1 + exponent_bits + fraction_bits)
    sign = -1.0 if bits[0] == "1" else 1.0
    e, f = int(bits[1 : 1 + exponent_bits], 2), int(bits[1 + exponent_bits :], 2)
    if "0" not in bits[1 : 1 + exponent_bits]:
        return float("nan") if f else sign * float("inf")
    value = f / 2.0**fraction_bits + (e > 0)
    return sign * value * 2.0 ** (max(e, 1) - 2 ** (exponent_bits - 1) + 1)
""",
        "running_sum": """
def running_sum(x):
    if x.ndim > 1:
        return [running_sum(row) for row in x]
    total = lost = x.dtype.type(0)
    sums = []
    for term in x:
        big, small = (total, term) if abs(total) >= abs(term) else (term, total)
        total = big + small
        lost += small - (total - big)
        sums.append(total + lost)
    return sums
""",
        "leg": """
def leg(c, a):
    if np.ndim(c):
        return [leg(*pair) for pair in zip(c, a)]
    return float(c - a) ** 0.5 * float(c + a) ** 0.5
""",
    },
    "shifts, masks and ldexp": {
        "decode": """
def decode(pattern, exponent_bits, fraction_bits):
    f = np.bitwise_and(pattern, (1 << fraction_bits) - 1)
    e = np.right_shift(pattern, fraction_bits) & ((1 << exponent_bits) - 1)
    negative = np.right_shift(pattern, exponent_bits + fraction_bits) & 1
    bias = (1 << (exponent_bits - 1)) - 1
    whole = np.where(e > 0, f + (1 << fraction_bits), f)
    value = np.ldexp(whole * 1.0, np.maximum(e, 1) - bias - fraction_bits)
    value = np.where(e == (1 << exponent_bits) - 1, np.where(f > 0, np.nan, np.inf), value)
    return np.where(negative, -value, value)
""",
    },
    "by where and larger size": {
        "running_sum": """
def running_sum(x):
    s, c, out = x[..., 0], 0 * x[..., 0], [x[..., 0]]
    for b in np.moveaxis(x, -1, 0)[1:]:
        t = s + b
        c = c + np.where(abs(s) >= abs(b), (s - t) + b, (b - t) + s)
        s = t
        out.append(s + c)
    return np.stack(out, axis=-1)
""",
        "leg": """
def leg(c, a):
    scale = 2.0 ** np.floor(np.log2(np.where(np.equal(c, 0), 1.0, c)))
    return scale * np.sqrt((c / scale - a / scale) * (c / scale + a / scale))
""",
    },
    "a class that keeps the sum": {
        "running_sum": """
class Sum:
    def __init__(self, like):
        self.high, self.low = 0 * like, 0 * like

    def add(self, term):
        high = self.high + term
        back = high - term
        self.low = self.low + ((self.high - back) + (term - (high - back)))
        self.high = high
        return self.high + self.low

def running_sum(x):
    total = Sum(x[..., 0])
    return np.stack([total.add(x[..., k]) for k in range(x.shape[-1])], axis=-1)
""",
    },
    "a sum of two numbers, renormalized": {
        "running_sum": """
def two_sum(a, b):
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)

def running_sum(x):
    high = low = np.zeros(x.shape[:-1], x.dtype)
    sums = np.zeros(x.shape, x.dtype)
    for k in range(x.shape[-1]):
        high, error = two_sum(high, x[..., k])
        high, low = two_sum(high, low + error)
        sums[..., k] = high
    return sums
""",
    },
    "recursion over the axes": {
        "running_sum": """
def running_sum(x, total=0, lost=0):
    if x.ndim > 1:
        return np.array([running_sum(part) for part in x])
    sums = np.array(x)
    total, lost = x[0] * 0, x[0] * 0
    for k, term in enumerate(x):
        new = total + term
        lost = lost + ((total - new) + term if abs(total) > abs(term) else (term - new) + total)
        total = new
        sums[k] = new + lost
    return sums
""",
        "leg": "def leg(c, a):\n    a = np.abs(a)\n    return (c - a) ** 0.5 * (c + a) ** 0.5\n",
    },
    "the larger factor first": {
        "leg": """
def leg(c, a):
    near, far = c - np.abs(a), c + np.abs(a)
    return far * np.sqrt(near / np.where(far == 0, 1, far))
""",
    },
}  # fmt: skip
