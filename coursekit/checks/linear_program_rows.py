"""Rows of a linear program, up to what a vector satisfies them, and what proves their limits."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

TINY = np.finfo(float).tiny


class Violation(NamedTuple):
    """The row that a vector violates most, and what counts as zero there."""

    index: int
    tol: float


class Rows(NamedTuple):
    """Rows of ``A @ v`` that must be at least ``rhs``, at most ``rhs``, both or nothing."""

    A: sp.csr_array
    rhs: np.ndarray
    least: np.ndarray
    most: np.ndarray
    units: np.ndarray  # of v, in which the entries of the matrix are near 1

    def violated(self, v, r):
        """The row violated most, by more than counts as zero; None if there is none."""
        off, tol = self.A @ v - self.rhs, self.zero(v, r)
        off = np.maximum(np.where(self.most, off, 0), np.where(self.least, -off, 0))
        if not (off > tol).any():
            return None
        i = int(np.argmax(off / tol))
        return Violation(i, tol[i])

    def zero(self, v, r):
        """What counts as zero in each row: r times the size of its terms, or of their scale."""
        size, rhs = abs(self.A), np.abs(self.rhs)
        own = size @ np.abs(v) + rhs
        wide = size @ self._scales(v) + rhs
        return r * np.where(own > r * wide, own, wide) + TINY

    def _scales(self, v):
        """The size that each entry of v has, or could have."""
        A = sp.coo_array(self.A)
        i, j = A.coords
        has = (self.rhs[i] != 0) & (A.data != 0)
        scales = np.full(len(v), np.inf)
        np.minimum.at(scales, j[has], np.abs(self.rhs[i[has]] / A.data[has]))
        known = np.where(np.isfinite(scales), scales, 0)
        known = np.maximum(known, np.abs(v))
        others = self.units * (known / self.units).max(initial=0)
        return np.maximum(np.where(np.isfinite(scales), scales, others), np.abs(v))


def units(A):
    """Units of the rows and the columns of a matrix, in which its entries are near 1."""
    rows, columns = np.ones(A.shape[0]), np.ones(A.shape[1])
    A = sp.coo_array(A)
    i, j = A.coords
    for _ in range(20):
        for unit, index in ((rows, i), (columns, j)):
            largest = np.zeros(len(unit))
            np.maximum.at(largest, index, np.abs(A.data) * rows[i] * columns[j])
            unit /= np.sqrt(np.where(largest > 0, largest, 1))
    return rows, columns


def certificate(A, b, ub, bounds):
    """A certificate that no x is feasible, whose first ``ub`` entries are of inequalities.

    With A.T @ y = p - q, it has the largest b @ y - high @ p + low @ q in a box.
    """
    m, n = A.shape
    ends = [np.where(np.isfinite(v), v, 0) for v in bounds]
    box = [(-1, 0)] * ub + [(-1, 1)] * (m - ub)
    for v in bounds[::-1]:
        box += [(0, None if finite else 0) for finite in np.isfinite(v)]
    eye = sp.eye_array(n)
    equations = sp.hstack([A.T, -eye, eye])
    cost = np.concatenate([-b, ends[1], -ends[0]])
    return linprog(cost, A_eq=equations, b_eq=np.zeros(n), bounds=box).x[:m]


def direction(c, A, ub, bounds):
    """The direction in a box along which the cost falls most, None if the solver gives up."""
    low, high = (np.isfinite(v) for v in bounds)
    box = np.column_stack([low - 1, 1 - high])
    zero = np.zeros(A.shape[0])
    return linprog(c, A[:ub], zero[:ub], A[ub:], zero[ub:], bounds=box).x
