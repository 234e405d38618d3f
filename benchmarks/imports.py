"""How long `import coursekit` takes after NumPy: a notebook's first cell must not be felt.

Exits with status 1 if the limit is missed.
"""

import statistics
import subprocess
import sys

LIMIT = 50  # milliseconds
CODE = """
import numpy, time
start = time.perf_counter()
import coursekit
print(time.perf_counter() - start)
"""


def main():
    """Import the library in seven new processes and print the median."""
    said = [subprocess.check_output([sys.executable, "-c", CODE], text=True) for _ in range(7)]
    median = 1000 * statistics.median(map(float, said))
    print(f"import coursekit: {median:.1f} ms, limit {LIMIT}")
    return int(median > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
