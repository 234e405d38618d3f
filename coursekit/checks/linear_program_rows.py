"""Rows of a linear program, and up to what each of them is satisfied by a vector."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

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
