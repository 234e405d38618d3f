"""Exercises on learning."""

from itertools import pairwise

import numpy as np

from coursekit.derivatives import numerical_jacobian
from coursekit.learning.convolution import max_pool_gradient
from coursekit.learning.pagerank import link_matrix, pagerank
from coursekit.learning.recurrent import recurrent


def ex_beyond_maximum(max_weights):
    """Set max_weights, the tuple (A_in, A_rec, b, A_out)."""
    rng = np.random.default_rng(0)
    inputs = rng.uniform(0, 9, size=(50, 12, 1)).round(2)
    right = np.maximum.accumulate(inputs, axis=1)
    found, states = recurrent(inputs, max_weights)
    assert states.shape[-1] == 2, f"Two neurons will do; yours has {states.shape[-1]}."
    assert found.shape == right.shape, f"One output a time; yours has shape {found.shape[1:]}."
    assert np.allclose(found[:, 0], right[:, 0]), (
        "The first output must be the first input: h starts at zero."
    )
    wrong = np.argwhere(~np.isclose(found, right))
    if len(wrong):
        n, t, _ = wrong[0]
        seen = ", ".join(f"{v:g}" for v in inputs[n, : t + 1, 0])
        raise AssertionError(f"After the inputs {seen} the output is {found[n, t, 0]:g}.")


def ex_beyond_log(growth, overflow_at):
    """Set growth, the factor of one step, and overflow_at, a distance."""
    assert abs(growth - 2.594) > 0.01, "That is the factor of ten steps. Of one?"
    assert abs(growth - 1.1) < 0.002, (
        f"{growth:.4g} to the power 10 is {growth**10:.4g}, not 2.594."
    )
    assert not 7000 < overflow_at < 8000, "That is where float64 ends; the run is in float32."
    assert abs(overflow_at - 931) <= 15, (
        f"After {overflow_at:.0f} steps the factor is 10 to the power "
        f"{overflow_at * np.log10(1.1):.1f}; the largest number of float32 is 3.4e38."
    )


def ex_beyond_kernel(are_kernels):
    """Set are_kernels, the set of the names of those that are kernels."""
    right, known = {"min", "cosine", "slow"}, {"min", "max", "cube", "cosine", "slow", "tanh"}
    names = set(are_kernels)
    assert names <= known, f"The names are {', '.join(sorted(known))}."
    bad = sorted(names - right)
    assert not bad, f"{bad[0]}: a matrix of it on twenty points has a clearly negative eigenvalue."
    lost = sorted(right - names)
    assert not lost, f"{lost[0]}: is its lowest eigenvalue negative, or is that rounding?"


def ex_beyond_leak(loose_share, sound_step):
    """Set loose_share, and define sound_step(S, x, d)."""
    assert abs(loose_share - 0.2125) > 1e-6, "That much was lost, of a share times 0.85."
    assert abs(loose_share - 0.25) < 1e-3, "Lost is 1 - 0.7875 = 0.2125: 0.85 times what?"
    rng = np.random.default_rng(1)
    S, x = link_matrix(rng.integers(9, size=(11, 2)), 9), rng.dirichlet(np.ones(9))
    full = S.toarray()
    full[:, full.sum(axis=0) == 0] = 1 / 9
    found = sound_step(S, x.copy(), 0.7)
    assert np.shape(found) == (9,), f"It returns one share a page; yours has {np.shape(found)}."
    assert abs(np.sum(found) - 1) < 1e-9, f"The sum after a step is {np.sum(found):.4f}."
    assert np.allclose(found, 0.7 * full @ x + 0.3 / 9), (
        "The sum is kept, but some shares are not right: who gets what the loose pages held?"
    )


def ex_beyond_farm(farm_share, enough):
    """Define farm_share(k), and set enough, the smallest k."""

    def right(k):
        new = range(4, 4 + k)
        pairs = [(0, 1), (0, 2), (1, 2), (2, 0)]
        pairs += [(3, page) for page in new] + [(page, 3) for page in new]
        return pagerank(link_matrix(pairs, 4 + k)).x

    for k in (1, 3, 6):
        found = farm_share(k)
        assert abs(found - right(k)[3]) < 1e-6, (
            f"farm_share({k}) is {found:.4f}. Are there 4 + {k} pages, is the link from page 4 to "
            "page 3 gone, and do page 4 and the new pages link to each other?"
        )
    first = next(k for k in range(1, 9) if right(k).argmax() == 3)
    assert enough >= first, f"With {enough} new pages another page is still first."
    assert enough == first, "Fewer are enough."


def ex_bp_half(layers_left):
    """Set layers_left, the number of layers after which the gradient is zero."""
    assert layers_left < 100, "Each layer has the factor 2**-0.5 in the mean: half of D is off."
    assert layers_left > 30, "Each layer shrinks the length by 2**-0.5. Or are the entries 1?"
    assert 38 <= layers_left <= 52, (
        "From entries of 1/16 down to 2**-25, half of a power of 2 in each layer."
    )


def ex_bp_normalize(normalize_back):
    """Define normalize_back(x, g)."""
    x, g = np.random.default_rng(5).normal(size=(2, 3, 4))
    found = np.asarray(normalize_back(x.copy(), g.copy()))
    assert found.shape == x.shape, f"For a batch of shape (3, 4) its shape is {found.shape}."
    y = x / np.linalg.norm(x, axis=1, keepdims=True)
    J = np.stack([numerical_jacobian(lambda v: v / np.sqrt(v @ v), row) for row in x])
    right = np.einsum("nij,ni->nj", J, g)
    ratio = np.linalg.norm(found, axis=1) / np.linalg.norm(right, axis=1)
    assert np.allclose((found * y).sum(axis=1), 0, atol=1e-8), (
        "Stretching a row of x changes nothing, so each row of the result is orthogonal to it."
    )
    assert not np.allclose(found, right * ratio[:, None]) or np.allclose(ratio, 1), (
        "The direction of each row is right, its length is not: it depends on the length of x."
    )
    assert np.allclose(found, right, rtol=1e-6), "For a random batch some entries differ."


def ex_bp_checkpoint(most_stored, evaluations):
    """Set most_stored and evaluations, two integers."""
    assert most_stored > 10, "Within the segment that is swept, values are stored, too."
    assert 18 <= most_stored <= 20, "Ten starts, and the values within one segment."
    assert evaluations > 100, "That is the way forward alone. What is recomputed?"
    assert 190 <= evaluations <= 200, "Each segment is evaluated once more, or nearly so."


def ex_bp_springs(spring_gradient):
    """Define spring_gradient(p)."""
    for p in ([2.0, 0.5, 1.0, 4.0], [1.0, 3.0]):
        weights = np.arange(len(p), 0, -1)
        found, right = np.asarray(spring_gradient(np.array(p))), -weights / np.square(p)
        assert found.shape == (len(p),), f"For {len(p)} springs its shape is {found.shape}."
        assert not np.allclose(found, -right), "A stiffer spring lengthens less: look at the sign."
        assert not np.allclose(found, weights / p), "These are the lengthenings, not the slopes."
        assert np.allclose(found, right), f"For p = {p} it gives {found.round(4).tolist()}."


def ex_bp_leaky(leaky_variance):
    """Define leaky_variance(a, fan_in)."""
    assert np.isclose(leaky_variance(0, 50), 2 / 50), "For a = 0 it is a ReLU."
    assert np.isclose(leaky_variance(1, 50), 1 / 50), "For a = 1 the layer is linear: 1/n."
    assert np.isclose(leaky_variance(0.2, 30), 2 / (1.04 * 30)), (
        "The squares of the negative side count with the square of a."
    )
    assert np.isclose(leaky_variance(-0.5, 8), 2 / (1.25 * 8)), "And for a negative a?"


def ex_cnn_log(layer_kind, missing_argument):
    """Set layer_kind, a word, and missing_argument, what the call of the model lacks."""
    assert "drop" not in layer_kind.lower(), "That one is off by default when a network is called."
    assert "augment" in layer_kind.lower() or "random" in layer_kind.lower(), (
        "Which layers draw random numbers?"
    )
    assert "training" in missing_argument, (
        "With which argument does a model know that it is tested?"
    )


def ex_cnn_vgg(shares):
    """Set shares, what is left of VGG-16 and of VGG-19, as numbers between 0 and 1."""
    dense = (25088 + 1) * 4096 + (4096 + 1) * 4096 + (4096 + 1) * 1000
    for name, repeats, share in zip(
        ("VGG-16", "VGG-19"), ((2, 2, 3, 3, 3), (2, 2, 4, 4, 4)), shares, strict=True
    ):
        widths = [3]
        for width, times in zip((64, 128, 256, 512, 512), repeats, strict=True):
            widths += [width] * times
        convs = sum((9 * a + 1) * b for a, b in pairwise(widths))
        right = (convs + 513 * 1000) / (convs + dense)
        assert abs(share - right) < 0.01, (
            f"{name}: {share:.0%} is too {'much' if share > right else 'little'}: count anew."
        )


def ex_cnn_faces(same_face, new_faces):
    """Set same_face and new_faces, the mean accuracies."""
    assert 0 <= new_faces <= 1 and 0 <= same_face <= 1, "Accuracies are between 0 and 1."
    assert same_face > 0.5, f"On its own face the network reads only {same_face:.0%}."
    assert new_faces < same_face, "Are the two exchanged, or do both tests show the same faces?"


def ex_cnn_bypass(without_first, without_second):
    """Set without_first and without_second, the mean accuracies without one of the blocks."""
    assert 0 <= without_first <= 1 and 0 <= without_second <= 1, "Accuracies are between 0 and 1."
    assert without_first != without_second, "Equal: are the weights put back in between?"
    assert without_first < 0.4 < without_second, (
        "One block is needed more than the other. Were gamma and beta of its last layer set to 0?"
    )


def ex_convolution_sign(smooth_like):
    """Define smooth_like(v, w)."""
    for v, w, right in [
        ([0, 0, 1, 0, 0, 0], [1, 2, 3], [0, 0, 1, 2, 3, 0]),
        ([3, 6, 9, 12, 15, 18], [0, 0, 1], [0, 0, 3, 6, 9, 12]),
        ([1, 0, 0, 2], [5, 7, 0], [5, 7, 0, 10]),
    ]:
        found = smooth_like(np.array(v), np.array(w))
        assert np.shape(found) == np.shape(right), f"For {v} its shape is {np.shape(found)}."
        assert not np.allclose(found, np.flip(right)) or v[0], "It comes out turned around."
        assert np.allclose(found, right), f"For {v} and {w} it gives {np.asarray(found).tolist()}."


def ex_convolution_sizes(sizes):
    """Set sizes, the list of sizes from 200 to 260 that work."""
    sizes = sorted(sizes)
    assert sizes, "There are some that work."
    bad = [n for n in sizes if n % 16]
    assert not bad, f"{bad[0]} does not work: follow it down four times, and up again."
    assert sizes[0] >= 200 and sizes[-1] <= 260, "Only those from 200 to 260 are asked for."
    assert len(sizes) == 4, "Some more work. What do those that you found have in common?"


def ex_convolution_stop(restored, *, B, C, blurred):
    """Set restored, the picture at which you stopped."""
    misfit = np.sqrt(np.mean((B @ restored @ C.T - blurred) ** 2))
    assert misfit <= 1.1e-3, f"Its misfit is {misfit:.2e}: go on."
    assert misfit > 1.05e-3, f"Its misfit is {misfit:.2e}: stop earlier."


def ex_convolution_pool(pool_gradient, *, small):
    """Set pool_gradient, the gradient of l in the pixels of small."""
    right = max_pool_gradient(small, np.array([[10.0, 20.0], [30.0, 40.0]]))
    assert np.shape(pool_gradient) == right.shape, f"It has one entry a pixel: shape {right.shape}."
    assert np.isclose(np.sum(pool_gradient), 100), "Each window hands on all of its g, and no more."
    assert np.allclose(pool_gradient, right), "In some window another pixel is the largest."
