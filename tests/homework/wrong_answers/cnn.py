"""Typical wrong answers to the homework on convolutional networks."""

SLOW = {"build_model-check", "build_model-accuracy"}  # these train a network

CONV = """
def conv_same(images, kernels, bias, dilation=1):
    d, kh, kw = dilation, *kernels.shape[:2]
    h, w = d * (kh // 2), d * (kw // 2)
    padded = np.pad(images, ((0, 0), (h, h), (w, w), (0, 0)))
    spans = (d * (kh - 1) + 1, d * (kw - 1) + 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(1, 2))
    windows = windows[..., ::d, ::d]
    return np.einsum("npqcij,ijcf->npqf", windows, kernels) + bias
"""
GRADIENTS = """
def conv_same_gradients(images, upstream, kh, kw, dilation=1):
    d = dilation
    h, w = d * (kh // 2), d * (kw // 2)
    padded = np.pad(images, ((0, 0), (h, h), (w, w), (0, 0)))
    spans = (d * (kh - 1) + 1, d * (kw - 1) + 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(1, 2))
    windows = windows[..., ::d, ::d]
    return np.einsum("npqcij,npqf->ijcf", windows, upstream), upstream.sum(axis=(0, 1, 2))
"""
LOOPS = """
def conv_same(images, kernels, bias, dilation=1):
    d, (kh, kw) = dilation, kernels.shape[:2]
    height, width = images.shape[1:3]
    above = d * (kh - 1) // 2
    left = d * (kw - 1) // 2
    padded = np.pad(images, ((0, 0), (above, above), (left, left), (0, 0)))
    y = np.zeros((*images.shape[:3], kernels.shape[3]))
    for i, j in np.ndindex(kh, kw):
        y += padded[:, d * i : d * i + height, d * j : d * j + width] @ kernels[i, j]
    return y + bias
"""
POOL = """
def avg_pool(images, size):
    n, h, w, c = images.shape
    whole = images[:, :h // size * size, :w // size * size]
    return whole.reshape(n, h // size, size, w // size, size, c).mean(axis=(2, 4))
"""
MODEL = """
def build_model():
    return keras.Sequential([
        keras.Input((16, 16, 1)),
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(24, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ])
"""
CONVS = "conv_same-single conv_same-channels conv_same-dilation"
KERNELS = "conv_same_gradients-kernels conv_same_gradients-dilation"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "the last weight alone": (
        "conv_same", LOOPS.replace("y += padded", "y = padded"),
        "conv_same-single conv_same-channels conv_same-dilation", "yours shows one, 9",
    ),
    "channels added up first": (
        "conv_same", LOOPS.replace("    d, (kh",
        "    images, kernels = images.sum(3, keepdims=True), kernels.sum(2, keepdims=True)\n"
        "    d, (kh"),
        "conv_same-channels", "Multiply channel by channel, then add",
    ),
    "a border of (k + d - 1) // 2": (
        "conv_same", CONV.replace("d * (kh // 2), d * (kw // 2)",
        "(kh + d - 1) // 2, (kw + d - 1) // 2", 1),
        "conv_same-dilation", "how wide is the border?",
    ),
    "the mean of the channels": (
        "conv_same", CONV.replace("kernels) + bias", "kernels) / images.shape[3] + bias"),
        "conv_same-channels", "channels are added up, no mean is taken",
    ),
    "squares of every other pixel": (
        "avg_pool", POOL.replace("(n, h // size, size, w // size, size, c)",
        "(n, size, h // size, size, w // size, c)")
        .replace("(2, 4)", "(1, 3)"),
        "avg_pool-values avg_pool-rest", "which are no neighbours",
    ),
    "gradients without dilation": (
        "conv_same_gradients", GRADIENTS.replace("d = dilation", "d = 1"),
        "conv_same_gradients-dilation", "is that of dilation 1",
    ),
    "the gradient of the last image": (
        "conv_same_gradients", GRADIENTS.replace("windows, upstream)",
        "windows[-1:], upstream[-1:])"),
        "conv_same_gradients-kernels conv_same_gradients-dilation",
        "alone: it is a sum over all images",
    ),
    "one row of a kernel": (
        "count_weights", "def count_weights(channels, layers):\n    total = 0\n"
        "    for k, f in layers:\n"
        "        total += (k * channels + 1) * f\n        channels = f\n    return total",
        "count_weights-values", "Kernels are square",
    ),
    "channels that pile up": (
        "count_weights", "def count_weights(channels, layers):\n    total = 0\n"
        "    for k, f in layers:\n"
        "        total += (k * k * channels + 1) * f\n        channels += f\n    return total",
        "count_weights-values", "and not also the channels that that one saw",
    ),
    "pairs the wrong way round": (
        "count_weights", "def count_weights(channels, layers):\n    total = 0\n"
        "    for f, k in layers:\n"
        "        total += (k * k * channels + 1) * f\n        channels = f\n    return total",
        "count_weights-values", "in this order",
    ),
    "the first layer alone": (
        "count_weights", "def count_weights(channels, layers):\n    total = 0\n"
        "    for k, f in layers:\n"
        "        total += (k * k * channels + 1) * f\n        return total\n    return total",
        "count_weights-values", "is return inside of the loop?",
    ),
    "kernel flipped": (
        "conv_same", CONV.replace("windows, kernels", "windows, kernels[::-1, ::-1]"),
        CONVS, "yours is flipped",
    ),
    "kernel transposed": (
        "conv_same", CONV.replace("ijcf->", "jicf->").replace("spans, axis", "spans[::-1], axis"),
        CONVS, "Rows and columns of the kernel are exchanged",
    ),
    "no padding": (
        "conv_same", CONV.replace("padded = ", "padded = images  # "),
        f"{CONVS} conv_same-bias", "The result has shrunk",
    ),
    "padding on one side": (
        "conv_same", CONV.replace("((0, 0), (h, h), (w, w)", "((0, 0), (0, 2 * h), (0, 2 * w)"),
        CONVS, "Is the result shifted?",
    ),
    "bias missing": (
        "conv_same", CONV.replace(" + bias", ""),
        "conv_same-bias", "The bias is missing",
    ),
    "square kernels only": (
        "conv_same", CONV.replace("d * (kw // 2)", "d * (kh // 2)"),
        "conv_same-channels", "how wide is the border?",
    ),
    "dilation ignored": (
        "conv_same", CONV.replace("d, kh, kw = dilation,", "d, kh, kw = 1,"),
        "conv_same-dilation", "Dilation 2 gives the same as dilation 1",
    ),
    "border of the kernel without dilation": (
        "conv_same", CONV.replace("h, w = d * (kh // 2), d * (kw // 2)", "h, w = kh // 2, kw // 2"),
        "conv_same-dilation", "how wide is the border?",
    ),
    "channels not summed": (
        "conv_same", CONV.replace("windows, kernels", "windows[..., :1, :, :], kernels[:, :, :1]"),
        "conv_same-channels", "is the sum over all channels?",
    ),
    "maximum instead of mean": (
        "avg_pool", "def avg_pool(images, size):\n    n, h, w, c = images.shape\n"
        "    whole = images[:, :h // size * size, :w // size * size]\n"
        "    return whole.reshape(n, h // size, size, w // size, size, c).max(axis=(2, 4))",
        "avg_pool-values avg_pool-rest", "not its mean",
    ),
    "sum instead of mean": (
        "avg_pool", "def avg_pool(images, size):\n    n, h, w, c = images.shape\n"
        "    whole = images[:, :h // size * size, :w // size * size]\n"
        "    return whole.reshape(n, h // size, size, w // size, size, c).sum(axis=(2, 4))",
        "avg_pool-values avg_pool-rest", "the sum of each square",
    ),
    "nothing may be left over": (
        "avg_pool", "def avg_pool(images, size):\n    n, h, w, c = images.shape\n"
        "    return images.reshape(n, h // size, size, w // size, size, c).mean(axis=(2, 4))",
        "avg_pool-rest", "what fills no whole square is dropped",
    ),
    "overlapping squares": (
        "avg_pool", "def avg_pool(images, size):\n"
        "    slide = np.lib.stride_tricks.sliding_window_view\n"
        "    return slide(images, (size, size), axis=(1, 2)).mean(axis=(-2, -1))",
        "avg_pool-values avg_pool-rest", "The squares overlap",
    ),
    "gradient flipped": (
        "conv_same_gradients", GRADIENTS.replace("upstream), up", "upstream)[::-1, ::-1], up"),
        KERNELS, "is flipped",
    ),
    "dilation ignored in the gradient": (
        "conv_same_gradients", GRADIENTS.replace("d = dilation", "d = 1"),
        "conv_same_gradients-dilation", "dilation 2, the gradient",
    ),
    "mean over the images": (
        "conv_same_gradients", GRADIENTS.replace("upstream), up", "upstream) / len(images), up"),
        KERNELS, "is 0.5 times the right one",
    ),
    "sign of the gradient": (
        "conv_same_gradients", GRADIENTS.replace("return np", "return -np"),
        KERNELS, "kernels has the opposite sign",
    ),
    "bias summed over the images only": (
        "conv_same_gradients", GRADIENTS.replace("axis=(0, 1, 2))", "axis=0)"),
        "conv_same_gradients-bias", "the gradient in the bias has shape",
    ),
    "mean over the pixels in the bias": (
        "conv_same_gradients", GRADIENTS.replace("upstream.sum", "upstream.mean"),
        "conv_same_gradients-bias", "sum or mean?",
    ),
    "weights without biases": (
        "count_weights", "def count_weights(channels, layers):\n    total = 0\n"
        "    for k, f in layers:\n        total, channels = total + k * k * channels * f, f\n"
        "    return total",
        "count_weights-values", "The biases are missing",
    ),
    "channels forgotten": (
        "count_weights", "def count_weights(channels, layers):\n"
        "    return sum((k * k + 1) * f for k, f in layers)",
        "count_weights-values", "for every channel of its input",
    ),
    "the first channels for ever": (
        "count_weights", "def count_weights(channels, layers):\n"
        "    return sum((k * k * channels + 1) * f for k, f in layers)",
        "count_weights-values", "as many channels as the first one has filters",
    ),
    "softmax at the end": (
        "build_model", MODEL.replace("Dense(10)", 'Dense(10, activation="softmax")'),
        "build_model-form", "leave the softmax to the loss",
    ),
    "too many weights": (
        "build_model", MODEL.replace("Conv2D(24", "Conv2D(64"),
        "build_model-form", "more than 10000",
    ),
    "no convolution": (
        "build_model", "def build_model():\n    return keras.Sequential([keras.Input((16, 16, 1)), "
        "keras.layers.Flatten(), keras.layers.Dense(10)])",
        "build_model-accuracy", "There is no convolution among its layers",
    ),
    "a hidden layer without convolution": (
        "build_model", "def build_model():\n    return keras.Sequential([keras.Input((16, 16, 1)), "
        "keras.layers.Flatten(), keras.layers.Dense(36, activation='relu'), "
        "keras.layers.Dense(10)])",
        "build_model-accuracy", "There is no convolution among its layers",
    ),
    "an object that claims to be right": (
        "build_model", "class Claims:\n    def __getattr__(self, name):\n"
        "        return lambda *a, **k: [0, 1.0]\n\ndef build_model():\n    return Claims()",
        "build_model-form build_model-accuracy", "should return a keras.Sequential",
    ),
    "one model for all calls": (
        "build_model", MODEL + "\nmodel = build_model()\n\ndef build_model():\n    return model",
        "build_model-form", "a new model each time",
    ),
    "by TensorFlow": (
        "conv_same", "def conv_same(images, kernels, bias, dilation=1):\n"
        "    return tf.nn.conv2d(images, kernels, 1, 'SAME', dilations=dilation).numpy() + bias",
        f"{CONVS} conv_same-bias", "conv_same uses tensorflow, which is not allowed",
    ),
    "by the library of the course": (
        "conv_same", "def conv_same(images, kernels, bias, dilation=1):\n"
        "    from coursekit.learning.convolution import conv2d\n"
        "    return conv2d(images, kernels, padding=len(kernels) // 2) + bias",
        f"{CONVS} conv_same-bias", "conv_same uses coursekit, which is not allowed",
    ),
    "bias changed in place": (
        "conv_same", CONV.replace("    return np.einsum", "    bias += 1\n    return np.einsum")
        .replace("kernels) + bias", "kernels) + bias - 1"),
        "", "the caller's bias is different",
    ),
    "tall kernels": (
        "conv_same", CONV.replace("d * (kh // 2)", "d * (kw // 2)"),
        "conv_same-channels", "how wide is the border?",
    ),
    "one border by loops": (
        "conv_same", LOOPS.replace("left = d * (kw - 1) // 2", "left = above"),
        "conv_same-channels", "height and width need borders of their own",
    ),
    "dilation as a stride": (
        "conv_same", CONV.replace("windows[..., ::d, ::d]", "windows[..., ::d, ::d][:, ::d, ::d]"),
        "conv_same-dilation", "dilation is no stride",
    ),
    "layer in single precision": (
        "conv_same", CONV.replace("return np.einsum", "return np.float32(np.einsum")
        .replace(" + bias", ") + np.float32(bias)"),
        "conv_same-single conv_same-channels conv_same-dilation conv_same-bias",
        "which keeps seven digits",
    ),
    "median instead of mean": (
        "avg_pool", "def avg_pool(images, size):\n    n, h, w, c = images.shape\n"
        "    whole = images[:, :h // size * size, :w // size * size]\n"
        "    whole = whole.reshape(n, h // size, size, w // size, size, c)\n"
        "    return np.median(whole, axis=(2, 4))",
        "avg_pool-values avg_pool-rest", "the median of each square",
    ),
    "squares from the other end": (
        "avg_pool", POOL.replace(":h // size * size, :w // size * size",
                                 "h % size:, w % size:"),
        "avg_pool-rest", "counted from the other end",
    ),
    "divided by the side": (
        "avg_pool", POOL.replace(".mean(axis=(2, 4))", ".sum(axis=(2, 4)) / size"),
        "avg_pool-values avg_pool-rest", "divided by how many?",
    ),
    "divided by four": (
        "avg_pool", POOL.replace(".mean(axis=(2, 4))", ".sum(axis=(2, 4)) / 4"),
        "avg_pool-values avg_pool-rest", "Divided by how many?",
    ),
    "pool of integers": (
        "avg_pool", POOL.replace(".mean(axis=(2, 4))", ".mean(axis=(2, 4)).astype(int)"),
        "avg_pool-values avg_pool-rest", "is the result an array of integers",
    ),
    "pool rounded": (
        "avg_pool", POOL.replace(".mean(axis=(2, 4))", ".mean(axis=(2, 4)).round(6)"),
        "avg_pool-values avg_pool-rest", "right to a few digits only",
    ),
    "rows and columns of the squares exchanged": (
        "avg_pool", POOL.replace("h // size, size, w // size, size, c)",
                                 "h // size, size, size, w // size, c)")
        .replace("(2, 4)", "(2, 3)"),
        "avg_pool-values avg_pool-rest", "in your answer",
    ),
    "channels mixed": (
        "avg_pool", "def avg_pool(images, size):\n    n, h, w, c = images.shape\n"
        "    whole = images[:, :h // size * size, :w // size * size]\n"
        "    whole = whole.reshape(n, h // size, size, w // size, size, c)\n"
        "    return whole.mean(axis=(2, 4, 5))[..., None] + np.zeros(c)",
        "avg_pool-values avg_pool-rest", "Is every image and channel by itself?",
    ),
    "square kernels only in the gradient": (
        "conv_same_gradients", GRADIENTS.replace("d * (kw // 2)", "d * (kh // 2)"),
        "conv_same_gradients-kernels", "need borders of their own",
    ),
    "bias gradient without upstream": (
        "conv_same_gradients", GRADIENTS.replace(
            "upstream.sum(axis=(0, 1, 2))", "np.ones(upstream.shape[3]) * upstream[..., 0].size"),
        "conv_same_gradients-bias", "bias does not depend on upstream",
    ),
    "the border repeated in the gradient": (
        "conv_same_gradients", GRADIENTS.replace("(0, 0)))", '(0, 0)), mode="edge")'),
        KERNELS, "far from the border",
    ),
    "bias before kernels": (
        "conv_same_gradients",
        GRADIENTS.replace("return np.einsum(", "return upstream.sum(axis=(0, 1, 2)), np.einsum(")
        .replace(", upstream), upstream.sum(axis=(0, 1, 2))", ", upstream)"),
        f"{KERNELS} conv_same_gradients-bias", "the gradient in the bias has shape",
    ),
    "the first layer taken for granted": (
        "count_weights", "def count_weights(channels, layers):\n    kernel, filters = layers[0]\n"
        "    total = (kernel**2 * channels + 1) * filters\n"
        "    for (_, before), (kernel, filters) in zip(layers, layers[1:]):\n"
        "        total += (kernel**2 * before + 1) * filters\n    return total",
        "count_weights-values", "layers may be empty",
    ),
    "sigmoid at the end": (
        "build_model", MODEL.replace("Dense(10)", 'Dense(10, activation="sigmoid")'),
        "build_model-form", "the last layer should have no activation",
    ),
    "tanh at the end": (
        "build_model", MODEL.replace("Dense(10)", 'Dense(10, activation="tanh")'),
        "build_model-form", "the last layer should have no activation",
    ),
    "relu at the end": (
        "build_model", MODEL.replace("Dense(10)", 'Dense(10, activation="relu")'),
        "build_model-form", "the last layer should have no activation",
    ),
    "a subclass of keras.Model": (
        "build_model", "class Net(keras.Model):\n    def __init__(self):\n"
        "        super().__init__()\n        self.conv = keras.layers.Conv2D(8, 3, strides=2)\n"
        "        self.flat, self.out = keras.layers.Flatten(), keras.layers.Dense(10)\n"
        "    def call(self, x):\n        return self.out(self.flat(self.conv(x)))\n\n"
        "def build_model():\n    model = Net()\n    model.build((None, 16, 16, 1))\n"
        "    return model",
        "build_model-form build_model-accuracy", "Net is a class of your own",
    ),
    "images of another size": (
        "build_model", MODEL.replace("Input((16, 16, 1))", "Input((28, 28, 1))"),
        "build_model-form build_model-accuracy", "does not take images of shape (16, 16, 1)",
    ),
    "bias subtracted": (
        "conv_same", CONV.replace("+ bias", "- bias"),
        "conv_same-bias", "All is right but the bias",
    ),
    "the border repeated outside": (
        "conv_same", CONV.replace("(0, 0)))", '(0, 0)), mode="edge")'),
        CONVS, "near it they are not",
    ),
    "kernels alone": (
        "conv_same_gradients", GRADIENTS.replace(", upstream.sum(axis=(0, 1, 2))", ""),
        f"{KERNELS} conv_same_gradients-bias", "it returns an array of shape (3, 5, 2, 3)",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "pixel by pixel": {
        "conv_same": "def conv_same(images, kernels, bias, dilation=1):\n"
        "    (kh, kw, C, F), (N, H, W, _) = kernels.shape, images.shape\n"
        "    y = np.empty((N, H, W, F))\n    y[:] = bias\n"
        "    for n, p, q, i, j in np.ndindex(N, H, W, kh, kw):\n"
        "        r, s = p + dilation * (i - kh // 2), q + dilation * (j - kw // 2)\n"
        "        if 0 <= r < H and 0 <= s < W:\n"
        "            y[n, p, q] += images[n, r, s] @ kernels[i, j]\n    return y.tolist()",
        "avg_pool": "def avg_pool(images, size):\n    N, H, W, C = images.shape\n"
        "    return [[[np.mean(image[p : p + size, q : q + size], axis=(0, 1))\n"
        "              for q in range(0, W - size + 1, size)]\n"
        "             for p in range(0, H - size + 1, size)] for image in images]",
    },
    "windows and einsum": {"conv_same": CONV, "conv_same_gradients": GRADIENTS},
    "SciPy": {
        "conv_same": "def conv_same(images, kernels, bias, dilation=1):\n"
        "    from scipy.ndimage import correlate\n    kh, kw, C, F = kernels.shape\n"
        "    wide = np.zeros((dilation * (kh - 1) + 1, dilation * (kw - 1) + 1, C, F))\n"
        "    wide[::dilation, ::dilation] = kernels\n"
        "    def one(c, f):\n"
        "        return correlate(images[..., c], wide[None, ..., c, f], mode='constant')\n"
        "    return np.stack([sum(one(c, f) for c in range(C)) + bias[f] for f in range(F)], -1)",
    },
    "a pair as a list": {
        "conv_same_gradients": GRADIENTS.replace("return np", "return [np")
        .replace("axis=(0, 1, 2))", "axis=(0, 1, 2))]"),
    },
    "recursion": {
        "count_weights": "def count_weights(channels, layers):\n"
        "    if not layers:\n        return 0\n"
        "    (kernel, filters), *rest = layers\n"
        "    return filters * (channels * kernel**2 + 1) + count_weights(filters, rest)",
    },
    "counted by Keras": {
        "count_weights": "def count_weights(channels, layers):\n"
        "    x = keras.Input((64, 64, channels))\n    y = x\n    for kernel, filters in layers:\n"
        "        y = keras.layers.Conv2D(filters, kernel)(y)\n"
        "    return keras.Model(x, y).count_params()",
    },
    "the functional way": {
        "build_model": "def build_model():\n    x = keras.Input((16, 16, 1))\n"
        "    y = keras.layers.Conv2D(12, 5, padding='same', activation='relu')(x)\n"
        "    y = keras.layers.AveragePooling2D(2)(keras.layers.BatchNormalization()(y))\n"
        "    y = keras.layers.Conv2D(16, 3, padding='same', activation='relu')(y)\n"
        "    y = keras.layers.Flatten()(keras.layers.MaxPooling2D(2)(y))\n"
        "    return keras.Model(x, keras.layers.Dense(10)(y))",
    },
}  # fmt: skip
