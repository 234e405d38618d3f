r"""Reverse-mode automatic differentiation on NumPy arrays: one sweep back gives every derivative.

A `Node` is a value and a record of where it came from: its parents, and a rule that turns the
adjoint of the node into the shares of the parents. The *adjoint* of u is the gradient of the final
number F in u, an array of the shape of u; it is the sum of the shares from all that u is used for:

.. math:: \bar u = \frac{\partial F}{\partial u} = \sum_{v \text{ made from } u}
          \Bigl(\frac{\partial v}{\partial u}\Bigr)^{\!\mathsf T} \bar v .

Operators and the functions of NumPy that are in `RULES` make nodes, with broadcasting; so do
`relu`, `softmax_cross_entropy` and `conv2d`, and the methods ``sum``, ``mean``, ``reshape``,
``transpose`` and indexing. `adjoints` sweeps back from one number.

A gradient takes about three evaluations of a network, and more if its arrays are so small that the
record in Python outweighs the arithmetic. Arrays are recorded, not copied: write into none of them
before the sweep. Derivatives are arrays without a record; for derivatives of derivatives take tapes
of TensorFlow, or dual numbers.

References
----------
The course, chapter *Backpropagation*. A. Griewank and A. Walther, *Evaluating Derivatives*, SIAM
2008. D. Rumelhart, G. Hinton and R. Williams, Nature 323 (1986), 533-536.
"""

from itertools import compress, count

import numpy as np

from coursekit._arguments import real_array
from coursekit.learning import convolution
from coursekit.numbers.softmax import cross_entropy, softmax

__all__ = ["RULES", "Node", "adjoints", "conv2d", "relu", "softmax_cross_entropy"]
__all__ += ["value_and_gradients"]


def _as_matrices(g, a, b):
    """Give the axis back that ``@`` drops for a vector."""
    if np.ndim(b) == 1:
        g, b = g[..., None], np.asarray(b)[:, None]
    if np.ndim(a) == 1:
        g, a = g[..., None, :], np.asarray(a)[None]
    return g, np.asarray(a), np.asarray(b)


def _matmul_left(g, y, a, b):
    g, _, right = _as_matrices(g, a, b)
    return g @ right.swapaxes(-1, -2)


def _matmul_right(g, y, a, b):
    g, left, _ = _as_matrices(g, a, b)
    share = left.swapaxes(-1, -2) @ g
    return share[..., 0] if np.ndim(b) == 1 else share


#: From the adjoint g of y = op(a, b) to the shares of its inputs, a rule for each. At a tie of
#: ``maximum`` or ``minimum`` the first input counts, as in TensorFlow.
RULES = {
    np.add: (lambda g, y, a, b: g, lambda g, y, a, b: g),
    np.subtract: (lambda g, y, a, b: g, lambda g, y, a, b: -g),
    np.multiply: (lambda g, y, a, b: g * b, lambda g, y, a, b: g * a),
    np.divide: (lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b),
    np.power: (
        lambda g, y, a, b: g * b * a ** (b - (b != 0)),
        lambda g, y, a, b: g * y * np.log(a),
    ),
    np.matmul: (_matmul_left, _matmul_right),
    np.maximum: (lambda g, y, a, b: g * (a >= b), lambda g, y, a, b: g * (a < b)),
    np.minimum: (lambda g, y, a, b: g * (a <= b), lambda g, y, a, b: g * (a > b)),
    np.negative: (lambda g, y, a: -g,),
    np.absolute: (lambda g, y, a: g * np.sign(a),),
    np.square: (lambda g, y, a: g * 2 * a,),
    np.sqrt: (lambda g, y, a: g / (2 * y),),
    np.exp: (lambda g, y, a: g * y,),
    np.log: (lambda g, y, a: g / a,),
    np.sin: (lambda g, y, a: g * np.cos(a),),
    np.cos: (lambda g, y, a: -g * np.sin(a),),
    np.tanh: (lambda g, y, a: g * (1 - y * y),),
}
COMPARISONS = {np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal}
_numbers = count()


class Node(np.lib.mixins.NDArrayOperatorsMixin):
    r"""A value, and how its adjoint is shared among the nodes that it was made from.

    Parameters
    ----------
    value : array_like
        Real numbers of any shape; floats keep their type, integers become float64.
    parents : sequence of Node
        What it was made from; without any it is an input.
    shares : callable, optional
        ``shares(g)``, for the adjoint g, gives one array for each parent, in its shape.

    Raises
    ------
    TypeError
        If the value is not real; later, by operations that have no rule, and by ``x += ...``.

    Examples
    --------
    >>> x, y = Node(2.0), Node(3.0)
    >>> F = x**2 * (x + y)
    >>> F, adjoints(F)[x], adjoints(F)[y]
    (Node(20.0), np.float64(24.0), np.float64(4.0))
    """

    __hash__ = object.__hash__

    def __init__(self, value, parents=(), shares=None):
        self.value = real_array("value", value, finite=False)
        self.parents, self.shares = tuple(parents), shares
        self.number = next(_numbers)  # parents have smaller ones

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        values = [value_of(x) for x in inputs]
        if ufunc in COMPARISONS and method == "__call__" and not options:
            return ufunc(*values)
        if ufunc not in RULES or method != "__call__" or options:
            raise TypeError(
                f"{ufunc.__name__} has no rule here, or not with these options: see RULES. Write "
                "x = x + 1, not x += 1, and x.sum() for np.sum(x)."
            )
        y, pairs = ufunc(*values), zip(inputs, RULES[ufunc], strict=True)
        live = [(x, rule) for x, rule in pairs if isinstance(x, Node)]

        def shares(g):
            return [_fold(rule(g, y, *values), x.value.shape) for x, rule in live]

        return Node(y, [x for x, _ in live], shares)

    def __array_function__(self, function, types, args, options):
        raise TypeError(f"np.{function.__name__} has no rule here: use the methods of Node.")

    def __array__(self, dtype=None, copy=None):
        raise TypeError("a Node is no array, as its record would be lost: take its value.")

    def __repr__(self):
        return f"Node({self.value})"

    def __getitem__(self, index):
        def shares(g):
            share = np.zeros_like(self.value)
            np.add.at(share, index, g)
            return [share]

        return Node(self.value[index], [self], shares)

    def sum(self, axis=None, keepdims=False):
        """Sum over some axes, or all."""

        def shares(g):
            g = g if keepdims or axis is None else np.expand_dims(g, axis)
            return [np.broadcast_to(g, self.value.shape)]

        return Node(self.value.sum(axis=axis, keepdims=keepdims), [self], shares)

    def mean(self, axis=None, keepdims=False):
        """Average over some axes, or all."""
        total = self.sum(axis, keepdims)
        return total * (total.value.size / self.value.size)

    def reshape(self, *shape):
        """Return the same entries in another shape."""
        y = self.value.reshape(*shape)
        return Node(y, [self], lambda g: [g.reshape(self.value.shape)])

    def transpose(self, *axes):
        """Exchange axes; without arguments, in reverse order."""
        back = np.argsort(axes) if axes else None
        return Node(self.value.transpose(*axes), [self], lambda g: [np.transpose(g, back)])

    T = property(transpose)


def adjoints(output):
    r"""Sweep back from one number: the adjoint of every node that it was made from.

    Nodes are visited from the last to the first, so that each has all of its adjoint before it
    shares it, and each edge of the graph is used once.

    Parameters
    ----------
    output : Node
        Of shape ().

    Returns
    -------
    dict of Node to ndarray
        Each of the shape of its node; the output's own is 1. Nodes that the output does not
        depend on are missing.

    Raises
    ------
    TypeError, ValueError
        If the output is no node, or not one number.

    Examples
    --------
    >>> x = Node([1.0, 2.0, 3.0])
    >>> adjoints((x * x).sum())[x]
    array([2., 4., 6.])
    """
    if not isinstance(output, Node):
        raise TypeError(f"output must be a Node; got {type(output).__name__}. Is it a constant?")
    if output.value.shape != ():
        raise ValueError(
            f"output must be one number, of shape (); got shape {output.value.shape}. Take a sum, "
            "a mean or one entry."
        )
    reached, todo = {output}, [output]
    while todo:
        new = set(todo.pop().parents) - reached
        reached |= new
        todo += new
    found = {output: np.ones_like(output.value)}
    for node in sorted(reached, key=lambda node: node.number, reverse=True):
        shares = node.shares(found[node]) if node.parents else ()
        for parent, share in zip(node.parents, shares, strict=True):
            if parent in found:
                share = found[parent] + share
            found[parent] = share
    return found


def value_and_gradients(func, *arrays):
    r"""Value of a function of arrays, and its gradient in each of them.

    Parameters
    ----------
    func : callable
        Takes a node for each of the arrays, returns a node of shape ().
    *arrays : array_like
        Where.

    Returns
    -------
    value : float
    gradients : list of ndarray
        Each of the shape of its array; zeros where the function does not depend on it.

    Raises
    ------
    TypeError, ValueError
        As `adjoints`.

    Examples
    --------
    >>> value, (by_A, by_v) = value_and_gradients(
    ...     lambda A, v: relu(A @ v).sum(), [[1, -1], [2, 0]], [3, 5])
    >>> value
    6.0
    >>> by_A
    array([[0., 0.],
           [3., 5.]])
    >>> by_v
    array([2., 0.])
    """
    nodes = [Node(array) for array in arrays]
    output = func(*nodes)
    found = adjoints(output)
    gradients = [np.array(found[x]) if x in found else np.zeros_like(x.value) for x in nodes]
    return float(output.value), gradients


def relu(x):
    r"""The larger of x and 0, entry by entry; its slope at 0 is taken as 0, as in TensorFlow.

    Parameters
    ----------
    x : Node or array_like

    Returns
    -------
    Node or ndarray, shape of `x`

    Examples
    --------
    >>> relu(Node([-1.0, 0.0, 2.0]))
    Node([0. 0. 2.])
    """
    value = value_of(x)
    y = np.maximum(value, 0)
    return Node(y, [x], lambda g: [g * (value > 0)]) if isinstance(x, Node) else y


def softmax_cross_entropy(logits, labels):
    r"""Mean cross-entropy of the softmax of logits; its gradient is (p - y)/N.

    Parameters
    ----------
    logits : Node or array_like, shape (..., K)
    labels : array_like
        Classes, (...), or probabilities, (..., K), as in
        :func:`coursekit.numbers.softmax.cross_entropy`, which names what is wrong with them.

    Returns
    -------
    Node or float

    Examples
    --------
    >>> z = Node([[1.0, 2.0, 3.0]])
    >>> loss = softmax_cross_entropy(z, [2])
    >>> loss.value.round(6), adjoints(loss)[z].round(6)
    (np.float64(0.407606), array([[ 0.090031,  0.244728, -0.334759]]))
    """
    value = value_of(logits)
    losses = cross_entropy(value, labels)
    if not isinstance(logits, Node):
        return losses.mean()

    def shares(g):
        p = softmax(value)
        y = labels if np.ndim(labels) == p.ndim else np.eye(p.shape[-1], dtype=p.dtype)[labels]
        return [g * (p - y) / losses.size]

    return Node(losses.mean(), [logits], shares)


def conv2d(images, kernels, stride=1, padding=0):
    r"""Slide kernels over images, as :func:`coursekit.learning.convolution.conv2d`.

    Parameters
    ----------
    images, kernels : Node or array_like
        In the shapes of that function.
    stride, padding : int

    Returns
    -------
    Node or ndarray

    Examples
    --------
    >>> w = Node([[2, 3, 5]])
    >>> y = conv2d([[1, 2, 4, 7, 11, 16]], w)
    >>> adjoints(((y - [[10, 20, 40, 60]]) ** 2 / 2).sum())[w]
    array([[ 725., 1205., 1845.]])
    """
    inputs, sizes = (images, kernels), {"stride": stride, "padding": padding}
    values = [value_of(x) for x in inputs]
    y, live = convolution.conv2d(*values, **sizes), [isinstance(x, Node) for x in inputs]
    if not any(live):
        return y

    def shares(g):
        return compress(convolution.conv2d_gradients(*values, g, **sizes), live)

    return Node(y, compress(inputs, live), shares)


def value_of(x):
    """Return the value of a node, and anything else as it is."""
    return x.value if isinstance(x, Node) else x


def _fold(g, shape):
    """Add up what broadcasting has repeated: the adjoint of a broadcast is a sum."""
    if np.shape(g) == shape:
        return g
    g = g.sum(axis=tuple(range(np.ndim(g) - len(shape))))
    repeated = tuple(k for k, n in enumerate(shape) if n < g.shape[k])
    return g.sum(axis=repeated, keepdims=True) if repeated else g
