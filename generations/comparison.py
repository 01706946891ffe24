"""Jobs beside one another: what each made, cost and took, and in which settings they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from generations import inputs, sentences
from generations.models import Job, Output
from studio.lib import words
from studio.lib.worddiff import Piece, pieces

JOBS_MAX = 8
LONG = 30  # characters: of what is longer, the words that differ are marked
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Entry:
    """A job by one of its results, the first unless another one is named."""

    job: Job
    position: int = 0

    @property
    def output(self) -> Output | None:
        saved = saved_outputs(self.job)
        return saved[self.position] if self.position < len(saved) else None

    @property
    def ratio(self) -> float:
        """Its width by its height; 1 where that is not known."""
        output = self.output
        return output.width / output.height if output and output.width and output.height else 1.0

    @property
    def price(self) -> str:
        """The best that is known: "2.00 NOK", or with the word for what it is."""
        job = self.job
        if job.actual is not None or job.is_free:
            return sentences.price(job.actual or job.quoted)
        if job.estimated is not None:
            return f"{sentences.price(job.estimated)} estimated"
        return f"{sentences.price(job.quoted)} quoted" if job.quoted else sentences.price(None)

    @property
    def took(self) -> str:
        """From the sending until the provider had finished: "12 s"."""
        if not (self.job.submitted_at and self.job.made_at):
            return ""
        seconds = max(0.0, (self.job.made_at - self.job.submitted_at).total_seconds())
        if seconds < 10:
            return f"{seconds:.1f}\u00a0s"
        return f"{seconds:.0f}\u00a0s" if seconds < 120 else f"{seconds / 60:.0f}\u00a0min"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: a value for each job."""

    name: str
    values: Sequence[str]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1

    @property
    def cells(self) -> list[Sequence[Piece]]:
        """The values in pieces: in long texts, what the first one does not have is marked; of two, both ways."""
        if not self.differs or max(map(len, self.values)) < LONG:
            return [[Piece(value)] for value in self.values]
        first, *others = self.values
        told = [_news(first, other) for other in others]
        return [_news(others[0], first) if len(others) == 1 else [Piece(first)], *told]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Results as they are laid beside one another, two or more; with fewer there is nothing to compare."""

    entries: Sequence[Entry]
    reader: User | None = None  # who sees the whole links of what is all their own

    @property
    def can_overlay(self) -> bool:
        """Any two can be laid over one another: pictures on pictures, clips on clips."""
        return len(self.entries) > 1 and self._kinds() in ({"image"}, {"video"})

    @property
    def has_images(self) -> bool:
        return "image" in self._kinds()

    @property
    def has_videos(self) -> bool:
        return "video" in self._kinds()

    @property
    def tallest(self) -> Job:
        """The job whose result needs the most height for its width: in its shape all have room."""
        return min(self.entries, key=lambda entry: entry.ratio).job

    def _kinds(self) -> set[str]:
        return {entry.output.kind if entry.output else "" for entry in self.entries}

    @property
    def asked(self) -> list[Line]:
        """Prompt, model and settings: what was sent."""
        jobs = [entry.job for entry in self.entries]
        is_own = self.reader is not None and all(job.owner_id == self.reader.pk for job in jobs)
        names = dict.fromkeys(name for job in jobs for name in job.settings)
        settings = [Line(sentences.setting_name(name), [_said(job, name, is_own) for job in jobs]) for name in names]
        return [
            Line("Prompt", [job.prompt for job in jobs]),
            Line("Model", [job.model_name for job in jobs]),
            Line("Provider", [sentences.provider_label(job) for job in jobs]),
            *settings,
        ]

    @property
    def came(self) -> list[Line]:
        """What came of it, at what price and how soon."""
        return [
            Line("Cost", [entry.price for entry in self.entries]),
            Line("Time", [entry.took or UNKNOWN for entry in self.entries]),
            Line("Size", [_size(entry.output) for entry in self.entries]),
            Line("File", [_weight(entry.output) for entry in self.entries]),
        ]

    @property
    def lines(self) -> list[Line]:
        return [*self.asked, *self.came]

    @property
    def has_differences(self) -> bool:
        """In what was sent."""
        return any(line.differs for line in self.asked)


def entries(jobs: Sequence[Job]) -> list[Entry]:
    """One for each job; of a job that stands alone, one for each of its results."""
    if len(jobs) == 1:
        return [Entry(jobs[0], position) for position in range(len(saved_outputs(jobs[0])))][:JOBS_MAX] or [
            Entry(jobs[0])
        ]
    return [Entry(job) for job in jobs]


def saved_outputs(job: Job) -> list[Output]:
    """Those whose file is here, in the provider's order."""
    return [output for output in job.results if output.file]


def _news(before: str, after: str) -> list[Piece]:
    return [piece for piece in pieces(before, after) if piece.mark != "gone"]


def _said(job: Job, name: str, is_own: bool) -> str:
    value = job.settings.get(name)
    if name not in job.settings:
        return UNKNOWN
    return sentences.setting_value(_in_short(value, is_own))


def _in_short(value: Any, is_own: bool) -> Any:
    """With each medium in it in short."""
    if isinstance(value, list):
        return [_in_short(one, is_own) for one in value]
    if isinstance(value, Mapping):
        return {name: _in_short(one, is_own) for name, one in value.items()}
    return inputs.in_short(value, is_own=is_own) if inputs.is_medium(value) else value


def _size(output: Output | None) -> str:
    return f"{output.width} × {output.height}" if output and output.width else UNKNOWN


def _weight(output: Output | None) -> str:
    return f"{output.content_type.partition('/')[2].upper()}, {words.size(output.size or 0)}" if output else UNKNOWN
