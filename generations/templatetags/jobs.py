"""A job as the pages show it."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BoundField
from django.utils import timezone

from generations import comparison, deleting, faces, inputs, jobs, sentences
from generations.models import Job, JobEvent, Output
from generations.models.found import parse_ratio
from studio.lib import words
from studio.providers.base import Option

register = template.Library()

register.filter("status", sentences.status)
register.filter("charge_sentence", sentences.charge)
register.filter("shortfall", sentences.shortfall)
register.filter("next_step", sentences.next_step)
register.filter("price", sentences.price)
register.filter("settings_line", sentences.settings_line)
register.filter("setting_name", sentences.setting_name)
register.filter("setting_value", sentences.setting_value)
register.filter("provider_label", sentences.provider_label)
register.filter("saved_outputs", comparison.saved_outputs)
register.filter("tries", jobs.tries)
register.filter("deletable_there", deleting.is_possible)
register.filter("candidates", jobs.candidates)
register.filter("reference", inputs.reference_of)
register.filter("is_medium", inputs.is_medium)
register.filter("begun_from", inputs.begun_from)
register.filter("ratio_class", faces.shape)
register.filter("seconds", faces.duration)
register.simple_tag(faces.face)


@register.inclusion_tag("generations/_shape.html")
def ratio_shape(text: str) -> dict[str, float]:
    """An aspect ratio as a drawn shape in a box of 20."""
    value = parse_ratio(text) or 1.0
    width, height = (16.0, 16.0 / value) if value >= 1 else (16.0 * value, 16.0)
    return {
        "x": round(10 - width / 2, 2),
        "y": round(10 - height / 2, 2),
        "width": round(width, 2),
        "height": round(height, 2),
    }


@register.filter
def undo_ids(message: Message) -> list[str]:
    """The ids of the jobs whose deletion a message tells of; none for other messages."""
    kind, _, ids = (message.extra_tags or "").partition(":")
    return ids.split(",") if kind == "undo" else []


@register.filter
def undo_moment(message: Message) -> str:
    """The moment of the deletion that a message tells of, where it was one of all that a search found."""
    kind, _, moment = (message.extra_tags or "").partition(":")
    return moment if kind == "undo-at" else ""


@register.filter
def any_errors(rows: list[tuple[Option, BoundField]]) -> bool:
    """Is something wrong behind a fold that would hide it?"""
    return any(field.errors for _, field in rows)


@register.simple_tag
def event_line(job: Job, event: JobEvent) -> str:
    return sentences.event(job, event.kind)


@register.filter
def since(moment: datetime) -> str:
    """2 min ago"""
    return words.ago(moment, timezone.now())


@register.filter
def first_output(job: Job) -> Output | None:
    return next((output for output in job.results if output.file), None)


@register.filter
def drifted(job: Job) -> bool:
    """The actual cost is not the quoted one."""
    return job.quoted is not None and job.actual is not None and job.quoted != job.actual
