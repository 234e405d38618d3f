"""Validation of arguments: the rules one by one, and that all topics keep to them."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import _arguments, statuses
from coursekit.constraints import kkt, least_squares
from coursekit.constraints.kkt import Problem
