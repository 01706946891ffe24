"""The jobs of one click, as they are laid out: side by side, or as the grid that they were asked for as."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generations import sentences
from generations.forms import COUNTS
from generations.models import Job


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` in the order of the grid's columns; each may hold several jobs, or none any more."""

    heading: str
    cells: Sequence[Sequence[Job]]


@dataclass(frozen=True, slots=True)
class Grid:
    """The jobs of one model by the values of one option across and another one down ("" where there is none)."""

    title: str
    across: str
    down: str
    columns: Sequence[str]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Group:
    """`jobs`: at least one, in the order in which they were asked for."""

    jobs: Sequence[Job]

    @property
    def first(self) -> Job:
        return self.jobs[0]

    @property
    def others(self) -> int:
        """Prompts besides the first one's."""
        return len({job.prompt for job in self.jobs}) - 1

    @property
    def models(self) -> list[str]:
        return list(dict.fromkeys(job.model_name for job in self.jobs))

    @property
    def has_models(self) -> bool:
        return len({_model(job) for job in self.jobs}) > 1

    @property
    def columns(self) -> int:
        """Of the cells in which models stand beside one another; 0 where that is not so."""
        count = len({_model(job) for job in self.jobs})
        return 0 if count < 2 else count if count <= 4 else math.ceil(count / 2)

    @property
    def is_mixed(self) -> bool:
        """Does it take the whole group to make the same again?"""
        return self.has_models or self.others > 0

    @property
    def facts(self) -> str:
        """Its models, and the settings that all of its jobs have: "FLUX and Kling · 16:9"."""
        names = " and ".join(self.models) if len(self.models) < 3 else f"{len(self.models)} models"
        line = sentences.in_one_line(self._common())
        return f"{names} · {line}" if line else names

    @property
    def grids(self) -> list[Grid]:
        """One for each model, where all differ in one or two options; none where there is no such thing to see."""
        names = self._axes()
        if not names or self.others:
            return []
        by_model: dict[Any, list[Job]] = {}
        for job in self.jobs:
            by_model.setdefault(_model(job), []).append(job)
        return [_grid(jobs, names, titled=len(by_model) > 1) for jobs in by_model.values()]

    @property
    def captioned(self) -> list[tuple[Job, list[str]]]:
        """Each job with what it differs in from the others. Models that did the same stand beside one another."""
        copies: Counter[Any] = Counter()
        places: dict[Any, tuple[int, int]] = {}
        prompts = list(dict.fromkeys(job.prompt for job in self.jobs))
        for job in self.jobs:
            alike = (job.prompt, _model(job))
            places[job.pk] = (prompts.index(job.prompt), copies[alike])
            copies[alike] += 1
        return [(job, self._caption(job)) for job in sorted(self.jobs, key=lambda job: places[job.pk])]

    def _caption(self, job: Job) -> list[str]:
        words = [job.model_name, sentences.price(job.quoted)] if self.has_models else []
        if self.others:
            words.append(job.prompt)
        if self._is_seed_range() and "seed" in job.settings:
            words.append(f"seed {job.settings['seed']}")
        return words

    def _axes(self) -> list[str]:
        """The options whose values differ among jobs of the same model, the one that changes first at the head."""
        found: dict[str, None] = {}
        earlier: dict[Any, Mapping[str, Any]] = {}
        for job in self.jobs:
            before = earlier.setdefault(_model(job), job.settings)
            for name in {**before, **job.settings}:
                if name != "seed" and before.get(name) != job.settings.get(name):
                    found[name] = None
        return list(found) if len(found) <= 2 else []

    def _is_seed_range(self) -> bool:
        return not self.others and not self.has_models and len(self.jobs) > COUNTS[-1]

    def _common(self) -> dict[str, Any]:
        settings = dict(self.first.settings)
        for job in self.jobs[1:]:
            settings = {name: value for name, value in settings.items() if job.settings.get(name) == value}
        return settings


def groups(jobs: Iterable[Job]) -> list[Group]:
    """Of jobs in the order in which their groups are to stand."""
    by_click: dict[Any, list[Job]] = {}
    for job in jobs:
        by_click.setdefault(job.group, []).append(job)
    return [Group(sorted(made, key=lambda job: job.position)) for made in by_click.values()]


def _grid(jobs: Sequence[Job], names: Sequence[str], *, titled: bool) -> Grid:
    across, down = names[0], names[1] if len(names) > 1 else ""
    columns = _distinct(job.settings.get(across) for job in jobs)
    lines = _distinct(job.settings.get(down) for job in jobs) if down else [None]
    rows = [
        Row(
            sentences.setting_value(line) if down else "",
            [
                [
                    job
                    for job in jobs
                    if job.settings.get(across) == column and (not down or job.settings.get(down) == line)
                ]
                for column in columns
            ],
        )
        for line in lines
    ]
    return Grid(
        jobs[0].model_name if titled else "",
        sentences.setting_name(across),
        sentences.setting_name(down),
        [sentences.setting_value(value) for value in columns],
        rows,
    )


def _distinct(values: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _model(job: Job) -> tuple[str, str, int | None]:
    return job.provider, job.model, job.key_id
