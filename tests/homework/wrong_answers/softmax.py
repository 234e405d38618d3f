"""Wrong answers to the homework on softmax, and what each of them costs."""


def body(name, arguments, *lines):
    return f"def {name}({arguments}):\n" + "".join(f"    {line}\n" for line in lines)


def softmax(exponent, total="e.sum(axis=axis, keepdims=True)", x="x if mask is None else ALLOWED"):
    lines = [f"x = {x}", f"e = np.exp({exponent})", f"total = {total}"]
    return softmax_of(*lines, "return e / np.where(total == 0, 1, total)")


def softmax_of(*lines):
    return body("softmax", "x, axis=-1, mask=None", *lines).replace("ALLOWED", ALLOWED)


def masked(*lines):
    return softmax_of("mask = True if mask is None else mask", *lines)


def logsumexp(m, result):
    return body("logsumexp", "x, axis=-1", f"m = {m}", f"return {result}")


def loss(*lines):
    return body("cross_entropy", "logits, labels, smoothing=0.0", *lines)


def gradient(*lines):
    return body("cross_entropy_grad", "logits, labels, smoothing=0.0", *lines)


ALLOWED = "np.where(mask, x, -np.inf)"
MAX = "np.nan_to_num(x.max(axis=axis, keepdims=True))"  # -inf where nothing is allowed
E = f"e = np.exp(x - {MAX})"
P = "p = e / e.sum(axis=axis, keepdims=True)"
SUM = "np.log(np.exp(x - m).sum(axis=axis))"
TARGET = [
    "n = logits.shape[-1]",
    "is_label = np.arange(n) == np.asarray(labels)[..., None]",
    "q = (1 - smoothing) * is_label + smoothing / n",
]
PROBABILITIES = [
    "e = np.exp(logits - logits.max(axis=-1, keepdims=True))",
    "p = e / e.sum(axis=-1, keepdims=True)",
    *TARGET,
]
LOSS = [
    "z = logits - logits.max(axis=-1, keepdims=True)",
    "s = np.log(np.exp(z).sum(axis=-1))",
    *TARGET,
]
VALUES = "cross_entropy-values cross_entropy-batches cross_entropy-extremes cross_entropy-smoothing"
GRADIENTS = "cross_entropy_grad-values cross_entropy_grad-batches cross_entropy_grad-smoothing"

WRONG = {  # description: cell, answer, tests that lose their points, what the check says
    "the formula as printed": (
        "softmax", softmax("x"), "softmax-extremes softmax-mask",
        "softmax: not finite.\n  softmax([1000, 1000])",
    ),
    "the maximum of everything": (
        "softmax", softmax("x - x.max()"), "softmax-extremes softmax-mask",
        "for a batch, but right without one.\n  softmax([[0, 0], [1000, 1000]])",
    ),
    "the maximum added": (
        "softmax", softmax(f"x + {MAX}"), "softmax-extremes softmax-mask", "softmax: not finite",
    ),
    "the mean subtracted": (
        "softmax", softmax("x - x.mean(axis=axis, keepdims=True)"), "softmax-extremes softmax-mask",
        "is the mask used?",
    ),
    "exponents clipped": (
        "softmax", softmax("np.clip(x, -700, 700)"), "softmax-extremes softmax-mask",
        "not finite.\n  softmax(float32([100, 100]))",
    ),
    "the sum of everything": (
        "softmax", softmax(f"x - {MAX}", "e.sum()"), "softmax-axis softmax-extremes softmax-mask",
        "for a batch, but right without one",
    ),
    "always the last axis": (
        "softmax", softmax("x - x.max(axis=-1, keepdims=True)", "e.sum(axis=-1, keepdims=True)"),
        "softmax-axis softmax-mask", "], 0), entry [",
    ),
    "the axis not kept": (
        "softmax", softmax(f"x - {MAX}", "e.sum(axis=axis)"), "softmax-axis softmax-mask",
        "wrong in 2 of 4 cases",
    ),
    "divided by the sum of x": (
        "softmax", softmax(f"x - {MAX}", "x.sum(axis=axis, keepdims=True)"),
        "softmax-values softmax-axis softmax-extremes softmax-mask",
        "0.6949 times the expected value here",
    ),
    "the logarithm of softmax": (
        "softmax", softmax_of("x = x if mask is None else ALLOWED", f"z = x - {MAX}",
                        "return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))"),
        "softmax-values softmax-axis softmax-extremes softmax-mask",
        "the logarithm of the expected value",
    ),
    "the mask forgotten": (
        "softmax", softmax(f"x - {MAX}", x="x"), "softmax-mask", "is the mask used?",
    ),
    "the mask the wrong way round": (
        "softmax", softmax(f"x - {MAX}", x="x if mask is None else np.where(mask, -np.inf, x)"),
        "softmax-mask", "is the mask used?",
    ),
    "logits times mask": (
        "softmax", masked("x = x * mask", E, P, "return p"), "softmax-mask", "is the mask used?",
    ),
    "-1e9 behind the mask": (
        "softmax", masked("x = np.where(mask, x, -1e9)", E, P, "return p"),
        "softmax-mask", "nothing is allowed: 0 everywhere, yours [0.5 0.5]",
    ),
    "-1e9 behind the mask, and zeroed afterwards": (
        "softmax", masked("x = np.where(mask, x, -1e9)", E, P, "return np.where(mask, p, 0)"),
        "softmax-mask", None,
    ),
    "-1e9 added behind the mask": (
        "softmax", masked("x = x + np.where(mask, 0, -1e9)", E, P, "return p"),
        "softmax-mask", "A logit of inf behind the mask spoils the answer",
    ),
    "the mask applied after normalizing": (
        "softmax", masked(E, P, "return p * mask"), "softmax-mask",
        "The two allowed entries should sum to 1",
    ),
    "zeroed after normalizing": (
        "softmax", masked(E, P, "return np.where(mask, p, 0)"), "softmax-mask",
        "The two allowed entries should sum to 1",
    ),
    "the mask applied after the exponential": (
        "softmax", masked(E, "e = np.where(mask, e, 0)", P, "return p"), "softmax-mask",
        "A logit of 1000.0 behind the mask spoils the answer",
    ),
    "exponentials times mask": (
        "softmax", masked(E, "e = e * mask", P, "return p"), "softmax-mask",
        "A logit of 1000.0 behind the mask spoils the answer",
    ),
    "nothing allowed gives nan": (
        "softmax", masked(f"x = {ALLOWED}", "e = np.exp(x - x.max(axis=axis, keepdims=True))",
                          P, "return p"),
        "softmax-mask", "nothing is allowed: 0 everywhere, yours [nan nan]",
    ),
    "the array of the caller masked": (
        "softmax", softmax_of("if mask is not None: x[~np.broadcast_to(mask, x.shape)] = -np.inf",
                              E, "s = e.sum(axis=axis, keepdims=True)",
                              "return e / np.where(s == 0, 1, s)"),
        "softmax-mask", "softmax changes its input",
    ),
    "logsumexp as printed": (
        "logsumexp", logsumexp("0", SUM), "logsumexp-extremes",
        "logsumexp: not finite.\n  logsumexp([1000, 1000])",
    ),
    "the maximum forgotten afterwards": (
        "logsumexp", logsumexp(MAX, SUM),
        "logsumexp-values logsumexp-axis logsumexp-extremes", "logsumexp",
    ),
    "the logarithm forgotten": (
        "logsumexp", logsumexp("0", "np.exp(x - m).sum(axis=axis)"),
        "logsumexp-values logsumexp-axis logsumexp-extremes",
        "logsumexp: the exponential of the expected value",
    ),
    "the maximum of everything in logsumexp": (
        "logsumexp", logsumexp("x.max()", f"{SUM} + m"), "logsumexp-extremes",
        "not finite.\n  logsumexp([[0, 0], [1000, 1000]])",
    ),
    "the axis kept": (
        "logsumexp", logsumexp(MAX, f"{SUM.replace('axis)', 'axis, keepdims=True)')} + m"),
        "logsumexp-values logsumexp-axis logsumexp-extremes",
        "has shape (1,), expected ().\nTry: the number of entries is right",
    ),
    "a maximum that is not squeezed": (
        "logsumexp", logsumexp(MAX, f"{SUM} + m"),
        "logsumexp-values logsumexp-axis logsumexp-extremes", "has shape (1,), expected ()",
    ),
    "logsumexp always along the last axis": (
        "logsumexp", logsumexp("x.max(axis=-1)", "np.log(np.exp(x - m[..., None]).sum(-1)) + m"),
        "logsumexp-axis", "logsumexp([[0, 0.69314718], [1.0986123, 1.3862944]], 0)",
    ),
    "the largest one only": (
        "logsumexp", logsumexp("x.max(axis=axis)", "m"),
        "logsumexp-values logsumexp-axis logsumexp-extremes", "logsumexp",
    ),
    "the minus forgotten": (
        "cross_entropy", loss(*LOSS, "return (q * z).sum(axis=-1) - s"), VALUES,
        "cross_entropy: opposite sign",
    ),
    "the logarithm of a probability": (
        "cross_entropy", loss(*PROBABILITIES, "return -(q * np.log(p)).sum(axis=-1)"),
        "cross_entropy-extremes cross_entropy-smoothing",
        "cross_entropy: not finite.\n  cross_entropy([0, 1000], 0)",
    ),
    "1e-12 added to the probability": (
        "cross_entropy", loss(*PROBABILITIES, "return -(q * np.log(p + 1e-12)).sum(axis=-1)"),
        "cross_entropy-extremes cross_entropy-smoothing",
        "cross_entropy([0, 1000], 0): yours 27.63102",
    ),
    "no shift in the loss": (
        "cross_entropy", loss(*TARGET, "return np.log(np.exp(logits).sum(axis=-1)) - "
                              "(logits * q).sum(axis=-1)"),
        "cross_entropy-extremes cross_entropy-smoothing", "not finite",
    ),
    "bits": (
        "cross_entropy", loss(*LOSS, "return (s - (q * z).sum(axis=-1)) / np.log(2)"), VALUES,
        "1.443 times the expected value",
    ),
    "classes counted from one": (
        "cross_entropy", loss(*LOSS, "q = np.roll(q, -1, axis=-1)",
                              "return s - (q * z).sum(axis=-1)"),
        VALUES, "cross_entropy([0,",
    ),
    "one mean for the batch": (
        "cross_entropy", loss(*LOSS, "return (s - (q * z).sum(axis=-1)).mean()"),
        "cross_entropy-batches cross_entropy-extremes cross_entropy-smoothing",
        "has shape (), expected (2,); cross_entropy([0, 0.69314718, 1.6094379], 0) is right",
    ),
    "one batch axis at most": (
        "cross_entropy", loss(*LOSS, "right = z[labels] if z.ndim == 1 else "
                              "z[np.arange(len(z)), labels]",
                              "return s - (1 - smoothing) * right - smoothing * z.mean(axis=-1)"),
        "cross_entropy-batches cross_entropy-smoothing",
        "[[0, 1]]) has shape (1, 2, 2), expected (1, 2)",
    ),
    "the label forgotten": (
        "cross_entropy", loss(*LOSS, "return s - z.sum(axis=-1)"), VALUES, "cross_entropy",
    ),
    "softmax applied twice": (
        "cross_entropy", loss(*PROBABILITIES, "return np.log(np.exp(p).sum(axis=-1)) - "
                              "(q * p).sum(axis=-1)"),
        VALUES, "cross_entropy",
    ),
    "smoothing forgotten": (
        "cross_entropy", loss(*LOSS, "return s - (z * is_label).sum(axis=-1)"),
        "cross_entropy-smoothing", "In your loss it is 0 for a wrong class.",
    ),
    "smoothing shared by the wrong classes only": (
        "cross_entropy", loss(*LOSS, "q = np.where(is_label, 1 - smoothing, smoothing / (n - 1))",
                              "return s - (q * z).sum(axis=-1)"),
        "cross_entropy-smoothing", "In your loss it is 0.15 for a wrong class.",
    ),
    "smoothing added to a whole label": (
        "cross_entropy", loss(*LOSS, "q = is_label + smoothing / n",
                              "return s - (q * z).sum(axis=-1)"),
        "cross_entropy-smoothing", "In your loss it is 1.1 for the right class.",
    ),
    "smoothing not divided": (
        "cross_entropy", loss(*LOSS, "q = np.where(is_label, 1 - smoothing, smoothing)",
                              "return s - (q * z).sum(axis=-1)"),
        "cross_entropy-smoothing", "In your loss it is 0.3 for a wrong class.",
    ),
    "the sign of the gradient": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return q - p"),
        GRADIENTS, "gradient: opposite sign",
    ),
    "the probabilities alone": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return p"),
        GRADIENTS, "gradient, component [2] (the others agree)",
    ),
    "the derivative in the probability": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return -q / p"), GRADIENTS, "gradient",
    ),
    "divided by the number of classes": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return (p - q) / n"),
        GRADIENTS, "1/3 times the derivative at every point",
    ),
    "gradients divided by the size of the batch": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return (p - q) / max(1, p[..., 0].size)"),
        "cross_entropy_grad-batches cross_entropy_grad-smoothing",
        "works for one point but mixes the points of a batch",
    ),
    "the gradient of one example only": (
        "cross_entropy_grad", gradient("e = np.exp(logits - logits.max())", "p = e / e.sum()",
                                       "p -= smoothing / logits.size",
                                       "p[labels] -= 1 - smoothing", "return p"),
        "cross_entropy_grad-batches cross_entropy_grad-smoothing", "mixes the points of a batch",
    ),
    "labels always the last class": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "p[..., -1] -= 1 - smoothing",
                                       "return p - smoothing / n"),
        GRADIENTS, "the others agree",
    ),
    "smoothing forgotten in the gradient": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return p - is_label"),
        "cross_entropy_grad-smoothing", "gradient",
    ),
    "the label smoothed, the others not": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return p - (1 - smoothing) * is_label"),
        "cross_entropy_grad-smoothing", "gradient",
    ),
    "the gradient damped instead of smoothed": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return (1 - smoothing) * (p - is_label)"),
        "cross_entropy_grad-smoothing", "gradient",
    ),
    "the gradient of smoothing over the wrong classes": (
        "cross_entropy_grad", gradient(
            *PROBABILITIES, "return p - np.where(is_label, 1 - smoothing, smoothing / (n - 1))"),
        "cross_entropy_grad-smoothing", "gradient",
    ),
}  # fmt: skip
