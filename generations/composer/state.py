"""The composer's state: the models that are chosen, what is asked of each, and the jobs that come of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from accounts.models import User
from generations import checks
from generations.batch import JOBS_MAX, Cell, Wrong
from generations.catalogue.listings import Offer, Source
from generations.checks import Asked, Left
from generations.checks_lent import Check
from generations.composer import counting
from generations.composer.batching import Batch
from generations.composer.parts import Part, as_given, has_media, needs_prompt, so_far
from generations.composer.wording import Wording
from generations.forms import COUNTS, PromptForm, SettingsForm, seeds
from generations.jobs import Order
from generations.models import Job
from generations.money import quotes
from generations.money.quotes import Total
from studio.lib.ids import uuid7
from studio.providers.base import JobSpec, Option, Quote

MODELS_MAX = 8


@dataclass(frozen=True, slots=True)
class Planned:
    """A job as it is asked for. `draws`: its seed is one that is still to be drawn, the `copy`-th of its prompt's."""

    offer: Offer
    prompt: str
    settings: Mapping[str, Any]
    copy: int = 0
    draws: bool = False


@dataclass(slots=True)
class Composer:
    """The state of the form. `group` names this click on Generate: sent twice, it still makes its jobs once.

    `settings_form` holds what all its models take; it is None where none is chosen. `lost` counts the models that were
    asked for and are not there; `is_full`: one more was asked for than there may be. `takers` are those to go to with
    an `input` that the chosen ones do not take.
    """

    sources: Sequence[Source]
    parts: Sequence[Part]
    wording: Wording
    settings_form: SettingsForm | None
    batch: Batch
    group: UUID
    notice: str = ""
    lost: int = 0
    is_full: bool = False
    takers: Sequence[Offer] = ()
    input: str = ""
    patience: float = quotes.PATIENCE  # seconds for which prices are waited for
    disagreed: Sequence[Check] = ()
    refused: bool = False
    _quoted: dict[str, Quote] = field(default_factory=dict)

    @property
    def offers(self) -> list[Offer]:
        return [part.offer for part in self.parts]

    @property
    def offer(self) -> Offer | None:
        """The first of its models."""
        return self.parts[0].offer if self.parts else None

    @property
    def prompt_form(self) -> PromptForm:
        return self.wording.form

    @property
    def is_several(self) -> bool:
        return len(self.parts) > 1

    @property
    def most_models(self) -> int:
        return MODELS_MAX

    @property
    def chips(self) -> list[tuple[Part, Quote, str]]:
        """Each model with its price for one job, and a link to the form without it."""
        return [(part, self.quote(part), self._others(part)) for part in self.parts]

    @property
    def opens_more(self) -> bool:
        """Is there something behind "More" that must not be overlooked?"""
        return self.settings_form is not None and has_media(self.settings_form, advanced=True)

    @property
    def needs_prompt(self) -> bool:
        return needs_prompt(self.offers)

    @property
    def counts(self) -> Sequence[int]:
        return COUNTS

    @property
    def own_count(self) -> Option | None:
        """The option by which all its models say how many results a job has."""
        return counting.own_count(self.settings_form.options) if self.settings_form else None

    @property
    def asks_count(self) -> bool:
        """Is the number of jobs asked for? What was chosen is never hidden."""
        return self.own_count is None or self.copies > 1

    @property
    def results(self) -> int:
        """What a click on Generate makes, where the models are asked how many; else the jobs."""
        if self.own_count is None or self.too_many:
            return self.count
        return sum(counting.results(planned.settings) for planned in self.plan())

    @property
    def copies(self) -> int:
        """How many of each, as chosen so far, valid or not yet."""
        given = str(self.prompt_form["count"].value())
        return int(given) if given in map(str, COUNTS) else 1

    @property
    def count(self) -> int:
        """The jobs of a click on Generate."""
        try:
            cells = len(self.batch.cells())
        except Wrong:
            cells = 1
        prompts = len(self.wording.prompts())
        of_each = [prompts if part.offer.model.takes_prompt else 1 for part in self.parts]
        return (sum(of_each) or prompts) * cells * self.copies

    @property
    def trouble(self) -> str:
        """Why nothing can be made with the models as they are chosen; "" where something can."""
        if self.lost:
            what = "One of the models" if self.parts else "The model"
            return f"{what} is not there any more: its key may have been taken back. Choose another one."
        if not self.parts:
            return "Choose a model."
        for part in self.parts:
            if part.trouble:
                return f"{part.offer.model.name}: {part.trouble}" if self.is_several else part.trouble
        return ""

    @property
    def too_many(self) -> str:
        return f"That makes {self.count} jobs; {JOBS_MAX} at a time are the most." if self.count > JOBS_MAX else ""

    def is_valid(self) -> bool:
        words_are_valid, batch_is_valid = self.wording.is_valid(), self.batch.is_valid()
        forms = [self.settings_form, *(part.form for part in self.parts)]
        settings_are_valid = all(form is not None and form.is_valid() for form in forms)
        return words_are_valid and batch_is_valid and settings_are_valid and not (self.trouble or self.too_many)

    # -- What is asked for -------------------------------------------------------------------------------------------
    def settings_of(self, part: Part) -> dict[str, Any]:
        """As they stand, of one model: what all have, and its own."""
        return {**so_far(self.settings_form), **so_far(part.form)} if self.settings_form else {}

    def given_to(self, part: Part) -> dict[str, Any]:
        """What stands in the fields of one model, right or wrong."""
        return {**as_given(self.settings_form), **as_given(part.form)}

    def plan(self) -> Iterator[Planned]:
        """The jobs, in their order: by prompt (what takes none is asked once), by model, cell by cell."""
        try:
            cells = self.batch.cells()
        except Wrong:
            cells = [{}]
        settings = [(part, self.settings_of(part)) for part in self.parts]
        for number, prompt in enumerate(self.wording.prompts()):
            asked = [(part.offer, common) for part, common in settings if part.offer.model.takes_prompt or not number]
            for (offer, common), cell in product(asked, cells):
                yield from self._copies(offer, prompt, common, cell)

    def _copies(self, offer: Offer, prompt: str, common: Mapping[str, Any], cell: Cell) -> Iterator[Planned]:
        option = offer.model.option("seed")
        counted = seeds(common["seed"], self.copies, option) if option and "seed" in common else []
        for copy in range(self.copies):
            seed = {"seed": counted[copy]} if counted else {}
            settings = {**common, **seed, **cell}
            words = prompt if offer.model.takes_prompt else ""
            yield Planned(offer, words, settings, copy, draws=option is not None and "seed" not in settings)

    def orders(self) -> list[Order]:
        """The jobs to make. Seeds are drawn once for each prompt: its models and cells differ in nothing else."""
        drawn: dict[str, list[int]] = {}
        orders = []
        for planned in self.plan():
            offer, settings = planned.offer, dict(planned.settings)
            quote = self._quote(planned)
            if planned.draws:
                pool = drawn.setdefault(planned.prompt, seeds(None, self.copies))
                [settings["seed"]] = seeds(pool[planned.copy], 1, offer.model.option("seed"))
            orders.append(Order(offer.provider.name, offer.key, offer.model, planned.prompt, settings, quote))
        return orders

    # -- What it costs -----------------------------------------------------------------------------------------------
    def quote(self, part: Part | None = None) -> Quote:
        """The price of one job of a model, the first where none is named, with the settings as they stand."""
        part = part or (self.parts[0] if self.parts else None)
        if part is None:
            return Quote(None)
        words = self.wording.prompts()[0] if part.offer.model.takes_prompt else ""
        return self._quote(Planned(part.offer, words, self.settings_of(part)))

    def total(self) -> Total:
        if self.too_many:
            return Total(jobs=self.count, unknown=self.count)
        return quotes.total((asked.quote, asked.count) for asked in self.asked())

    def asked(self) -> list[Asked]:
        """The jobs with the price of each, alike ones together. All prices are asked for at once."""
        if self.too_many:
            return []
        planned = list(self.plan())
        alike = Counter(map(_priced_by, planned))
        examples = {_priced_by(one): one for one in planned}
        self._ask(examples.values())
        return [Asked(one.offer, one.settings, self._quote(one), alike[place]) for place, one in examples.items()]

    def checks(self) -> list[Check]:
        """What speaks against the click."""
        if why := self.too_many:
            return [Check("stop", why)]
        unfinished = [Check("warn", why)] if (why := self.batch.trouble()) else []
        return [*unfinished, *self.disagreed, *checks.before(self.asked())]

    def accounts(self) -> list[Left]:
        return checks.accounts(self.asked())

    def is_waiting(self) -> bool:
        """Is a price, or what an account holds, still to come?"""
        return self.total().pending > 0 or any(account.is_stale for account in self.accounts())

    def stops(self, seen: str | None) -> bool:
        """Must it not be made? `seen`: the price that the page showed, None where it showed none."""
        self.disagreed = checks.agreed(seen, self.total())
        self.refused = any(check.refuses for check in self.checks())
        return self.refused

    def _others(self, part: Part) -> str:
        return "?" + urlencode([("model", other.offer.id) for other in self.parts if other is not part])

    def _quote(self, planned: Planned) -> Quote:
        """Asked for once, however many of its jobs are alike."""
        self._ask([planned])
        return self._quoted[_priced_by(planned)]

    def _ask(self, wanted: Iterable[Planned]) -> None:
        new = {_priced_by(one): one for one in wanted if _priced_by(one) not in self._quoted}
        specs = [
            (one.offer, JobSpec(one.offer.model.kind, one.offer.model.id, one.prompt, one.settings))
            for one in new.values()
        ]
        self._quoted.update(zip(new, quotes.several(specs, patience=self.patience), strict=True))

    # -- The click ---------------------------------------------------------------------------------------------------
    def click(self, user: User) -> UUID:
        """The group that its jobs are to be of, once it is valid.

        A page that comes back by the browser's Back is sent under its old name: with something else in it, it is
        another click. And nobody makes anything under a name that is another person's.
        """
        made = list(Job.objects.filter(group=self.group).order_by("position"))
        return uuid7() if made and not self._made(user, made) else self.group

    def _made(self, user: User, made: Sequence[Job]) -> bool:
        """Are those the jobs that this very form makes?"""
        planned = list(self.plan())
        return len(made) == len(planned) and all(
            job.owner_id == user.pk and job.deleted_at is None and _is(job, wanted)
            for job, wanted in zip(made, planned, strict=True)
        )


def _is(job: Job, planned: Planned) -> bool:
    offer, settings = planned.offer, job.settings
    if planned.draws:
        settings = {name: value for name, value in settings.items() if name != "seed"}
    return (settings, job.prompt) == (dict(planned.settings), planned.prompt) and (
        (job.provider, job.model, job.key_id) == (offer.provider.name, offer.model.id, offer.key and offer.key.pk)
    )


def _priced_by(planned: Planned) -> str:
    """What a price may depend on: not the seed, and the words only where they are spoken."""
    words = planned.prompt if planned.offer.model.kind == "audio" else ""
    given = sorted((name, value) for name, value in planned.settings.items() if name != "seed")
    return f"{planned.offer.id} {given!r} {words}"
