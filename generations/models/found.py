"""What a job is found and sorted by: worked out of it once, so that no list has to."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Case, F, When
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from generations.models.media import Output

# The shapes that pages know: width:height → width / height.
ASPECTS: dict[str, float] = {
    name: int(name.split(":")[0]) / int(name.split(":")[1])
    for name in ("1:1", "4:5", "5:4", "3:4", "4:3", "2:3", "3:2", "9:16", "16:9", "9:21", "21:9", "1:2", "2:1")
}
_RATIO = re.compile(r"0*([1-9]\d{0,5}):0*([1-9]\d{0,5})", re.ASCII)
_SIZE = re.compile(r"([1-9]\d{0,5})\s*[*x×]\s*([1-9]\d{0,5})", re.ASCII)  # 1024*768
_MEDIA = ("https://", "http://", "asset:", "output:", "data:")
_MARKS = re.compile("[\u0300-\u036f]")


@lru_cache(maxsize=256)
def nearest(ratio: float) -> str:
    """The shape nearest to width / height."""
    return min(ASPECTS, key=lambda name: abs(math.log(ASPECTS[name] / ratio)))


def parse_ratio(text: Any) -> float | None:
    """16:9 → 1.78"""
    found = _RATIO.fullmatch(str(text or ""))
    return int(found[1]) / int(found[2]) if found else None


def asked_ratio(settings: Mapping[str, Any]) -> float | None:
    """Width / height, as far as the settings say it."""
    if asked := parse_ratio(settings.get("aspect_ratio")):
        return asked
    if sized := _SIZE.fullmatch(str(settings.get("size", ""))):
        return int(sized[1]) / int(sized[2])
    width, height = settings.get("width"), settings.get("height")
    return _size(width) / _size(height) if _size(width) and _size(height) else None


def _size(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value < 1_000_000 else 0


def likeness(prompt: str) -> str:
    """Equal for prompts of the same words: in any order, in any case, with or without accents and signs."""
    plain = _MARKS.sub("", unicodedata.normalize("NFD", prompt.casefold()))
    words = sorted(set(re.findall(r"[^\W_]+", plain)))
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16] if words else ""


def asked_aspect(job: Any) -> str:
    ratio = asked_ratio(job.settings)
    return nearest(ratio) if ratio else ""


def has_seed(job: Any) -> bool:
    return job.settings.get("seed") not in (None, "")


def has_input(job: Any) -> bool:
    values = (part for value in job.settings.values() for part in (value if isinstance(value, list) else [value]))
    return any(isinstance(value, str) and value.startswith(_MEDIA) for value in values)


class _AtCreation(models.Field):  # type: ignore[type-arg]
    """Fills itself when the row is written first, also by `bulk_create`, where nothing else was said."""

    fill: Any

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if add and not getattr(model_instance, self.attname):
            setattr(model_instance, self.attname, type(self).fill(model_instance))
        return super().pre_save(model_instance, add)

    def deconstruct(self) -> Any:
        """In migrations, the ordinary field that it is to the database."""
        name, _, args, kwargs = super().deconstruct()
        kind = type(self).__mro__[2]
        return name, f"django.db.models.{kind.__name__}", args, kwargs


class AspectField(_AtCreation, models.CharField):  # type: ignore[type-arg]
    fill = staticmethod(asked_aspect)


class SeedField(_AtCreation, models.BooleanField):  # type: ignore[type-arg]
    fill = staticmethod(has_seed)


class InputField(_AtCreation, models.BooleanField):  # type: ignore[type-arg]
    fill = staticmethod(has_input)


class LikenessField(_AtCreation, models.CharField):  # type: ignore[type-arg]
    fill = staticmethod(lambda job: likeness(job.prompt))


class Found(models.Model):
    aspect = AspectField(max_length=5, blank=True, editable=False)  # as asked for; when it is saved, as it is
    seconds = models.FloatField(default=0, editable=False)  # that its longest result plays; a picture plays none
    has_seed = SeedField(default=False, editable=False)
    has_input = InputField(default=False, editable=False)  # it begins from a picture, a clip or a sound
    likeness = LikenessField(max_length=16, blank=True, editable=False)  # of its prompt
    price = models.GeneratedField(
        expression=Coalesce("actual_amount", "quoted_amount"),
        output_field=models.DecimalField(max_digits=18, decimal_places=6, null=True),
        db_persist=True,
    )
    price_unit = models.GeneratedField(
        expression=Case(When(actual_amount__isnull=True, then=F("quoted_unit")), default=F("actual_unit")),
        output_field=models.CharField(max_length=12),
        db_persist=True,
    )

    class Meta:
        abstract = True

    @cached_property
    def results(self: Any) -> list[Output]:
        """The job's outputs in their order, as a page shows them. A list of jobs prefetches them into this."""
        return list(self.outputs.all())

    def measure(self: Any) -> None:
        """Keeps the shape and length of what was saved, as lists are narrowed and sorted by them."""
        saved = [output for output in self.outputs.all() if output.file]
        shape = next((one.width / one.height for one in saved if one.width and one.height), None)
        seconds = max((one.duration or 0 for one in saved), default=0)
        aspect = nearest(shape) if shape else self.aspect
        type(self)._default_manager.filter(pk=self.pk).update(aspect=aspect, seconds=seconds)
