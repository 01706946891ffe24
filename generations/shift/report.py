"""What a shift did, in numbers: for its log line, and for whoever measures it."""

from __future__ import annotations

from dataclasses import dataclass, field

STEP, STEPS = 0.01, 1000  # a histogram in hundredths of a second, up to ten seconds


@dataclass
class Report:
    steps: dict[str, int] = field(default_factory=dict)
    broken: int = 0
    late: list[int] = field(default_factory=lambda: [0] * (STEPS + 1))

    def reset(self) -> None:
        self.steps.clear()
        self.late[:] = [0] * len(self.late)

    def begin(self, what: str, lateness: float, count: int = 1) -> None:
        self.steps[what] = self.steps.get(what, 0) + count
        self.late[min(max(int(lateness / STEP), 0), STEPS)] += count

    def lateness(self, share: float) -> float:
        """Seconds by which that share of the steps was late at most."""
        wanted, seen = share * sum(self.late), 0
        for bucket, count in enumerate(self.late):
            seen += count
            if seen >= wanted:
                return bucket * STEP
        return STEPS * STEP
