"""A job in words: short, exact, human."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts import balances
from generations import history, turns
from generations.inputs import is_medium
from generations.models import Job
from generations.models.job import Charge, State
from studio.lib.money import money
from studio.lib.words import ago
from studio.providers.base import FREE, Cost
from studio.providers.registry import label


def status(job: Job) -> str:
    """One sentence that says where a job stands: "Generating, 43 %, about 20 s left"."""
    provider = provider_label(job)
    if job.cancel_requested_at and job.is_in_flight:
        return f"Asking {provider} to cancel…"
    match State(job.state):
        case State.HELD:
            return "Waits for approval"
        case State.QUEUED:
            return _queued(job, provider)
        case State.PENDING:
            return f"Sent to {provider}, waiting for a place{_left(job)}"
        case State.RUNNING:
            return "Generating" + (f", {job.progress} %" if job.progress is not None else "") + _left(job)
        case State.UNCONFIRMED:
            return "We sent this, and the answer was lost." + (" Looking it up…" if job.due_at else "")
        case State.SUCCEEDED:
            return _saved(job)
        case State.FAILED:
            return _whole(job.error or "It failed, and the provider did not say why.")
        case State.CANCELLED if job.error:  # declined
            return _whole(job.error)
        case state:
            said = {State.SUBMITTING: f"Sending to {provider}…", State.SAVING: "Made; saving our copy"}
            return said.get(state, "Cancelled.")


def _queued(job: Job, provider: str) -> str:
    if job.failures:
        busy = job.error_kind == "rate_limited"
        return f"Waiting for a place at {provider}" if busy else f"Waiting to send it to {provider} again"
    before = turns.ahead(job)
    if before is None:
        return "Queued"
    return f"Queued, {before} ahead of you" if before else "Queued, next in line"


def _left(job: Job) -> str:
    """What the team's own history says; nothing where it does not, or was wrong."""
    seconds = history.left(job, timezone.now())
    return f", {time_left(seconds)}" if seconds is not None else ""


def time_left(seconds: float) -> str:
    """ "about 20 s left": no more exact than it can be."""
    if seconds < 7.5:
        return "a few seconds left"
    if seconds < 57.5:
        return f"about {round(seconds / 5) * 5} s left"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {minutes} min left"
    hours = round(minutes / 60)
    return f"about {hours} h left"


def _whole(sentence: str) -> str:
    """Providers' own words come without a full stop, and another sentence follows here."""
    return sentence if sentence.endswith((".", "!", "?", "…", "。")) else f"{sentence}."


def _saved(job: Job) -> str:
    files = len(job.results)
    return "Saved" if files == 1 else f"Saved, {files} files"


def charge(job: Job) -> str:
    """What is known of the money, for a job that did not simply succeed."""
    if job.quoted is not None and job.quoted == FREE:
        return "It is free."
    if job.charge == Charge.YES and job.actual:
        return f"It was charged: {price(job.actual)}."
    return f"{Charge(job.charge).label}."


def shortfall(job: Job) -> str:
    """What it costs and what the account holds, where there was too little and the provider named no figures."""
    tells = job.error_kind == "insufficient_credits" and job.key is not None and job.key.owner_id == job.owner_id
    account = balances.of(job.key) if tells and job.key else None
    if account is None or job.quoted is None or any(letter.isdigit() for letter in job.error):
        return ""
    held = f"the account held {price(account.left)} {ago(account.at, timezone.now())}"
    return f"It costs {price(job.quoted)}; {held}."


def price(cost: Cost | None) -> str:
    """ "2.00 NOK", "24 credits", "free", or "price unknown"."""
    if cost == FREE:
        return "free"
    return money(cost.amount, cost.unit) if cost else money(None, "")


def provider_label(job: Job) -> str:
    """Its name for people; the slug, of a provider that is no longer spoken to."""
    return label(job.provider)


def settings_line(job: Job) -> str:
    """The settings in one line: "16:9 · seed 42"."""
    return in_one_line(job.settings)


def in_one_line(settings: Mapping[str, Any]) -> str:
    """Pictures and rows are counted; what is long is only named."""
    words = (_in_short(name, value) for name, value in settings.items() if name != "negative_prompt")
    return " · ".join(filter(None, words))


def _in_short(name: str, value: Any) -> str:
    if value is None or value is False or value == "" or (name == "num_images" and value == 1):
        return ""
    if name == "size":
        value = str(value).replace("*", "\u00a0×\u00a0")  # as WaveSpeedAI writes it: 1024*1024
    if is_medium(value):
        return _counted(len(value) if isinstance(value, list) else 1, _medium(name))
    if isinstance(value, list) or (name == "parameters" and isinstance(value, Mapping)):
        return _counted(len(value), _plain(name).removesuffix("s"))
    said = _SHORT[name].format(value) if name in _SHORT else f"{_plain(name)} {value}"
    return said if value is not True and not isinstance(value, Mapping) and len(said) <= 60 else _plain(name)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _medium(name: str) -> str:
    """What an option of that name takes."""
    words = {"video": "clip", "clip": "clip", "audio": "sound", "sound": "sound", "voice": "sound"}
    return next((said for word, said in words.items() if word in name.lower()), "image")


def setting_name(name: str) -> str:
    return _plain(name.removesuffix("_sec")).capitalize()


def _plain(name: str) -> str:
    return _NAMES.get(name) or name.replace("_", " ")


def setting_value(value: Any) -> str:
    """As people write it: yes and no, not True and False; "default" for what was left alone."""
    if value is None:
        return "default"
    if isinstance(value, list):
        return " · ".join(map(setting_value, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{_plain(str(name))} {setting_value(one)}" for name, one in value.items())
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


# Where a provider's own word would not be understood.
_NAMES = {
    "loras": "LoRAs",
    "num_images": "images",
    "generate_audio": "sound",
    "output_format": "format",
    "image_url": "image",
}
_SHORT = {
    "duration": "{}\u00a0s",
    "duration_sec": "{}\u00a0s",
    "size": "{}\u00a0px",
    "num_images": "×\u00a0{}",
    "num_inference_steps": "{}\u00a0steps",
    "guidance_scale": "guidance\u00a0{}",
} | dict.fromkeys(("aspect_ratio", "resolution", "preset", "format", "output_format"), "{}")


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a person can do about a failed job: an address and a verb."""

    label: str
    url: str


def next_step(job: Job) -> NextStep | None:
    """The mend for a failure, where there is one besides trying again."""
    if job.error_kind in {"invalid_key", "forbidden", "insufficient_credits"}:
        if job.key is not None and job.key.owner_id != job.owner_id:
            return None  # it is for its owner to mend
        tells = job.key is not None and balances.tells(job.key)
        see = "See what is left" if tells else "See the key"
        words = {"invalid_key": "Replace the key", "insufficient_credits": see}
        place = f"#key-{job.key_id}" if job.key_id else ""
        return NextStep(words.get(job.error_kind, "Check the key"), reverse("keys") + place)
    if job.error_kind in {"content_filtered", "bad_request"}:
        return NextStep("Change the prompt", f"{reverse('create')}?from={job.pk}")
    return None


EVENTS = {
    "created": "Queued",
    "held": "Waits for approval",
    "approved": "Approved",
    "declined": "Not approved",
    "priced_anew": "The price has changed",
    "sent": "Sent to {provider}",
    "accepted": "{provider} took it",
    "started": "Generating began",
    "made": "{provider} finished",
    "saved": "Our copy was saved",
    "requeued": "It was not sent; trying again",
    "lost": "The answer was lost",
    "looked_up": "Looked for it at {provider}",
    "adopted": "Found at {provider}",
    "cancel_requested": "Cancel asked for",
    "cancel_sent": "{provider} was asked to cancel",
    "cancel_refused": "{provider} did not cancel it",
    "never_arrived": "It never arrived at {provider}; sending it again",
    "cancelled": "Cancelled",
    "failed": "Failed",
    "given_up": "Given up",
    "retried": "Tried again as a new job",
    "hinted": "{provider} called back",
    "resaving": "Fetching the result again",
    "deleted": "Deleted",
    "deleting_there": "Asked {provider} to delete its copy",
    "deleted_there": "{provider} deleted its copy",
    "not_deleted_there": "{provider} still has its copy",
    "restored": "Brought back",
    "imported": "Imported",
    "shared": "Shared with a team",
    "unshared": "Taken back from its team",
}


def event(job: Job, kind: str) -> str:
    """A line of the timeline."""
    if kind not in EVENTS:
        return kind.replace("_", " ").capitalize()
    return EVENTS[kind].format(provider=provider_label(job))
