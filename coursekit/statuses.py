"""Why a run ended: the ``status`` of every result, one meaning a number.

======  =========================  =====================================================  =========
status  name                       meaning                                                a success
======  =========================  =====================================================  =========
0       ``CONVERGED``              the condition that was asked for holds                 yes
1       ``MAXITER``                ``maxiter`` updates were made                          no
2       ``DIVERGED``               the gradient grew beyond all bounds                    no
3       ``NON_FINITE``             the next point, or a value there, is not finite        no
4       ``NO_PROGRESS``            the update is too small to change the point            no
5       ``NOT_UNIQUE``             solved, but there are other solutions or multipliers   yes
6       ``INFEASIBLE``             no point satisfies the constraints                     no
7       ``UNBOUNDED``              the values fall without a bound                        no
8       ``NOT_POSITIVE_DEFINITE``  the quadratic model has no minimum, its Hessian is not no
9       ``SINGULAR``               the linear system of the step has no unique solution   no
======  =========================  =====================================================  =========

Each function says which of them it returns.
"""

__all__ = [
    "CONVERGED", "DIVERGED", "INFEASIBLE", "MAXITER", "NON_FINITE",
    "NOT_POSITIVE_DEFINITE", "NOT_UNIQUE", "NO_PROGRESS", "SINGULAR", "UNBOUNDED",
]  # fmt: skip

CONVERGED, MAXITER, DIVERGED, NON_FINITE, NO_PROGRESS = range(5)
NOT_UNIQUE, INFEASIBLE, UNBOUNDED, NOT_POSITIVE_DEFINITE, SINGULAR = range(5, 10)
