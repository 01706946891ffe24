"""What a card shows of a job, worked out at once: whatever a template asks has its price, and a page has many cards."""

from __future__ import annotations

from typing import TypedDict

from django.utils.http import urlencode

from generations import inputs, sentences
from generations.models import Job, Output
from generations.models.found import asked_ratio, nearest
from generations.models.job import State
from studio.addresses import address

LONGEST = 140  # characters of a prompt
PARTS = 4  # of several results, that are shown together
KINDS = dict(Job._meta.get_field("kind").flatchoices)


class Face(TypedDict):
    """A mapping, because a template finds its entries at once.

    `drawn`: how its first result is shown: as "picture", "several", "original" (there is no smaller one), "video",
    "audio", or "blank" while that is not known; "" where there is no result. `download` and `as_input` are "" where
    there is none.
    """

    shape: str  # a class
    kind: str  # "Image, 0:04"
    said: str  # its prompt
    status: str
    label: str  # all of it, as a sentence
    drawn: str
    placeholder: str
    thumbnail: str  # addresses
    preview: str
    original: str
    parts: list[str]
    length: str
    count: int
    is_marked: bool
    may_cancel: bool
    may_retry: bool
    download: str
    as_input: str


def face(job: Job) -> Face:
    saved = [output for output in job.results if output.file]
    first = saved[0] if saved else None
    length = duration(first) if first and first.duration else ""
    kind = f"{KINDS[job.kind]}, {length}" if length else KINDS[job.kind]
    said = shortened(job.prompt)
    status = sentences.status(job)
    needs_word = job.state == State.UNCONFIRMED or (first is None and job.is_ended)
    charge = f" {sentences.charge(job)}" if needs_word else ""
    drawn = _drawn(saved)
    original = address("output", job.pk, first.position) if first else ""
    return {
        "shape": shape(job),
        "kind": kind,
        "said": said,
        "status": status,
        "label": f"{kind}: {said}. {status}{charge}",
        "drawn": drawn,
        "placeholder": first.placeholder if first else "",
        "thumbnail": _preview(first, "thumbnail") if first and first.thumbnail else "",
        "preview": _preview(first, "preview") if first and drawn == "picture" else "",
        "original": original,
        "parts": [_part(output) for output in saved[:PARTS]] if drawn == "several" else [],
        "length": length or "0:00",
        "count": len(job.results),
        "is_marked": bool(job.is_favourite or job.stars or job.colour),
        "may_cancel": job.state == State.HELD or (job.is_in_flight and job.state != State.SAVING),
        "may_retry": job.state in (State.FAILED, State.CANCELLED),
        "download": f"{original}?download" if first else "",
        "as_input": _as_input(first) if first and first.kind in ("image", "video") else "",
    }


def shortened(prompt: str) -> str:
    return prompt if len(prompt) <= LONGEST else f"{prompt[: LONGEST - 1]}…"


def shape(job: Job) -> str:
    """The class of the shape nearest to the job's: of its first result, else as asked for, else usual for its kind."""
    value = _result_ratio(job) or asked_ratio(job.settings) or (1 if job.kind == "image" else 16 / 9)
    return f"r-{nearest(value).replace(':', '-')}"


def duration(output: Output) -> str:
    """0:04"""
    whole = round(output.duration or 0)
    return f"{whole // 60}:{whole % 60:02d}"


def _result_ratio(job: Job) -> float | None:
    first = next((output for output in job.results if output.width and output.height), None)
    return first.width / first.height if first and first.width and first.height else None


def _drawn(saved: list[Output]) -> str:
    if not saved:
        return ""
    first = saved[0]
    if first.kind != "image":
        return str(first.kind)
    if first.previews == "ready":
        return "picture" if len(saved) == 1 else "several"
    return "original" if first.previews == "failed" else "blank"


def _part(output: Output) -> str:
    if output.previews == "ready":
        return _preview(output, "thumbnail")
    return address("output", output.job_id, output.position)


def _preview(output: Output, size: str) -> str:
    return address("output-preview", output.job_id, output.position, size)


def _as_input(output: Output) -> str:
    return f"{address('create')}?{urlencode({'input': inputs.reference_of(output)})}"
