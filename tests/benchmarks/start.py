"""From `manage.py up` to the first page, the first time and again, and the memory of the processes at rest."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import table
from tests.e2e.studio import Studio, descendants

# What is in the command line of a process of each part.
MARKS = {"web": "uvicorn", "worker": "manage.py worker", "engine": "local.server", "chat": "chat.server"}


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        studio = Studio(Path(scratch) / "data")
        first = studio.start(ready="/")
        studio.stop()
        again = []
        for _ in range(3):
            again.append(studio.start(ready="/"))
            time.sleep(6)
            memory = resident(studio)
            stopped = studio.stop()
    rows = [
        ("first start, database made", f"{first:.2f} s to the first page"),
        ("second start", f"{sorted(again)[1]:.2f} s to the first page (median of 3)"),
        ("clean stop", f"{stopped:.2f} s"),
        *((f"memory of {name}", f"{pss / 1024:.0f} MB") for name, pss in sorted(memory.items())),
        ("web + worker at rest", f"{sum(memory[name] for name in ('up', 'web', 'worker')) / 1024:.0f} MB"),
        ("all of it at rest", f"{sum(memory.values()) / 1024:.0f} MB"),
    ]
    table("Start and memory (proportional set size)", rows)


def resident(studio: Studio) -> dict[str, int]:
    """kB of proportional set size by part: up, web, worker, engine, chat."""
    assert studio.process
    parts = {"up": 0, "web": 0, "worker": 0, "engine": 0, "chat": 0}
    for pid in descendants(studio.process.pid):
        try:
            words = (Path("/proc") / str(pid) / "cmdline").read_text().replace("\0", " ")
            rollup = (Path("/proc") / str(pid) / "smaps_rollup").read_text()
        except OSError:
            continue
        pss = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        part = next((part for part, mark in MARKS.items() if mark in words), "up")
        parts[part] += pss
    return parts


if __name__ == "__main__":
    main()
