"""Contour and gradient plots, and one style for all that Matplotlib draws."""

import sys

import numpy as np

from coursekit.figures.contours import contour_levels, evaluate_on_grid, thinned

__all__ = ["plot_arrows", "plot_contours", "plot_gradients", "plot_set", "use_style"]


def use_style():
    """Give every Matplotlib figure of a notebook the look of the course.

    SVG with text as text (light, and in whatever sans-serif font the reader has), without a
    date and with a fixed salt for its ids, so that the same cell gives the same bytes;
    transparent background and black text, which the dark theme of the book inverts; lines that
    differ in dash as well as in colour (the colours of Okabe and Ito, 2008, without the pale ones).

    Examples
    --------
    >>> use_style()
    >>> import matplotlib
    >>> matplotlib.rcParams["savefig.facecolor"]
    'none'
    """
    import matplotlib.pyplot as plt
    from cycler import cycler

    colours = ["#000000", "#0072b2", "#d55e00", "#00875f", "#a8508a"]
    dashes = ["-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5))]
    plt.rcParams.update(
        {
            "axes.facecolor": "none",
            "axes.prop_cycle": cycler(color=colours) + cycler(linestyle=dashes),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlesize": 12,
            "figure.constrained_layout.use": True,
            "figure.facecolor": "none",
            "figure.figsize": (6, 4),
            "font.family": "DejaVu Sans",  # sets the lengths of the words
            "font.size": 12,
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "lines.markersize": 6,
            "savefig.facecolor": "none",
            "svg.fonttype": "none",
            "svg.hashsalt": "coursekit",
        }
    )
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None, "Creator": None})


def plot_contours(f, ax=None, *, window=None, levels=12, n=121, log=None):
    r"""Draw contour lines of a function of two variables; dashed where the value is negative.

    Parameters
    ----------
    f : Objective or callable
        Called once, on an array of shape (n, n, 2).
    ax : matplotlib Axes, optional
        Default: the current one.
    window : ((xlo, xhi), (ylo, yhi)), optional
        Default: the window of the objective.
    levels : int or sequence of float
        How many levels, or which.
    n : int
        Grid points a side. Features smaller than the window divided by ``n`` are lost.
    log : bool, optional
        Geometric (True) or evenly spaced (False) levels; None lets the values decide,
        see :func:`coursekit.figures.contours.contour_levels`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no window, ``f`` does not take arrays of points, or is nowhere finite.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> ax = plot_contours(lambda x: x[..., 0] ** 2 + x[..., 1] ** 2, window=((-1, 1), (-2, 2)))
    >>> ax.get_ylim() == (-2, 2)
    True
    """
    import matplotlib.pyplot as plt

    window = _window(f, window)
    ax = plt.gca() if ax is None else ax
    x, y, z = evaluate_on_grid(f, window, n)
    if np.ndim(levels) == 0:
        levels = contour_levels(z, levels, log)
    levels = np.asarray(levels, float)
    if levels.size:
        dashes = ["--" if level < 0 else "-" for level in levels]
        z = np.ma.masked_invalid(z)
        lines = ax.contour(x, y, z, levels=levels, colors="0.45", linewidths=0.9, linestyles=dashes)
        size = [400 / np.ptp(side) for side in window]  # to about pixels, where thinning is unseen
        lines.set_paths([thinned(path, size) for path in lines.get_paths()])
    ax.set(xlim=window[0], ylim=window[1], xlabel="$x_1$", ylabel="$x_2$")
    return ax


def plot_gradients(f, grad=None, ax=None, *, window=None, n=11):
    r"""Draw gradients as arrows over contour lines, at equal scale on both axes.

    At equal scale each arrow is perpendicular to the contour through its foot. Arrows point in
    the direction of :math:`\nabla f`; their length is proportional to
    :math:`\|\nabla f\|_2^{1/2}`, so that short ones stay visible.

    Parameters
    ----------
    f : Objective or callable
    grad : callable, optional
        Maps (n, n, 2) to (n, n, 2). Default: ``f.grad``.
    ax, window
        As in :func:`plot_contours`.
    n : int
        Arrows a side.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        As in :func:`plot_contours`, or if ``grad`` is missing or gives another shape.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from coursekit.objectives import bowl
    >>> plot_gradients(bowl).get_aspect()
    1.0
    """
    grad = getattr(f, "grad", None) if grad is None else grad
    if grad is None:
        raise ValueError("grad is missing: pass the gradient of f, or an Objective")
    window = _window(f, window)
    ax = plot_contours(f, ax, window=window)
    inset = [np.linspace(lo, hi, n + 2)[1:-1] for lo, hi in window]
    points = np.stack(np.meshgrid(*inset), axis=-1)
    with np.errstate(all="ignore"):  # arrows are drawn only where the gradient is finite
        g = np.asarray(grad(points), float)
        if g.shape != points.shape:
            raise ValueError(
                f"grad must map points of shape {points.shape} to gradients of the same shape, "
                f"but gave {g.shape}"
            )
        g = g / np.sqrt(np.linalg.norm(g, axis=-1, keepdims=True))
    keep = np.isfinite(g).all(axis=-1)  # drops the zero gradients too: they have no direction
    ax.quiver(*points[keep].T, *g[keep].T, angles="xy", color="black", width=0.004)
    ax.set_aspect("equal")
    return ax


def plot_arrows(foot, arrows, ax=None):
    """Draw arrows from one point, each with a head and its name beyond the head.

    Parameters
    ----------
    foot : array_like, shape (2,)
    arrows : dict of name to array_like of shape (2,)
        From the foot to the tip, in the units of the axes.
    ax : matplotlib Axes, optional
        Default: the current one. Its limits stay, so set them first.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If the foot or an arrow is not a point of the plane.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> len(plot_arrows([0, 0], {"a": [1, 0], "b": [0, 1]}).texts)
    4
    """
    import matplotlib.pyplot as plt

    ax = plt.gca() if ax is None else ax
    for name, arrow in {"foot": foot, **arrows}.items():
        if np.shape(arrow) != (2,):
            raise ValueError(f"{name} must have shape (2,), got {np.shape(arrow)}")
    foot = np.asarray(foot, float)
    for name, arrow in arrows.items():
        tip = foot + arrow
        shape = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.8}
        shape |= {"shrinkA": 0, "shrinkB": 0, "mutation_scale": 14}
        ax.annotate("", tip, foot, arrowprops=shape)
        along = ax.transData.transform(tip) - ax.transData.transform(foot)
        ax.annotate(
            name,
            tip,
            13 * along / (np.hypot(*along) or 1),
            textcoords="offset points",
            ha="center",
            va="center",
        )
    return ax


def plot_set(constraints, ax=None, *, window, n=241):
    r"""Shade the points of the plane where every constraint is at most 0.

    Parameters
    ----------
    constraints : sequence of callable
        Each maps points of shape (n, n, 2) to values of shape (n, n).
    ax : matplotlib Axes, optional
        Default: the current one.
    window : ((xlo, xhi), (ylo, yhi))
    n : int
        Grid points a side.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no constraint, or as in :func:`plot_contours`.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> disc = lambda x: x[..., 0] ** 2 + x[..., 1] ** 2 - 1
    >>> plot_set([disc], window=((-2, 2), (-2, 2))).get_xlim() == (-2, 2)
    True
    """
    import matplotlib.pyplot as plt

    if not constraints:
        raise ValueError("constraints is empty: every point would be shaded")
    window = _window(constraints, window)
    ax = plt.gca() if ax is None else ax
    grids = [evaluate_on_grid(g, window, n) for g in constraints]
    x, y, _ = grids[0]
    worst = np.max([z for _, _, z in grids], axis=0)
    size = [400 / np.ptp(side) for side in window]  # to about pixels, where thinning is unseen
    if worst.min() <= 0:
        shade = ax.contourf(x, y, worst, levels=[min(worst.min(), -1) - 1, 0], colors=["0.86"])
        shade.set_paths([thinned(path, size) for path in shade.get_paths()])
    edge = ax.contour(x, y, worst, levels=[0], colors="0.45", linewidths=1.2)
    edge.set_paths([thinned(path, size) for path in edge.get_paths()])
    ax.set(xlim=window[0], ylim=window[1])
    return ax


def _window(f, window):
    window = getattr(f, "window", None) if window is None else window
    if window is None:
        raise ValueError("window is missing: pass ((xlo, xhi), (ylo, yhi)), or an Objective as f")
    if np.shape(window) != (2, 2):
        raise ValueError(
            f"window must be ((xlo, xhi), (ylo, yhi)), got shape {np.shape(window)}; "
            "only functions of two variables have contour lines"
        )
    return window
