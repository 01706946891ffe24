"""What the composer in Create shows: which model, which settings, at what price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict

from accounts.models import User
from generations import catalogues
from generations.catalogues import Offer, Source
from generations.forms import COUNTS, PromptForm, SettingsForm, defaults
from generations.models import Job
from studio.lib.ids import uuid7
from studio.providers.base import FREE, JobSpec, Quote


@dataclass(slots=True)
class Composer:
    """The state of the form. `group` names this click on Generate: sent twice, it still makes its jobs once."""

    sources: Sequence[Source]
    offer: Offer | None
    prompt_form: PromptForm
    settings_form: SettingsForm | None
    group: UUID
    notice: str = ""

    @property
    def counts(self) -> Sequence[int]:
        return COUNTS

    @property
    def count(self) -> int:
        """As chosen so far, valid or not yet."""
        given = str(self.prompt_form["count"].value())
        return int(given) if given in map(str, COUNTS) else 1

    @property
    def trouble(self) -> str:
        """Why nothing can be made with the model as it is chosen; "" where something can."""
        if self.offer is None:
            return "Choose a model."
        return "" if self.offer.model.available else self.offer.model.unavailable_reason

    def is_valid(self) -> bool:
        prompt_is_valid = self.prompt_form.is_valid()
        settings_are_valid = self.settings_form is not None and self.settings_form.is_valid()
        return prompt_is_valid and settings_are_valid and not self.trouble

    def quote(self) -> Quote:
        """The price of one job with the settings as they stand, from the provider's own list."""
        if self.offer is None:
            return Quote(None)
        spec = JobSpec(self.offer.model.kind, self.offer.model.id, "", self._settings_so_far())
        return self.offer.provider.quote(spec, self.offer.model)

    def total(self) -> Quote:
        quote = self.quote()
        if quote.cost is None or quote.cost == FREE:
            return quote
        return Quote(quote.cost.times(self.count), quote.note, quote.estimate)

    def click(self, user: User) -> UUID:
        """The group that its jobs are to be of, once it is valid.

        A page that comes back by the browser's Back is sent under its old name: with something else in it, it is
        another click. And nobody makes anything under a name that is another person's.
        """
        made = list(Job.objects.filter(group=self.group).order_by("position"))
        return uuid7() if made and not self._made(user, made) else self.group

    def _made(self, user: User, made: Sequence[Job]) -> bool:
        """Are those the jobs that this very form makes?"""
        assert self.offer is not None
        assert self.settings_form is not None
        settings, first = self.settings_form.settings(), made[0]
        drawn = {"seed"} - settings.keys()
        return (
            {name: value for name, value in first.settings.items() if name not in drawn} == settings
            and (first.owner_id, first.prompt) == (user.pk, self.prompt_form.cleaned_data["prompt"])
            and (first.provider, first.model) == (self.offer.provider.name, self.offer.model.id)
            and first.deleted_at is None
            and len(made) == self.prompt_form.cleaned_data["count"]
        )

    def _settings_so_far(self) -> dict[str, Any]:
        form = self.settings_form
        if form is None:
            return {}
        if form.is_bound:
            form.is_valid()
            return form.settings()
        return {**defaults(form.model), **form.initial}


def blank(user: User, query: QueryDict) -> Composer:
    """The composer as a link or the last visit left it. `?from=<job>` takes a job's prompt and settings."""
    sources = catalogues.sources(user)
    job = _job(user, query.get("from", ""))
    if job is not None:
        return _from_job(sources, job)
    remembered = user.last_settings
    offer = catalogues.find(sources, query.get("model", "")) or _first(sources, remembered.get("model", ""))
    settings = remembered.get("settings", {}).get(_plain(offer), {}) if offer else {}
    return _unbound(sources, offer, settings, prompt=query.get("prompt", "")[:10_000])


def filled(user: User, data: QueryDict) -> Composer:
    """The composer as it was sent."""
    sources = catalogues.sources(user)
    offer = catalogues.find(sources, data.get("model", ""))
    form = SettingsForm(offer.model, data) if offer else None
    return Composer(sources, offer, PromptForm(data), form, _group(data.get("group", "")))


def remember(user: User, offer: Offer, settings: Mapping[str, Any]) -> None:
    """Keeps the settings for the next visit; a seed is of the moment and is not kept."""
    kept = {name: value for name, value in settings.items() if name != "seed"}
    by_model = {**user.last_settings.get("settings", {}), _plain(offer): kept}
    user.last_settings = {"model": offer.id, "settings": by_model}
    user.save(update_fields=["last_settings"])


def _from_job(sources: Sequence[Source], job: Job) -> Composer:
    offers = [
        o for source in sources for o in source.offers if (o.provider.name, o.model.id) == (job.provider, job.model)
    ]
    offer = next((o for o in offers if o.key and o.key.pk == job.key_id), offers[0] if offers else None)
    composer = _unbound(sources, offer or _first(sources, ""), job.settings, prompt=job.prompt)
    if offer is None:
        composer.notice = f"{job.model_name} is not among your models now, so another one is chosen here."
    return composer


def _unbound(sources: Sequence[Source], offer: Offer | None, settings: Mapping[str, Any], *, prompt: str) -> Composer:
    form = SettingsForm(offer.model, initial=dict(settings)) if offer else None
    return Composer(sources, offer, PromptForm(initial={"prompt": prompt, "count": 1}), form, uuid7())


def _first(sources: Sequence[Source], offer_id: str) -> Offer | None:
    usable = [offer for source in sources for offer in source.offers if offer.model.available]
    return catalogues.find(sources, offer_id) or (usable[0] if usable else None)


def _plain(offer: Offer) -> str:
    return f"{offer.provider.name}/{offer.model.id}"


def _job(user: User, job_id: str) -> Job | None:
    pk = _uuid(job_id)
    return Job.objects.filter(pk=pk, owner=user, deleted_at__isnull=True).first() if pk else None


def _group(text: str) -> UUID:
    """As the page was given it. Names of other kinds are those of retries (see `jobs.retry`), and not for pages."""
    given = _uuid(text)
    return given if given and given.version == 7 else uuid7()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
