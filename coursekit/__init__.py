"""The library that the chapters, the homework and the grader of the course share.

Names are imported on first use, so that ``import coursekit`` costs little more than
``import numpy``: no plotting, no TensorFlow and no nbgrader until something asks for them.
"""

import importlib

_HOME = {
    "checks": (
        "CheckFailed",
        "check_against",
        "check_descent",
        "check_kkt",
        "check_minimizer",
        "check_numerical_jacobian",
        "check_shapes",
    ),
    "conditioning": ("condition_number",),
    "convolution": ("conv2d", "max_pool"),
    "derivatives": ("Derivative", "numerical_hessian", "numerical_jacobian"),
    "descent": ("gradient_descent",),
    "figures": (
        "animate_descent",
        "plot_contours",
        "plot_gradients",
        "slide_bars",
        "slide_curves",
        "slide_images",
        "slide_paths",
    ),
    "kkt": ("kkt_residuals",),
    "letters": ("load_letters",),
    "softmax": ("cross_entropy", "log_softmax", "logsumexp"),
    "taylor": ("classify_critical_point", "optimal_step", "quadratic_model"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
_MODULES = frozenset(_HOME) | {"homework", "least_squares", "objectives"}

__all__ = sorted(_MODULE_OF)


def __getattr__(name):
    if name in _MODULE_OF:
        return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name == "__version__":
        from importlib.metadata import version

        return version(__name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_MODULE_OF, *_MODULES})
