"""The library that the chapters, the homework and the grader of the course share.

Names are imported on first use, so that ``import coursekit`` costs little more than
``import numpy``: no plotting, no TensorFlow and no nbgrader until something asks for them.
``__init__.pyi`` says which name comes from where.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "0.1.0"
