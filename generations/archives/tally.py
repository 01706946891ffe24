"""What an import has come to so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from generations.archives.working import Progress

MOST_REASONS, MOST_NAMES, LONGEST_NAME = 50, 20, 200


@dataclass
class Tally:
    """`counts` of what was made, `skipped` by why it was left out, with the first `names` of such files.

    `moved`: ids that had to become others.
    """

    owner: User
    progress: Progress
    counts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    names: dict[str, list[str]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)

    def skip(self, why: str, name: str = "", count: int = 1) -> None:
        self.skipped[why] += count
        names = self.names.setdefault(why, [])
        if name and len(names) < MOST_NAMES:
            names.append(name[:LONGEST_NAME])

    @property
    def outcome(self) -> dict[str, Any]:
        """As an archive keeps it."""
        skipped = self.skipped.most_common(MOST_REASONS)
        names = {why: self.names[why] for why, _ in skipped if self.names.get(why)}
        return {**self.counts, "skipped": skipped, **({"names": names} if names else {})}
