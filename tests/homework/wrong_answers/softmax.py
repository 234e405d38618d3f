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
VALUES = "cross_entropy-values cross_entropy-extremes cross_entropy-smoothing"
GRADIENTS = "cross_entropy_grad-values cross_entropy_grad-smoothing"

WRONG = {  # description: cell, answer, tests that lose their points, what the check says
    "the maximum squeezed of all axes": (
        "logsumexp", logsumexp("x.max(axis=axis, keepdims=True)", f"{SUM} + np.squeeze(m)"),
        "logsumexp-axis", "has shape (2, 2), expected (2, 1)",
    ),
    "softmax without axes of length 1": (
        "softmax", softmax_of("x = x if mask is None else ALLOWED", E,
                              "t = e.sum(axis=axis, keepdims=True)",
                              "return np.squeeze(e / np.where(t == 0, 1, t))"),
        "softmax-axis softmax-mask softmax-values", "has shape (3,), expected (1, 3)",
    ),
    "a tiny probability behind the mask": (
        "softmax", softmax_of("z = x if mask is None else ALLOWED",
                              E.replace("x - ", "z - ").replace("(x.max", "(z.max"),
                              "t = e.sum(axis=axis, keepdims=True)",
                              "p = e / np.where(t == 0, 1, t)",
                              "return p if mask is None else np.where(mask, p, 1e-15)"),
        "softmax-mask", "exactly 0, not 1e-15",
    ),
    "masks of three axes by their first row": (
        "softmax", softmax_of("m = mask if mask is None or np.ndim(mask) < 3 else mask[:, :1]",
                              "x = x if m is None else np.where(m, x, -np.inf)", E,
                              "t = e.sum(axis=axis, keepdims=True)",
                              "return e / np.where(t == 0, 1, t)"),
        "softmax-mask", "a mask of shape (1, 3, 4)",
    ),
    "another default of smoothing": (
        "cross_entropy", loss(*LOSS, "return s - (q * z).sum(axis=-1)").replace(
            "smoothing=0.0", "smoothing=0.1"),
        "cross_entropy-values cross_entropy-extremes", "the default of smoothing is 0",
    ),
    "smoothing by the first axis": (
        "cross_entropy_grad", gradient(
            *PROBABILITIES, "q = (1 - smoothing) * is_label + smoothing / len(logits)",
            "return p - q"),
        "cross_entropy_grad-smoothing", "is s divided by the number of classes?",
    ),
    "no shift in single precision": (
        "cross_entropy_grad", gradient(
            *PROBABILITIES, "if logits.dtype == np.float32:",
            "    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)",
            "return p - q"),
        "cross_entropy_grad-smoothing", "For the float32 logits",
    ),
    "empty slices along the last axis": (
        "softmax", softmax_of("x = x if mask is None else np.where(mask, x, -np.inf)",
                              "e = np.exp(x - np.max(x, axis=axis, keepdims=True))",
                              "p = e / e.sum(axis=axis, keepdims=True)",
                              "empty = mask is not None and ~np.any(np.broadcast_to(mask, "
                              "x.shape), axis=-1, keepdims=True)",
                              "return np.where(empty, 0, p)"),
        "softmax-mask", "With axis=0 the slices are columns",
    ),
    "the exponent cut off": (
        "softmax", softmax_of("x = x if mask is None else np.where(mask, x, -np.inf)",
                              "e = np.exp(np.clip(x - np.max(x, axis=axis, keepdims=True), -20, "
                              "0))",
                              "return e / e.sum(axis=axis, keepdims=True)"),
        "softmax-extremes softmax-mask", "Is the exponent cut off",
    ),
    "log1p of the whole sum": (
        "logsumexp", logsumexp("np.max(x, axis=axis, keepdims=True)",
                               "np.squeeze(m, axis) + np.log1p(np.exp(x - m).sum(axis=axis))"),
        "logsumexp-values logsumexp-axis logsumexp-extremes", "The largest term counts twice",
    ),
    "a small number in the denominator": (
        "softmax", softmax(f"x - {MAX}", "e.sum(axis=axis, keepdims=True) + 1e-6"),
        "softmax-values softmax-extremes", "is a small number added",
    ),
    "labels alone as an index": (
        "cross_entropy", loss(*PROBABILITIES, "n = logits.shape[-1]", "logp = np.log(p)",
                              "return -(1 - smoothing) * logp[..., labels] - smoothing * "
                              "logp.mean(axis=-1)"),
        "cross_entropy-extremes cross_entropy-batches cross_entropy-smoothing",
        "labels alone as an index",
    ),
    "the formula as printed": (
        "softmax", softmax("x"), "softmax-extremes softmax-mask",
        "softmax: not finite.\n  softmax([1000, 1000])",
    ),
    "the maximum of everything": (
        "softmax", softmax("x - x.max()"), "softmax-axis softmax-mask",
        "zero in some entries for a batch, but right without one.\n  softmax([[0, 0], [1000",
    ),
    "the maximum added": (
        "softmax", softmax(f"x + {MAX}"), "softmax-axis softmax-extremes softmax-mask",
        "softmax: not finite",
    ),
    "the mean subtracted": (
        "softmax", softmax("x - x.mean(axis=axis, keepdims=True)"), "softmax-extremes softmax-mask",
        "softmax: not finite.\n  softmax([-900, 900])",
    ),
    "exponents clipped": (
        "softmax", softmax("np.clip(x, -700, 700)"), "softmax-extremes softmax-mask",
        "not finite.\n  softmax(float32([100, 100]))",
    ),
    "softmax of the opposite logits": (
        "softmax", softmax("x.min(axis=axis, keepdims=True) - x"),
        "softmax-values softmax-axis softmax-extremes softmax-mask",
        "is there a minus in the exponent?",
    ),
    "the sum of everything": (
        "softmax", softmax(f"x - {MAX}", "e.sum()"), "softmax-axis softmax-mask",
        "for a batch, but right without one",
    ),
    "always the last axis": (
        "softmax", softmax("x - x.max(axis=-1, keepdims=True)", "e.sum(axis=-1, keepdims=True)"),
        "softmax-axis softmax-mask", "axis=0 gives the same as axis=-1: is axis used?",
    ),
    "the axis not kept": (
        "softmax", softmax(f"x - {MAX}", "e.sum(axis=axis)"), "softmax-axis softmax-mask",
        "shapes (2,3) (2,) \nTry: take many points at once: print the shapes in that line",
    ),
    "divided by the sum of x": (
        "softmax", softmax(f"x - {MAX}", "x.sum(axis=axis, keepdims=True)"),
        "softmax-values softmax-axis softmax-extremes softmax-mask",
        "stand in the right proportion, but they add up to 0.6949",
    ),
    "the logarithm of softmax": (
        "softmax", softmax_of("x = x if mask is None else ALLOWED", f"z = x - {MAX}",
                        "return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))"),
        "softmax-values softmax-axis softmax-extremes softmax-mask",
        "the logarithm of the expected value",
    ),
    "the mask forgotten": (
        "softmax", softmax(f"x - {MAX}", x="x"), "softmax-mask",
        "A mask changes nothing: is it used?",
    ),
    "the mask the wrong way round": (
        "softmax", softmax(f"x - {MAX}", x="x if mask is None else np.where(mask, -np.inf, x)"),
        "softmax-mask", "The mask is the wrong way round",
    ),
    "logits times mask": (
        "softmax", masked("x = x * mask", E, P, "return p"), "softmax-mask",
        "the probability should be exactly 0, not 0.25",
    ),
    "-1e9 behind the mask": (
        "softmax", masked("x = np.where(mask, x, -1e9)", E, P, "return p"),
        "softmax-mask", "Allowed logits may be of any size, such as -3e9",
    ),
    "-1e9 behind the mask, and zeroed afterwards": (
        "softmax", masked("x = np.where(mask, x, -1e9)", E, P, "return np.where(mask, p, 0)"),
        "softmax-mask", "Is what stands behind the mask smaller than any number?",
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
        "softmax-mask", "nothing is allowed: 0 everywhere, yours [nan nan nan]",
    ),
    "the array of the caller masked": (
        "softmax", softmax_of("if mask is not None: x[~np.broadcast_to(mask, x.shape)] = -np.inf",
                              E, "s = e.sum(axis=axis, keepdims=True)",
                              "return e / np.where(s == 0, 1, s)"),
        "", "softmax changes its input",
    ),
    "logsumexp as printed": (
        "logsumexp", logsumexp("0", SUM), "logsumexp-extremes",
        "logsumexp: not finite.\n  logsumexp([1000, 1000])",
    ),
    "the maximum forgotten afterwards": (
        "logsumexp", logsumexp(MAX, SUM),
        "logsumexp-values logsumexp-axis logsumexp-extremes", "is added back after log",
    ),
    "the sum of x": (
        "logsumexp", logsumexp("0", "x.sum(axis=axis)"),
        "logsumexp-values logsumexp-axis logsumexp-extremes", "not a sum of logarithms",
    ),
    "log1p of the sum": (
        "logsumexp", logsumexp("0", "np.log1p(np.exp(x).sum(axis=axis))"),
        "logsumexp-values logsumexp-axis logsumexp-extremes", "That is log(1 + sum)",
    ),
    "the logarithm of the mean": (
        "logsumexp", logsumexp(MAX, f"{SUM.replace('sum', 'mean')} + m.squeeze(axis=axis)"),
        "logsumexp-values logsumexp-axis logsumexp-extremes", "the logarithm of the mean",
    ),
    "the logarithm forgotten": (
        "logsumexp", logsumexp("0", "np.exp(x - m).sum(axis=axis)"),
        "logsumexp-values logsumexp-axis logsumexp-extremes",
        "logsumexp: the exponential of the expected value",
    ),
    "the maximum of everything in logsumexp": (
        "logsumexp", logsumexp("x.max()", f"{SUM} + m"), "logsumexp-axis",
        "which shape has the maximum that you subtract?",
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
        "logsumexp-axis", "axis=0 gives the same as axis=-1: is axis used?",
    ),
    "the largest one only": (
        "logsumexp", logsumexp("x.max(axis=axis)", "m"),
        "logsumexp-values logsumexp-axis logsumexp-extremes", "That is the maximum alone",
    ),
    "the minus forgotten": (
        "cross_entropy", loss(*LOSS, "return (q * z).sum(axis=-1) - s"), VALUES,
        "cross_entropy: opposite sign",
    ),
    "the logarithm of a probability": (
        "cross_entropy", loss(*PROBABILITIES, "return -(q * np.log(p)).sum(axis=-1)"),
        "cross_entropy-extremes cross_entropy-smoothing",
        "taken of a probability that has been rounded to 0",
    ),
    "1e-12 added to the probability": (
        "cross_entropy", loss(*PROBABILITIES, "return -(q * np.log(p + 1e-12)).sum(axis=-1)"),
        "cross_entropy-extremes cross_entropy-smoothing",
        "yours is 27.631, which is -log(1e-12): is a small number added",
    ),
    "no shift in the loss": (
        "cross_entropy", loss(*TARGET, "return np.log(np.exp(logits).sum(axis=-1)) - "
                              "(logits * q).sum(axis=-1)"),
        "cross_entropy-extremes cross_entropy-smoothing", "does exp overflow at 1000",
    ),
    "bits": (
        "cross_entropy", loss(*LOSS, "return (s - (q * z).sum(axis=-1)) / np.log(2)"), VALUES,
        "1.443 times the expected value",
    ),
    "classes counted from one": (
        "cross_entropy", loss(*LOSS, "q = np.roll(q, -1, axis=-1)",
                              "return s - (q * z).sum(axis=-1)"),
        VALUES, "Label k gets the loss of class k - 1: labels count from 0",
    ),
    "one mean for the batch": (
        "cross_entropy", loss(*LOSS, "return (s - (q * z).sum(axis=-1)).mean()"),
        "cross_entropy-batches cross_entropy-smoothing",
        "has shape (), expected (2,); cross_entropy([0, 0.69314718, 1.6094379], 0) is right",
    ),
    "one batch axis at most": (
        "cross_entropy", loss(*LOSS, "right = z[labels] if z.ndim == 1 else "
                              "z[np.arange(len(z)), labels]",
                              "return s - (1 - smoothing) * right - smoothing * z.mean(axis=-1)"),
        "cross_entropy-batches cross_entropy-smoothing",
        "cross_entropy raises IndexError in cross_entropy(array of shape (2, 1, 3)",
    ),
    "the label forgotten": (
        "cross_entropy", loss(*LOSS, "return s - z.sum(axis=-1)"), VALUES,
        "The loss is the same for each label",
    ),
    "softmax applied twice": (
        "cross_entropy", loss(*PROBABILITIES, "return np.log(np.exp(p).sum(axis=-1)) - "
                              "(q * p).sum(axis=-1)"),
        VALUES, "is softmax applied twice?",
    ),
    "minus the probability": (
        "cross_entropy", loss(*PROBABILITIES, "return -(q * p).sum(axis=-1)"), VALUES,
        "That is minus the probability: where is the logarithm?",
    ),
    "smoothing forgotten": (
        "cross_entropy", loss(*LOSS, "return s - (z * is_label).sum(axis=-1)"),
        "cross_entropy-smoothing", "as if q[0], of a wrong class, were 0.",
    ),
    "smoothing shared by the wrong classes only": (
        "cross_entropy", loss(*LOSS, "q = np.where(is_label, 1 - smoothing, smoothing / (n - 1))",
                              "return s - (q * z).sum(axis=-1)"),
        "cross_entropy-smoothing", "as if q[0], of a wrong class, were 0.15.",
    ),
    "smoothing added to a whole label": (
        "cross_entropy", loss(*LOSS, "q = is_label + smoothing / n",
                              "return s - (q * z).sum(axis=-1)"),
        "cross_entropy-smoothing", "as if q[0], of the right class, were 1.1.",
    ),
    "smoothing not divided": (
        "cross_entropy", loss(*LOSS, "q = np.where(is_label, 1 - smoothing, smoothing)",
                              "return s - (q * z).sum(axis=-1)"),
        "cross_entropy-smoothing", "as if q[0], of a wrong class, were 0.3.",
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
        "cross_entropy_grad", gradient(*PROBABILITIES, "return -q / p"), GRADIENTS,
        "That is the derivative of the loss in the probability",
    ),
    "divided by the number of classes": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return (p - q) / n"),
        GRADIENTS, "1/3 times the derivative at every point",
    ),
    "gradients divided by the size of the batch": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return (p - q) / max(1, p[..., 0].size)"),
        "cross_entropy_grad-batches cross_entropy_grad-smoothing",
        "it is divided by the number of examples, but nothing is averaged",
    ),
    "the gradient of one example only": (
        "cross_entropy_grad", gradient("e = np.exp(logits - logits.max())", "p = e / e.sum()",
                                       "p -= smoothing / logits.size",
                                       "p[labels] -= 1 - smoothing", "return p"),
        "cross_entropy_grad-batches cross_entropy_grad-smoothing",
        "row [0] is not the gradient for that example alone",
    ),
    "labels always the last class": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "p[..., -1] -= 1 - smoothing",
                                       "return p - smoothing / n"),
        GRADIENTS, "the others agree",
    ),
    "smoothing forgotten in the gradient": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return p - is_label"),
        "cross_entropy_grad-smoothing", "In your gradient it is [0. 1. 0.]",
    ),
    "the label smoothed, the others not": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return p - (1 - smoothing) * is_label"),
        "cross_entropy_grad-smoothing", "In your gradient it is [0.  0.7 0. ]",
    ),
    "the gradient damped instead of smoothed": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return (1 - smoothing) * (p - is_label)"),
        "cross_entropy_grad-smoothing", "In your gradient it is [",
    ),
    "the gradient of smoothing over the wrong classes": (
        "cross_entropy_grad", gradient(
            *PROBABILITIES, "return p - np.where(is_label, 1 - smoothing, smoothing / (n - 1))"),
        "cross_entropy_grad-smoothing",
        "The gradient is right without smoothing",
    ),
    "the slope of a probability": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "return p * (1 - p)"), GRADIENTS,
        "That is p (1 - p)",
    ),
    "whole rows picked by the labels": (
        "cross_entropy_grad", gradient(*PROBABILITIES, "p -= smoothing / n",
                                       "p[labels] -= 1 - smoothing", "return p"),
        "cross_entropy_grad-batches cross_entropy_grad-smoothing",
        "an index of labels alone picks rows. Pick one",
    ),
    # What was not noticed, or not by its name
    "only two axes": (
        "softmax", softmax_of("x = x if mask is None else ALLOWED", "z = np.moveaxis(x, axis, 0)",
                              "m = np.nan_to_num(z.max(axis=0))", "e = np.exp(z - m)",
                              "s = e.sum(axis=0)", "p = e / np.where(s == 0, 1, s)", "return p.T "
                              "if axis in (-1, 1) and x.ndim > 1 else p"),
        "softmax-axis softmax-mask", "array of shape (2, 3, 4), 1) has shape (4, 2, 3), expected",
    ),
    "the maximum subtracted in place": (
        "softmax", softmax_of("if mask is not None: x = ALLOWED",
                              "x -= np.nan_to_num(x.max(axis=axis, keepdims=True))",
                              "e = np.exp(x)",
                              "s = e.sum(axis=axis, keepdims=True)",
                              "return e / np.where(s == 0, 1, s)"),
        "", "softmax changes its input: after a call, the caller's x is different",
    ),
    "exponentials into the caller's array": (
        "logsumexp", body("logsumexp", "x, axis=-1", "m = x.max(axis=axis, keepdims=True)",
                          "x -= m", "np.exp(x, out=x)",
                          "return np.log(x.sum(axis=axis)) + m.squeeze(axis=axis)"),
        "", "logsumexp changes its input",
    ),
    "every axis of length one squeezed": (
        "logsumexp", logsumexp(MAX, f"({SUM} + m.squeeze(axis=axis)).squeeze()"),
        "logsumexp-axis", "has shape (3,), expected (1, 3)",
    ),
    "logits shifted in place": (
        "cross_entropy", loss(*LOSS[1:], "return s - (q * z).sum(axis=-1)")
        .replace("    s = ", "    z = logits\n    z -= z.max(axis=-1, keepdims=True)\n    s = ", 1),
        "", "cross_entropy changes its input",
    ),
    "smoothing shared by the examples of the batch": (
        "cross_entropy", loss(*[line.replace("smoothing / n", "smoothing / len(logits)")
                                for line in LOSS], "return s - (q * z).sum(axis=-1)"),
        "cross_entropy-smoothing", "cross_entropy: wrong for a batch, but right without one",
    ),
    "a loss of zero": (
        "cross_entropy", loss("return np.zeros(np.shape(labels))"),
        f"{VALUES} cross_entropy-batches",
        "cross_entropy: zero.",
    ),
    "nothing returned": (
        "cross_entropy", loss(*LOSS, "loss = s - (q * z).sum(axis=-1)"),
        f"{VALUES} cross_entropy-batches",
        "returns nothing (None).\nTry: is a return missing?",
    ),
    "the gradient written into the logits": (
        "cross_entropy_grad", gradient("logits -= logits.max(axis=-1, keepdims=True)",
                                       *PROBABILITIES, "return p - q"),
        "", "cross_entropy_grad changes its input",
    ),
    "no shift in the gradient": (
        "cross_entropy_grad", gradient("e = np.exp(logits)", *PROBABILITIES[1:], "return p - q"),
        "cross_entropy_grad-smoothing", "The gradient for logits of shape (2, 3) is not finite",
    ),
    "single precision": (
        "cross_entropy", loss("logits = np.float32(logits)", *LOSS,
                              "return s - (q * z).sum(axis=-1)"),
        "cross_entropy-values cross_entropy-extremes", "right to about 7 digits only",
    ),
    "logits without their sign": (
        "softmax", softmax(f"np.abs(x) - {MAX}"),
        "softmax-values softmax-axis softmax-extremes softmax-mask", "That is the softmax of |x|",
    ),
    "the smallest subtracted": (
        "logsumexp", logsumexp("x.min(axis=axis, keepdims=True)", f"{SUM} + m.squeeze(axis=axis)"),
        "logsumexp-extremes", "not finite.\n  logsumexp([-900, 900])",
    ),
    "the largest logit of the batch subtracted": (
        "cross_entropy", loss(LOSS[0].replace("axis=-1, ", ""), *LOSS[1:],
                              "return s - (q * z).sum(axis=-1)"),
        "cross_entropy-batches", "not finite",
    ),
    "the mean logit subtracted": (
        "cross_entropy_grad", gradient(PROBABILITIES[0].replace("max", "mean"), *PROBABILITIES[1:],
                                       "return p - q"),
        "cross_entropy_grad-smoothing", "At z = (-1000, 1000) the gradient is [-1. nan]",
    ),
    "softmax by SciPy": (
        "softmax", "from scipy.special import softmax as soft\n" + softmax_of(
            "return soft(x if mask is None else ALLOWED, axis=axis)"),
        "softmax-values softmax-axis softmax-extremes softmax-mask",
        "softmax uses soft of scipy, which is not allowed in this part",
    ),
    "logsumexp by the library of the course": (
        "logsumexp", "import coursekit.numbers.softmax as library\n" + body(
            "logsumexp", "x, axis=-1", "return library.logsumexp(x, axis)"),
        "logsumexp-values logsumexp-axis logsumexp-extremes",
        "logsumexp uses coursekit, which is not allowed in this part",
    ),
    "the label of the first example for all": (
        "cross_entropy_grad", gradient(*[line.replace("np.asarray(labels)[..., None]",
                                                      "np.ravel(labels)[0]")
                                         for line in PROBABILITIES], "return p - q"),
        "cross_entropy_grad-batches cross_entropy_grad-smoothing",
        "row [1] is not the gradient for that example alone",
    ),
    "1e-7 added to the sum": (
        "softmax", softmax(f"x - {MAX}", "(e.sum(axis=axis, keepdims=True) + 1e-7)"),
        "softmax-values softmax-extremes", "is a small number added to what they are divided by?",
    ),
}  # fmt: skip

LOOPS = """
def softmax(x, axis=-1, mask=None):
    if mask is not None:
        x = np.where(mask, x, -np.inf)
    rows = np.moveaxis(x, axis, -1)
    out = np.zeros(rows.shape)
    for index in np.ndindex(rows.shape[:-1]):
        row = [float(v) for v in rows[index]]
        top = max(row)
        if top > -np.inf:
            e = [np.exp(v - top) for v in row]
            out[index] = [v / sum(e) for v in e]
    return np.moveaxis(out, -1, axis)
"""
EINSUM = gradient(*PROBABILITIES, "return np.einsum('...i,ij->...j', p - q, np.eye(n))")
LISTED = {  # answers that return nested lists of Python's numbers
    name: code.replace(f"def {name}(", "def _right(", 1)
    + f"def {name}(*args, **options):\n    return np.asarray(_right(*args, **options)).tolist()\n"
    for name, code in {
        "softmax": LOOPS,
        "logsumexp": logsumexp("x.max(axis=axis, keepdims=True)",
                               f"{SUM} + m.squeeze(axis=axis)"),
        "cross_entropy": loss(*LOSS, "return s - (q * z).sum(axis=-1)"),
        "cross_entropy_grad": gradient(*PROBABILITIES, "return p - q"),
    }.items()
}  # fmt: skip
RIGHT = {  # description: answers that are as good as ours
    "loops over rows": {"softmax": LOOPS},
    "nested lists": {name: code.replace("_right", f"_right_{name}")
                     for name, code in LISTED.items()},
    "einsum": {"cross_entropy_grad": EINSUM},
    "float32 where the logits are float32": {
        "cross_entropy": loss("z = logits - logits.max(axis=-1, keepdims=True)",
                              "s = np.log(np.exp(z).sum(axis=-1))", *TARGET,
                              "return s - (q.astype(logits.dtype) * z).sum(axis=-1)"),
    },
    "the formula of the text": {
        "cross_entropy": loss(*TARGET, "return logsumexp(logits) - (q * logits).sum(axis=-1)"),
    },
    "the formula in single precision": {
        "cross_entropy": loss(*TARGET, "q = q.astype(logits.dtype)",
                              "return logsumexp(logits) - (q * logits).sum(axis=-1)"),
    },
    "later parts by earlier ones": {
        "cross_entropy": loss(*TARGET, "z = logits - logits.max(axis=-1, keepdims=True)",
                              "return logsumexp(z) - (q * z).sum(axis=-1)"),
        "cross_entropy_grad": gradient(*TARGET, "return softmax(logits) - q"),
    },
}  # fmt: skip

BY_EARLIER = RIGHT["later parts by earlier ones"]
WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "softmax of the opposite sign, used by the gradient": (
        {"softmax": softmax(f"{MAX} - x"), **BY_EARLIER},
        "softmax-values softmax-axis softmax-extremes softmax-mask",
    ),
    "logsumexp without its maximum, used by the loss": (
        {"logsumexp": logsumexp(MAX, SUM), **BY_EARLIER},
        "logsumexp-values logsumexp-axis logsumexp-extremes",
    ),
    "softmax that overwrites its input, used by the gradient": (
        {"softmax": WRONG["the maximum subtracted in place"][1].replace("e = np.exp(x)",
                                                                        "e = np.exp(x, out=x)"),
         **BY_EARLIER}, "",
    ),
    "logsumexp not written, used by the loss": (
        {"logsumexp": body("logsumexp", "x, axis=-1", "raise NotImplementedError()"), **BY_EARLIER},
        "logsumexp-values logsumexp-axis logsumexp-extremes",
    ),
}  # fmt: skip
