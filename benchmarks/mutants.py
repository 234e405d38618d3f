"""Which mistakes do the checks of the homework see? ``python benchmarks/mutants.py [homework …]``.

Each reference answer is changed in one place, in 50 to 300 ways (`tests/mutation/mutate.py`), and
handed to the visible check of its part; if that passes, to all hidden tests, and to random
arguments. A mutant that nothing tells from the reference is another right answer. Prints a row for
each answer: how many mutants are wrong, how many of them the visible check sees, and of these how
many with an error of its own or words of another kind of mistake (``unfit``); how many only hidden
tests see, how many nothing sees. Those are listed below the table.

Exits with status 1 if more than 1 % of the wrong mutants of a homework pass their visible check,
or 1 % of the messages are unfit.
"""

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from mutation.trial import homework, try_mutants
from places import COURSE

from coursekit.homework.release import homeworks

LIMIT = 0.01
COLUMNS = ["wrong", "visible", "unfit", "hidden", "silent"]


def counts(outcomes):
    """Count what became of mutants."""
    row = Counter(outcome.result for outcome in outcomes)
    row["wrong"] = len(outcomes) - row["equivalent"]
    row["unfit"] = sum(o.result == "visible" and not o.fitting for o in outcomes)
    return row


def show(name, mutants, row):
    print(f"{name:<42}{mutants:8}" + "".join(f"{row[column]:9}" for column in COLUMNS))


def main(names):
    start, missed, passed = time.process_time(), [], []
    print(f"{'homework, answer':<42}{'mutants':>8}" + "".join(f"{c:>9}" for c in COLUMNS))
    for name in names:
        outcomes = list(try_mutants(name))
        for answer in homework(name).answers:
            own = [outcome for outcome in outcomes if outcome.answer == answer]
            show(f"{name} {answer}", len(own), counts(own))
        row = counts(outcomes)
        show(f"{name}, all", len(outcomes), row)
        passed += [o for o in outcomes if o.result in ("hidden", "silent")]
        if max(row["hidden"] + row["silent"], row["unfit"]) > LIMIT * row["wrong"]:
            missed.append(name)
    print(f"limit: {LIMIT:.0%} of the wrong ones pass, {LIMIT:.0%} unfit")
    print(f"missed by {', '.join(missed) or 'none'}")
    print(f"{time.process_time() - start:.0f} seconds of the processor")
    for outcome in passed:
        print(f"\n{outcome.homework} {outcome.answer}, {outcome.kind}: {outcome.result}")
        print(outcome.source)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or homeworks(COURSE)))
