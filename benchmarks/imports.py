"""How long `import coursekit` takes after NumPy: a notebook's first cell must not be felt.

Exits with status 1 if the limit is missed.
"""

import subprocess
import sys

LIMIT = 50  # milliseconds
CODE = """
import numpy, time
start = time.process_time()
import coursekit
print(time.process_time() - start)
"""


def main():
    """Import the library in seven new processes and print the least."""
    said = [subprocess.check_output([sys.executable, "-c", CODE], text=True) for _ in range(7)]
    least = 1000 * min(map(float, said))
    print(f"import coursekit: {least:.1f} ms, limit {LIMIT}")
    return int(least > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
