"""What an import has come to so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from accounts.models import User
from generations.archives.working import Progress


@dataclass
class Tally:
    """`counts` of what was made, `skipped` by why it was left out, `moved`: ids that had to become others."""

    owner: User
    progress: Progress
    counts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    moved: dict[str, str] = field(default_factory=dict)
