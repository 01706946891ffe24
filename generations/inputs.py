"""What a job begins from: uploads, results and links, each named by a reference.

A reference is a text: "asset:<id>" (an upload), "output:<job>/<position>" (a result) or an address ("https://…").
The first two name only what is their owner's, here and when a job is sent.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from django.conf import settings as site
from django.core import signing
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from generations.models import Asset, Job, Output
from studio.lib.egress import Egress, Forbidden, web_address
from studio.providers.base import Option
from studio.providers.dialect import Dialect

LONGEST_LINK = 2000  # characters
LONG = 120  # characters: a text of a setting that says as much as a prompt
PUBLIC_FOR = timedelta(hours=24)  # how long a signed address opens its file
SALT = "generations.inputs"
KINDS = {"image": "a picture", "video": "a clip", "audio": "a sound"}
_UUID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_ASSET = re.compile(f"asset:{_UUID}")
_OUTPUT = re.compile(f"output:{_UUID}/(\\d{{1,4}})", re.ASCII)
_HOST = re.compile(r"(?is)\w+://(?:[^/?#\\]*@)?([^/?#\\]*).*")


class Unfit(ValueError):
    """Nothing to begin from; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Input:
    """As it is shown to its owner. `kind` is "image", "video" or "audio"; "" for a link, which nobody has opened."""

    reference: str
    kind: str
    label: str
    thumbnail_url: str = ""
    url: str = ""
    width: int | None = None
    height: int | None = None

    @property
    def is_upload(self) -> bool:
        return self.reference.startswith("asset:")


Stored = Asset | Output  # both have file, kind, content_type, size, sha256


# -- What a reference names ------------------------------------------------------------------------------------------
def is_link(reference: str) -> bool:
    return reference.lower().startswith(("https://", "http://"))


def stored(user: User, reference: str) -> Stored | None:
    """The person's own upload or saved result of that reference; None where there is none (any more)."""
    return _opened(reference, Asset.objects.filter(owner=user), _results().filter(job__owner=user))


def _opened(reference: str, assets: QuerySet[Asset], results: QuerySet[Output]) -> Stored | None:
    if found := _ASSET.fullmatch(reference):
        return assets.filter(pk=UUID(found[1])).first()
    if found := _OUTPUT.fullmatch(reference):
        return results.filter(job=UUID(found[1]), position=int(found[2])).first()
    return None


def _results() -> QuerySet[Output]:
    """What is saved, of jobs that are not deleted."""
    return Output.objects.filter(job__deleted_at__isnull=True).exclude(file="").select_related("job")


def _names_file(reference: str) -> bool:
    return bool(_ASSET.fullmatch(reference) or _OUTPUT.fullmatch(reference))


def find(user: User, reference: str) -> Input | None:
    if is_link(reference):
        try:
            return _of_link(_link(reference))
        except Unfit:
            return None
    media = stored(user, reference)
    return shown(media) if media else None


def check(user: User, reference: str, accept: Collection[str] = ()) -> str:
    """The reference as it is stored. Raises Unfit. `accept`: the kinds that may be, all where it is empty."""
    reference = reference.strip()
    if is_link(reference):
        return _link(reference)
    media = stored(user, reference)
    if media is None:
        if _names_file(reference):
            raise Unfit("This file is not there any more. Choose another.")
        raise Unfit("This is no address: it begins with https://.")
    if accept and media.kind not in accept:
        raise Unfit(f"This is {KINDS[media.kind]}; {' or '.join(KINDS[kind] for kind in accept)} is needed here.")
    return reference_of(media)


def reference_of(media: Stored) -> str:
    return f"asset:{media.pk}" if isinstance(media, Asset) else f"output:{media.job_id}/{media.position}"


def recent(user: User, accept: Collection[str] = (), limit: int = 24) -> list[Input]:
    """Own uploads and results of these kinds, up to `limit` of each, the newest first, for a chooser."""
    kinds = list(accept or KINDS)
    assets = Asset.objects.filter(owner=user, kind__in=kinds).order_by("-pk")[:limit]
    results = _results().filter(job__owner=user, kind__in=kinds).order_by("-job_id", "position")[:limit]
    both = [(asset.created_at, asset) for asset in assets] + [(output.job.created_at, output) for output in results]
    both.sort(key=lambda entry: entry[0], reverse=True)
    return [shown(media) for _, media in both]


def shown(media: Stored) -> Input:
    if isinstance(media, Asset):
        url = reverse("asset", args=[media.pk])
        thumbnail, label = reverse("asset-thumbnail", args=[media.pk]), media.name
    else:
        place = [media.job_id, media.position]
        url, thumbnail = reverse("output", args=place), reverse("output-preview", args=[*place, "thumbnail"])
        label = media.job.prompt[:60] or media.job.model_name
    shown = thumbnail if media.thumbnail else ""
    return Input(reference_of(media), media.kind, label, shown, url, media.width, media.height)


def _of_link(link: str) -> Input:
    address = web_address(link)
    name = unquote(PurePosixPath(address.path).name)
    return Input(link, "", f"{address.host} · {name}" if name else address.host, url=link)


# -- Links -----------------------------------------------------------------------------------------------------------
def _link(text: str) -> str:
    """An address that may be given to a provider, or fetched. Raises Unfit."""
    if len(text) > LONGEST_LINK:
        raise Unfit(f"The address is longer than {LONGEST_LINK:,} characters.")
    try:
        address, egress = web_address(text), _egress(tuple(site.PRIVATE_HOSTS))
        egress.check_url(address)
    except Forbidden as error:
        raise Unfit(str(error)) from None
    if not egress.names(address):
        if address.scheme != "https":
            raise Unfit("The address begins with http://; only https:// is taken.")
        host = address.host.rstrip(".")
        if not ({".", ":"} & set(host)) or host.endswith((".localhost", ".local", ".internal")):
            raise Unfit(f"{address.host} is no public host.")
    return text


@lru_cache(maxsize=4)
def _egress(allowed: tuple[str, ...]) -> Egress:
    return Egress(allowed)


# -- What settings name ----------------------------------------------------------------------------------------------
def references(settings: Mapping[str, Any], options: Iterable[Option]) -> list[str]:
    """Every medium that the settings give to these options, in their order, each once."""
    return list(dict.fromkeys(chain.from_iterable(_given(settings.get(option.name), option) for option in options)))


def _given(value: Any, option: Option) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    if option.type == "media":
        yield from (item for item in values if isinstance(item, str) and item)
    for row in values if option.type == "list" else ():
        for field in option.fields:
            yield from _given(row.get(field.name) if isinstance(row, dict) else row, field)


def media_in(value: Any) -> Iterator[str]:
    """All that there is to begin from anywhere in a job's settings, whether or not its model is still known."""
    if isinstance(value, str):
        if is_medium(value):
            yield value
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(media_in, value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(media_in, value))


def named_in(value: Any) -> Iterator[str]:
    """Uploads and results alone."""
    return filter(_names_file, media_in(value))


def in_short(reference: str, *, is_own: bool = False) -> str:
    """Enough to tell it from another one, without looking it up: "upload 9c1f", "result 9c1f/0", or the link.

    Of a link others see the host, and a sign of the rest: that can open more than the picture.
    """
    if not _names_file(reference):
        sign = sha256(reference.encode()).hexdigest()[:4]
        return reference if is_own else _HOST.sub(rf"\1 {sign}", reference)
    kind, _, place = reference.partition(":")
    pk, slash, position = place.partition("/")
    return f"{'upload' if kind == 'asset' else 'result'} {pk[-4:]}{slash}{position}"


def is_medium(value: Any) -> bool:
    """Is this value of a setting something to begin from? Of a link, nobody knows; it looks like one."""
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(isinstance(one, str) and (_names_file(one) or is_link(one)) for one in values)


def names_medium(value: Any) -> bool:
    """Is anything in this value, however deep, something to begin from?"""
    return any(True for _ in media_in(value))


def without_others(user: User | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Another's settings as one may take them up: of what the job begins from, only what is one's own."""
    return {name: value for name, value in settings.items() if all(_is_own(user, one) for one in media_in(value))}


def _is_own(user: User | None, reference: str) -> bool:
    return user is not None and not is_link(reference) and stored(user, reference) is not None


def told_others(settings: Mapping[str, Any], *, with_prompt: bool) -> dict[str, Any]:
    """For others than its owner: nothing that a job begins from and, without the prompt, none that repeats it."""
    plain = {name: value for name, value in settings.items() if not names_medium(value)}
    if with_prompt:
        return plain
    return {name: value for name, value in plain.items() if "prompt" not in name and len(str(value)) < LONG}


def begun_from(job: Job) -> list[Input]:
    """What a job begins from, as its owner sees it. What is not there any more has no address."""
    plain = [value if isinstance(value, list) else [value] for value in job.settings.values() if is_medium(value)]
    named = dict.fromkeys([*chain.from_iterable(plain), *named_in(job.settings)])
    return [find(job.owner, reference) or Input(reference, "", "Not there any more") for reference in named]


def assets_in(settings: Mapping[str, Any]) -> set[UUID]:
    """The ids of the uploads that the settings name."""
    matches = (_ASSET.fullmatch(reference) for reference in named_in(settings))
    return {UUID(found[1]) for found in matches if found}


def jobs_in(settings: Mapping[str, Any]) -> set[UUID]:
    """The ids of the jobs whose results the settings name."""
    matches = (_OUTPUT.fullmatch(reference) for reference in named_in(settings))
    return {UUID(found[1]) for found in matches if found}


def trouble(dialect: Dialect, given: Collection[str]) -> str:
    """Why this provider cannot get them, in words for people; "" where it can."""
    if not given:
        return ""
    if not dialect.takes_media:
        return f"{dialect.label} takes no pictures, clips or sounds."
    if dialect.takes_media == "link" and not site.PUBLIC_URL and not all(map(is_link, given)):
        return (
            f"{dialect.label} fetches pictures by itself: give a public link. "
            "Uploads and results work once the operator sets STUDIO_PUBLIC_URL."
        )
    return ""


# -- Signed addresses ------------------------------------------------------------------------------------------------
def public_url(media: Stored) -> str:
    """An address that opens this one file, for a day, to whoever has it. "" where nobody could reach it."""
    if not site.PUBLIC_URL:
        return ""
    token = signing.dumps(reference_of(media), salt=SALT)
    name = f"{media.kind}{PurePosixPath(media.file).suffix}"
    path = reverse("input", args=[token, name])
    return f"{site.PUBLIC_URL}{path}"


def signed(token: str) -> Stored | None:
    """What a signed address opens; None for a forged or expired one, and where the file is not there any more."""
    try:
        reference = signing.loads(token, salt=SALT, max_age=PUBLIC_FOR)
    except signing.BadSignature:
        return None
    return _opened(reference, Asset.objects.all(), _results())
