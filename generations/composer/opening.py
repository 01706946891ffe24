"""How the composer comes to be: by a link, as the last visit left it, as it was sent, or with a model more or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from django.http import QueryDict

from accounts.models import User
from generations import inputs, prompts
from generations.catalogue import listings
from generations.catalogue.listings import Offer, Source
from generations.chats.making import Brought
from generations.composer import counting, placing
from generations.composer.batching import Batch
from generations.composer.parts import Part, needs_prompt, short_id, so_far
from generations.composer.shared import own, shared, takes
from generations.composer.state import MODELS_MAX, Composer
from generations.composer.wording import Wording
from generations.forms import COUNTS, PROMPT_MAX, SettingsForm
from generations.models import Job, SavedPrompt
from studio.lib.ids import uuid7
from studio.providers.base import Kind, ModelInfo, Option

REMEMBERED = 60  # models whose last settings are kept
LEFT_OUT = "What it began from is left out: it is not yours. Choose something of your own."
Settings = Mapping[str, Any]


def blank(user: User, query: QueryDict, brought: Brought | None = None, reused: Job | None = None) -> Composer:
    """The composer as a link or the last visit left it; with what a message brings, for pictures.

    `reused` is a job whose prompt and settings it takes; `?group=<group>` takes those of a click with all its models,
    `?saved=<prompt>` a prompt that is kept, `?input=<reference>` something to begin from.
    """
    sources = listings.sources(user)
    if reused and reused.owner_id != user.pk:
        return _from_anothers(user, reused)
    jobs = [reused] if reused else _clicked(user, query)
    if jobs:
        return _from_jobs(user, sources, jobs)
    last = _last_for_pictures if brought else _last
    offers = _asked(sources, query.getlist("model")) or last(sources, user)
    settings = {offer.id: remembered(user, offer) for offer in offers}
    kept = _saved(user, query.get("saved", ""))
    text = kept.text if kept else brought.text if brought else query.get("prompt", "")
    if kept and kept.negative:
        settings = {of: {**given, "negative_prompt": kept.negative} for of, given in settings.items()}
    composer = arrange(user, sources, offers, settings, Wording.written(text[:PROMPT_MAX]))
    composer.notice = _missing(query.getlist("model"), offers) or (brought.notice if brought else "")
    return placing.place(user, composer, query.get("input", "")) if query.get("input") else composer


def remixed(user: User, job: Job, notice: str) -> Composer:
    """The composer with the settings of somebody else's job, by one's own key."""
    composer = _from_jobs(user, listings.sources(user), [job])
    composer.notice = " ".join(filter(None, [notice, composer.notice]))
    return composer


def filled(user: User, data: QueryDict) -> Composer:
    """The composer as it was sent."""
    sources = listings.sources(user)
    asked = list(dict.fromkeys(filter(None, data.getlist("model"))))
    offers = _asked(sources, asked)
    models = [offer.model for offer in offers]
    common = shared(models)
    form = _common_form(user, offers, common, data) if offers else None
    parts = [Part(offer, _own_form(user, offer, common, data)) for offer in offers]
    batch = Batch.read(data, common, models)
    wording = Wording.sent(data, needed=needs_prompt(offers), one_a_line=batch.way == "lines")
    group = _group(data.get("group", ""))
    return Composer(sources, parts, wording, form, batch, group, lost=min(len(asked), MODELS_MAX) - len(offers))


def reshaped(user: User, data: QueryDict, *, add: str = "", without: str = "", only: str = "") -> Composer:
    """As it was sent, with another model, without one, or with one instead of all; what was given stays."""
    before = filled(user, data)
    wanted = listings.find(before.sources, only or add)
    offers = [offer for offer in before.offers if offer.id != without]
    if wanted and only:
        offers = [wanted]
    elif wanted and wanted not in offers:
        offers.append(wanted)
    settings: dict[str, Settings] = {part.offer.id: before.given_to(part) for part in before.parts}
    if wanted and wanted.id not in settings:
        settings[wanted.id] = {**remembered(user, wanted), **placing.carried(user, before, wanted.model)}
    is_full, offers = len(offers) > MODELS_MAX, offers[:MODELS_MAX]
    wording = _counted(before, offers, settings)
    after = arrange(user, before.sources, offers, settings, wording)
    after.batch = Batch.read(data, after.batch.options, after.batch.models)
    after.wording.one_a_line = after.batch.way == "lines"
    after.group, after.is_full = before.group, is_full
    return after


def _counted(before: Composer, offers: Sequence[Offer], settings: dict[str, Settings]) -> Wording:
    """How many stays as it was chosen, whether models count by themselves before and after or not."""
    count = counting.own_count(shared([offer.model for offer in offers]))
    if count and not before.own_count and before.copies > 1 and takes(count, before.copies):
        for offer in offers:
            settings[offer.id] = {**settings.get(offer.id, {}), counting.NAME: before.copies}
        return before.wording.with_count(1)
    if before.own_count and not count and before.copies == 1:
        chosen = counting.results(so_far(before.settings_form))
        return before.wording.with_count(chosen) if chosen in COUNTS else before.wording
    return before.wording


def remember(user: User, composer: Composer) -> None:
    """Keeps the settings for the next visit; a seed and media are of the moment and are not kept."""
    by_model = dict(user.last_settings.get("settings", {}))
    if len(by_model) >= REMEMBERED:  # whoever tries a new model each time: the record is read with every page
        by_model = {}
    for part in composer.parts:
        passing = {option.name for option in part.offer.model.options if option.type in {"seed", "media"}}
        given = composer.settings_of(part)
        by_model[_plain(part.offer)] = {name: value for name, value in given.items() if name not in passing}
    ids = [offer.id for offer in composer.offers]
    others = {name: value for name, value in user.last_settings.items() if name not in {"model", "models", "settings"}}
    user.last_settings = {**others, "model": ids[0], "settings": by_model}
    if len(ids) > 1:
        user.last_settings["models"] = ids
    user.save(update_fields=["last_settings"])


def remembered(user: User, offer: Offer) -> Settings:
    settings: Settings = user.last_settings.get("settings", {}).get(_plain(offer), {})
    return settings


def arrange(
    user: User, sources: Sequence[Source], offers: Sequence[Offer], settings: Mapping[str, Settings], wording: Wording
) -> Composer:
    """The form over these models, with what is given for each, by its offer."""
    models = [offer.model for offer in offers]
    common = shared(models)
    form = None
    if offers:
        initial = _common_values(common, [settings.get(offer.id, {}) for offer in offers])
        form = _common_form(user, offers, common, initial=initial)
    parts = [Part(offer, _own_form(user, offer, common, initial=settings.get(offer.id, {}))) for offer in offers]
    batch = Batch.read(QueryDict(), common, models)
    return Composer(sources, parts, wording, form, batch, uuid7())


def _common_form(
    user: User,
    offers: Sequence[Offer],
    common: Sequence[Option],
    data: QueryDict | None = None,
    initial: Settings | None = None,
) -> SettingsForm:
    model, providers = _narrowed(offers[0].model, counting.named(common)), [offer.provider for offer in offers]
    return SettingsForm(model, data, owner=user, providers=providers, initial=initial)


def _own_form(
    user: User, offer: Offer, common: Sequence[Option], data: QueryDict | None = None, initial: Settings | None = None
) -> SettingsForm:
    options = own(offer.model, common)
    names = {option.name for option in options}
    given = {name: value for name, value in (initial or {}).items() if name in names}
    model = _narrowed(offer.model, options)
    return SettingsForm(model, data, owner=user, providers=[offer.provider], prefix=short_id(offer), initial=given)


def _narrowed(model: ModelInfo, options: Sequence[Option]) -> ModelInfo:
    return replace(model, options=tuple(options))


def _common_values(options: Sequence[Option], given: Sequence[Settings]) -> dict[str, Any]:
    """Of each option that all take, the first value that somebody gave and all take."""
    values: dict[str, Any] = {}
    for option in options:
        fitting = (settings[option.name] for settings in given if option.name in settings)
        for value in fitting:
            if len(given) == 1 or takes(option, value):
                values.setdefault(option.name, value)
    return values


def _missing(ids: Sequence[str], offers: Sequence[Offer]) -> str:
    """What is to be said of models that a link names and one cannot choose."""
    found = {offer.id for offer in offers}
    wanted = list(dict.fromkeys(filter(None, ids)))[:MODELS_MAX]
    gone = sum(offer_id not in found for offer_id in wanted)
    if not gone:
        return ""
    if gone < len(wanted):
        return f"{gone} of the link's models {'is' if gone == 1 else 'are'} not among yours now."
    return f"The link's {'model is' if gone == 1 else 'models are'} not among yours now, so another choice stands here."


# -- Where it comes from ---------------------------------------------------------------------------------------------
def _from_anothers(user: User, job: Job) -> Composer:
    taken = copy(job)
    taken.settings = inputs.without_others(user, job.settings)
    return remixed(user, taken, LEFT_OUT if len(taken.settings) < len(job.settings) else "")


def _from_jobs(user: User, sources: Sequence[Source], jobs: Sequence[Job]) -> Composer:
    """The first of these jobs, with the models and the prompts of the others."""
    first = jobs[0]
    found = {job.pk: _offer_of(sources, job) for job in jobs}
    settings = {offer.id: job.settings for job in reversed(jobs) if (offer := found[job.pk])}
    offers = list({offer.id: offer for offer in found.values() if offer}.values())[:MODELS_MAX]
    gone = next((job.model_name for job in jobs if found[job.pk] is None), "")
    if not offers:
        offers = _last(sources, user, only_first=True)
        settings = {offer.id: first.settings for offer in offers}
    lines = list(dict.fromkeys(prompts.literal(job.prompt) for job in jobs))
    composer = arrange(user, sources, offers, settings, Wording.written("\n".join(lines)))
    if len(lines) > 1:
        composer.batch.way, composer.wording.one_a_line = "lines", True
    if gone:
        instead = ", so another one is chosen here" if len(jobs) == 1 else ""
        composer.notice = f"{gone} is not among your models now{instead}."
    return composer


def _offer_of(sources: Sequence[Source], job: Job) -> Offer | None:
    """Through its own key, else through another one of its provider."""
    same = [source for source in sources if source.provider.name == job.provider]
    same.sort(key=lambda source: (source.key.pk if source.key else None) != job.key_id)
    found = (source.known_or_typed(job.model, cast("Kind", job.kind)) for source in same)
    return next(filter(None, found), None)


def _asked(sources: Sequence[Source], ids: Sequence[str]) -> list[Offer]:
    found = (listings.find(sources, offer_id) for offer_id in list(dict.fromkeys(ids))[:MODELS_MAX])
    return [offer for offer in found if offer]


def _last(sources: Sequence[Source], user: User, *, only_first: bool = False) -> list[Offer]:
    """Those that were used last, else the first that can be used."""
    last = user.last_settings.get("models") or [user.last_settings.get("model", "")]
    offers = [] if only_first else _asked(sources, last)
    usable = (offer for source in sources for offer in source.offers if offer.model.available)
    first = next(usable, None)
    return offers or ([first] if first else [])


def _last_for_pictures(sources: Sequence[Source], user: User) -> list[Offer]:
    """Of those that were used last, the ones that make pictures, else the first that can be used for it."""
    last = [offer for offer in _last(sources, user) if offer.model.kind == "image"]
    usable = (offer for source in sources for offer in source.offers if offer.model.available)
    return last or [offer for offer in usable if offer.model.kind == "image"][:1]


def _plain(offer: Offer) -> str:
    return f"{offer.provider.name}/{offer.model.id}"


def _clicked(user: User, query: QueryDict) -> list[Job]:
    mine = Job.objects.filter(owner=user, deleted_at__isnull=True)
    group = _uuid(query.get("group", ""))
    return list(mine.filter(group=group).order_by("position")) if group else []


def _saved(user: User, text: str) -> SavedPrompt | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 15
    return SavedPrompt.objects.filter(owner=user, pk=int(text)).first() if is_number else None


def _group(text: str) -> UUID:
    """As the page was given it. Names of other kinds are those of retries (see `jobs.retry`), and not for pages."""
    given = _uuid(text)
    return given if given and given.version == 7 else uuid7()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
