"""Links as pages show them: to their owner, and what lies behind them to whoever comes by one."""

from __future__ import annotations

from django import template

from generations import sentences
from generations.chats.tree import Turn
from generations.inputs import Stored, stored
from generations.links import listing, remixing
from generations.links.visiting import Visit
from generations.models import Audience, Job, Message, ShareLink
from generations.models.states import State

register = template.Library()

register.filter("standing", listing.standing)


@register.filter
def opens(link: ShareLink) -> str:
    """What it opens, in words: "3 jobs", an album's title."""
    if link.job:
        return link.job.prompt or link.job.model_name
    if link.album:
        return link.album.title
    if link.conversation:
        return link.conversation.title or "Untitled conversation"
    count = listing.selected(link)
    return f"{count} {'job' if count == 1 else 'jobs'}"


@register.filter
def opens_kind(link: ShareLink) -> str:
    names = {"job": "Job", "album": "Album", "conversation": "Chat"}
    return next((said for name, said in names.items() if getattr(link, f"{name}_id")), "Selection")


@register.filter
def audience_line(link: ShareLink) -> str:
    if link.audience == Audience.TEAM:
        return f"People of {link.team}" if link.team else "Nobody"
    return Audience(link.audience).label


@register.filter
def shown_status(job: Job) -> str:
    """Where it stands, for guests: a provider's refusal is for its owner, whose account it may tell of."""
    match State(job.state):
        case State.FAILED:
            return "It could not be made."
        case State.CANCELLED:
            return "Cancelled."
        case State.UNCONFIRMED | State.HELD | State.QUEUED:
            return "Waiting"
        case _:
            return sentences.status(job)


@register.simple_tag
def shown_settings(visit: Visit, job: Job) -> list[tuple[str, str]]:
    """Their names and values, in words."""
    given = remixing.shown_settings(visit, job).items()
    return [
        (sentences.setting_name(name), sentences.setting_value(value))
        for name, value in given
        if value is not None and value != ""
    ]


@register.simple_tag
def described(visit: Visit, job: Job) -> str:
    """What it shows, for those who cannot see it; without a prompt that the link hides."""
    if visit.link.shows_prompt and job.prompt:
        return job.prompt[:160]
    return str(job.get_kind_display())


@register.simple_tag
def shown_cost(job: Job) -> str:
    if job.is_free:
        return "free"
    known = job.actual or job.estimated or job.quoted
    return sentences.price(known)


@register.filter
def attached(message: Message) -> list[Stored | None]:
    """What is attached to it, in its places; None for what is not there any more."""
    owner = message.conversation.owner
    return [stored(owner, reference) for reference in message.inputs]


@register.filter
def spoken(turn: Turn) -> tuple[Message, ...]:
    """The message of a turn, or the replies that stand side by side."""
    return turn.beside or (turn.message,)
