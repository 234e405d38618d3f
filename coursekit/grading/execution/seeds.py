"""Seeds that a test sets reach the student's process, where the answers draw their numbers."""

import sys

__all__ = ["forward_seeds"]


def forward_seeds(forward):
    """Replace the seeding functions by ones that also call ``forward(kind, number)``."""
    import random

    import numpy as np

    places = [(np.random, "seed", "numpy"), (random, "seed", "random")]
    if "tensorflow" in sys.modules:
        places.append((sys.modules["tensorflow"].random, "set_seed", "tensorflow"))
    if "keras" in sys.modules:
        places.append((sys.modules["keras"].utils, "set_random_seed", "all"))
    for module, name, kind in places:
        setattr(module, name, _forwarding(getattr(module, name), kind, forward))


def _forwarding(function, kind, forward):
    def seed(*args, **kwargs):
        result = function(*args, **kwargs)
        values = [*args, *kwargs.values()]
        if len(values) == 1 and isinstance(values[0], int):
            forward(kind, values[0])
        return result

    return seed
