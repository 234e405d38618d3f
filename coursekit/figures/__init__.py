"""Figures of the chapters: contour and gradient plots, one style, and the operable figures."""

from coursekit.figures.digits import slide_digits, slide_number_line
from coursekit.figures.directions import slide_directions
from coursekit.figures.graphs import slide_graph
from coursekit.figures.grid import slide_grid
from coursekit.figures.history import slide_history
from coursekit.figures.interactive import Interactive
from coursekit.figures.maps import slide_maps
from coursekit.figures.networks import slide_network
from coursekit.figures.paths import animate_descent, slide_paths
from coursekit.figures.sliders import slide_bars, slide_curves, slide_images
from coursekit.figures.static import (
    plot_arrows,
    plot_contours,
    plot_gradients,
    plot_set,
    use_style,
)

__all__ = [
    "Interactive",
    "animate_descent",
    "plot_arrows",
    "plot_contours",
    "plot_gradients",
    "plot_set",
    "slide_bars",
    "slide_curves",
    "slide_digits",
    "slide_directions",
    "slide_graph",
    "slide_grid",
    "slide_history",
    "slide_images",
    "slide_maps",
    "slide_network",
    "slide_number_line",
    "slide_paths",
    "use_style",
]
