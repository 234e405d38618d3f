"""Wrong answers to the homework on softmax, and what each of them costs."""


def body(name, arguments, *lines):
    return f"def {name}({arguments}):\n" + "".join(f"    {line}\n" for line in lines)


def softmax(exponent, total="e.sum(axis=axis, keepdims=True)"):
    return body("softmax", "x, axis=-1", f"e = np.exp({exponent})", f"return e / {total}")


def logsumexp(m, result):
    return body("logsumexp", "x, axis=-1", f"m = {m}", f"return {result}")


def loss(*lines):
    return body("cross_entropy", "logits, labels", *lines)


def gradient(*lines):
    return body("cross_entropy_grad", "logits, labels", *lines)


MAX = "x.max(axis=axis, keepdims=True)"
M = MAX.replace("x.", "logits.").replace("axis=axis", "axis=-1")
SUM = "np.log(np.exp(x - m).sum(axis=axis))"
MASK = "is_label = np.arange(logits.shape[-1]) == np.asarray(labels)[..., None]"
PROBABILITIES = [
    f"e = np.exp(logits - {M})",
    "p = e / e.sum(axis=-1, keepdims=True)",
    MASK,
]
LOSS = [f"z = logits - {M}", "s = np.log(np.exp(z).sum(axis=-1))", MASK]

WRONG = {  # description: cell, answer, tests that lose their points, what the check says
    "the formula as printed": (
        "softmax", softmax("x"), "softmax-extremes",
        "softmax: not finite.\n  softmax([1000, 1000])",
    ),
    "the maximum of everything": (
        "softmax", softmax("x - x.max()"), "softmax-extremes",
        "not finite.\n  softmax([[0, 0], [1000, 1000]])",
    ),
    "the maximum added": (
        "softmax", softmax(f"x + {MAX}"), "softmax-extremes", "softmax: not finite",
    ),
    "the mean subtracted": (
        "softmax", softmax("x - x.mean(axis=axis, keepdims=True)"), "softmax-extremes", None,
    ),
    "exponents clipped": (
        "softmax", softmax("np.clip(x, -700, 700)"), "softmax-extremes",
        "not finite.\n  softmax(float32([100, 100]))",
    ),
    "the sum of everything": (
        "softmax", softmax(f"x - {MAX}", "e.sum()"), "softmax-axis softmax-extremes",
        "for a batch, but right without one",
    ),
    "always the last axis": (
        "softmax", softmax("x - x.max(axis=-1, keepdims=True)", "e.sum(axis=-1, keepdims=True)"),
        "softmax-axis", "], 0), entry [",
    ),
    "the axis not kept": (
        "softmax", softmax(f"x - {MAX}", "e.sum(axis=axis)"), "softmax-axis",
        "wrong in 2 of 4 cases",
    ),
    "divided by the sum of x": (
        "softmax", softmax(f"x - {MAX}", "x.sum(axis=axis, keepdims=True)"),
        "softmax-values softmax-axis softmax-extremes", "0.6949 times the expected value here",
    ),
    "the logarithm of softmax": (
        "softmax", body("softmax", "x, axis=-1", f"z = x - {MAX}",
                        "return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))"),
        "softmax-values softmax-axis softmax-extremes", "the logarithm of the expected value",
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
        "cross_entropy", loss(*LOSS, "return (z * is_label).sum(axis=-1) - s"),
        "cross_entropy-values cross_entropy-batches cross_entropy-extremes",
        "cross_entropy: opposite sign",
    ),
    "the logarithm of a probability": (
        "cross_entropy", loss(*PROBABILITIES, "return -np.log((p * is_label).sum(axis=-1))"),
        "cross_entropy-extremes", "cross_entropy: not finite.\n  cross_entropy([0, 1000], 0)",
    ),
    "1e-12 added to the probability": (
        "cross_entropy", loss(*PROBABILITIES, "p = (p * is_label).sum(axis=-1)",
                              "return -np.log(p + 1e-12)"),
        "cross_entropy-extremes", "cross_entropy([0, 1000], 0): yours 27.63102",
    ),
    "no shift in the loss": (
        "cross_entropy", loss(*LOSS, "return np.log(np.exp(logits).sum(axis=-1)) - "
                              "(logits * is_label).sum(axis=-1)"),
        "cross_entropy-extremes", "not finite",
    ),
    "bits": (
        "cross_entropy", loss(*LOSS, "return (s - (z * is_label).sum(axis=-1)) / np.log(2)"),
        "cross_entropy-values cross_entropy-batches cross_entropy-extremes",
        "1.443 times the expected value",
    ),
    "classes counted from one": (
        "cross_entropy", loss(*LOSS, "is_label = np.roll(is_label, -1, axis=-1)",
                              "return s - (z * is_label).sum(axis=-1)"),
        "cross_entropy-values cross_entropy-batches cross_entropy-extremes", "cross_entropy([0,",
    ),
    "one mean for the batch": (
        "cross_entropy", loss(*LOSS, "return (s - (z * is_label).sum(axis=-1)).mean()"),
        "cross_entropy-batches cross_entropy-extremes",
        "has shape (), expected (2,); cross_entropy([0, 0.69314718, 1.6094379], 0) is right",
    ),
    "one batch axis at most": (
        "cross_entropy", loss(*LOSS, "if logits.ndim == 1: return s - z[labels]",
                              "return s - z[np.arange(len(z)), labels]"),
        "cross_entropy-batches", "[[0, 1]]) has shape (1, 2, 2), expected (1, 2)",
    ),
    "the label forgotten": (
        "cross_entropy", loss(*LOSS, "return s - z.sum(axis=-1)"),
        "cross_entropy-values cross_entropy-batches cross_entropy-extremes", "cross_entropy",
    ),
    "softmax applied twice": (
        "cross_entropy", loss(*PROBABILITIES, "return np.log(np.exp(p).sum(axis=-1)) - "
                              "(p * is_label).sum(axis=-1)"),
        "cross_entropy-values cross_entropy-batches cross_entropy-extremes", "cross_entropy",
    ),
    "the sign of the gradient": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return is_label - p"),
        "cross_entropy_grad-values cross_entropy_grad-batches", "gradient: opposite sign",
    ),
    "the probabilities alone": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return p"),
        "cross_entropy_grad-values cross_entropy_grad-batches",
        "gradient, component [2] (the others agree)",
    ),
    "the derivative in the probability": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return -is_label / p"),
        "cross_entropy_grad-values cross_entropy_grad-batches", "gradient",
    ),
    "divided by the number of classes": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return (p - is_label) / p.shape[-1]"),
        "cross_entropy_grad-values cross_entropy_grad-batches",
        "1/3 times the derivative at every point",
    ),
    "gradients divided by the size of the batch": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return (p - is_label) / max(1, is_label"
                                       "[..., 0].size)"),
        "cross_entropy_grad-batches", "works for one point but mixes the points of a batch",
    ),
    "the gradient of one example only": (
        "cross_entropy_grad", gradient("e = np.exp(logits - logits.max())", "p = e / e.sum()",
                                       "p[labels] -= 1", "return p"),
        "cross_entropy_grad-batches", "mixes the points of a batch",
    ),
    "labels always the last class": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "p[..., -1] -= 1", "return p"),
        "cross_entropy_grad-values cross_entropy_grad-batches", "the others agree",
    ),
}  # fmt: skip
