"""`make bench`: each benchmark in a process of its own, one after the other. Name some to run only those."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("engine", "gallery", "zip", "catalogue", "start", "polling", "budget", "chat", "markdown")


def main() -> int:
    wanted = sys.argv[1:] or BENCHMARKS
    unknown = set(wanted) - set(BENCHMARKS)
    if unknown:
        print(f"No benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.")
        return 2
    codes = [
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode for name in wanted
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
