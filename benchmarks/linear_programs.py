"""Does the interior point find what HiGHS finds? ``python benchmarks/linear_programs.py``.

Solves a hundred random sparse programs of 200 variables, with inequalities, equations, and
variables with no bound, one or two, by `coursekit.constraints.interior_point` and by HiGHS. The
minimum of each is known, because the program is made from its solution.

Prints, for both, the largest error of the minimum, relative to its size or to 1; for ours the
steps, and the process CPU time of both. Exits with status 1 if an error of ours is above its limit,
1e-8, or a program is not solved. Times are for information: HiGHS is compiled, ours is not.
"""

import sys
from pathlib import Path
from time import process_time

import numpy as np
from scipy.optimize import linprog

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from linear_programs import random_sparse

from coursekit.constraints.interior_point import interior_point
from coursekit.constraints.linear_programming import standard_form

PROGRAMS = 100
MOST = 1e-8


def main():
    errors, steps, seconds, failed = [], [], np.zeros(2), []
    for seed in range(PROGRAMS):
        program, minimum = random_sparse(seed)
        start = process_time()
        form = standard_form(**program)
        run = interior_point(form.c, form.A, form.b)
        between = process_time()
        highs = linprog(**program)
        seconds += between - start, process_time() - between
        if not run.success:
            failed.append(f"{seed}: {run.message}")
        values = np.array([run.fun + form.offset, highs.fun])
        ours, theirs = np.abs(values - minimum) / max(1, abs(minimum))
        errors.append((ours, theirs, abs(values[0] - values[1]) / max(1, abs(minimum))))
        steps.append(run.nit)
    worst = np.max(errors, axis=0)
    print(f"{PROGRAMS} programs of 200 variables, 100 rows")
    print(f"largest error        ours {worst[0]:.1e}   HiGHS {worst[1]:.1e}")
    print(f"largest difference   {worst[2]:.1e} (limit {MOST:.0e})")
    print(f"steps                {min(steps)} to {max(steps)}")
    ours, theirs = 1e3 * seconds / PROGRAMS
    print(f"milliseconds each    ours {ours:.1f}   HiGHS {theirs:.1f}")
    print(f"not solved: {'; '.join(failed) or 'none'}")
    return int(bool(failed) or worst[0] > MOST or worst[2] > MOST)


if __name__ == "__main__":
    sys.exit(main())
