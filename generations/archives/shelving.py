"""The library's way back: uploads, prompts, presets, favourites, tags, albums and chats out of an archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from generations.archives import exporting, library, records, working
from generations.archives.sources import Damaged, Member, Source
from generations.archives.tally import Tally
from generations.chats.files import importing as chats
from generations.inputs import Unfit
from generations.models import Album, AlbumItem, Asset, ChatPreset, Favourite, Job, SavedPrompt
from generations.organising import places
from generations.search.wanted import Wanted
from generations.shift import saving
from generations.uploads import LARGEST, take_back
from studio.lib.ids import made_at
from studio.lib.sniff import sniff

UPLOADS = library.UPLOADS
LARGEST_LIBRARY = 64 * 2**20  # bytes
MOST = 10_000  # of each kind of thing
MOST_IN_ALBUM = 100_000


def uploads(tally: Tally, source: Source) -> None:
    """Before everything else: settings and messages name them."""
    for said in _listed(_library(source), "uploads"):
        member = source.get(records.text(said.get("file"), 300))
        if member is None or not member.name.startswith(UPLOADS):
            continue
        tally.progress.live()
        try:
            tally.counts["uploads"] += _upload(tally, member, said)
        except Damaged as error:
            tally.skip(str(error), records.text(said.get("name"), 200) or member.name)


def take_in(tally: Tally, source: Source) -> None:
    """Once the results are there: albums hold them."""
    said, owner = _library(source), tally.owner
    tally.counts["prompts"] += sum(_prompt(owner, one) for one in _listed(said, "prompts"))
    tally.counts["presets"] += sum(_preset(owner, one) for one in _listed(said, "presets"))
    albums = sorted(_listed(said, "albums"), key=lambda one: bool(one.get("query")))  # searches name others
    tally.counts["albums"] += sum(_album(tally, one) for one in albums)
    for one in _listed(said, "favourites"):
        provider, model = records.text(one.get("provider"), 40), records.text(one.get("model"), 200)
        if provider and model:
            Favourite.objects.get_or_create(owner=owner, provider=provider, model=model)
    if exporting.CHATS in source:
        _chats(tally, source[exporting.CHATS])


def mend(job: Job, moved: dict[str, str]) -> None:
    before = json.dumps(job.settings, ensure_ascii=False)
    if (after := records.renamed(before, moved)) != before:
        job.settings = json.loads(after)
        Job.objects.filter(pk=job.pk).update(settings=job.settings)


def _library(source: Source) -> dict[str, Any]:
    try:
        said = json.loads(source[exporting.LIBRARY].text(LARGEST_LIBRARY))
    except (ValueError, RecursionError, Damaged):
        return {}
    return said if isinstance(said, dict) else {}


def _listed(said: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    rows = said.get(name)
    yield from (one for one in (rows if isinstance(rows, list) else [])[:MOST] if isinstance(one, dict))


# -- Uploads -----------------------------------------------------------------------------------------------------------
def _upload(tally: Tally, member: Member, said: dict[str, Any]) -> bool:
    """Under its own id where that is free. False: it is here already."""
    media = sniff(member.head())
    if media is None:
        raise Damaged("An upload is no picture, clip or sound that Studio knows.")
    path, given = saving.incoming(), records.uuid(said.get("id"))
    try:
        got = member.copy(path, LARGEST[media.kind])
        same = Q(sha256=got.sha256) | (Q(pk=given) if given else Q(pk__in=()))
        asset = Asset.objects.filter(same, owner=tally.owner).first()
        is_new = asset is None
        if asset is None:
            member.allowance.keep(got.size)
            free = given if given and not Asset.objects.filter(pk=given).exists() else None
            asset = take_back(tally.owner, path, media, records.text(said.get("name"), 200), pk=free)
    except Unfit as error:
        raise Damaged("An upload is damaged.") from error
    finally:
        with suppress(FileNotFoundError):
            path.unlink()
    if given is not None and given != asset.pk:
        tally.moved[str(given)] = str(asset.pk)
    return is_new


# -- Everything else ---------------------------------------------------------------------------------------------------
def _prompt(owner: User, said: dict[str, Any]) -> bool:
    fields: dict[str, Any] = {
        "title": records.text(said.get("title"), 120),
        "text": records.text(said.get("text"), records.LONGEST_PROMPT),
        "negative": records.text(said.get("negative"), records.LONGEST_PROMPT),
    }
    return bool(fields["text"]) and SavedPrompt.objects.get_or_create(owner=owner, **fields)[1]


def _preset(owner: User, said: dict[str, Any]) -> bool:
    """Without a key: whoever imports it chooses one."""
    name, system = records.text(said.get("name"), 80), records.text(said.get("system"), 400_000)
    model = {"provider": records.text(said.get("provider"), 40), "model": records.text(said.get("model"), 200)}
    if not name or ChatPreset.objects.filter(owner=owner, name=name, system=system, **model).exists():
        return False
    ChatPreset.objects.create(
        owner=owner, name=name, system=system, settings=records.settings(said.get("settings")), **model
    )
    return True


def _album(tally: Tally, said: dict[str, Any]) -> bool:
    """Its jobs that are here, in their order. True: it is new; to one that is here, what is missing is added."""
    owner, given = tally.owner, records.uuid(said.get("id"))
    title = records.text(said.get("title"), 120)
    if given is None or not title:
        return False
    pk = given
    if Album.objects.filter(pk=pk).exclude(owner=owner).exists():
        pk = records.derived(f"{owner.pk}/{given}", datetime.fromtimestamp(made_at(given), UTC))
        tally.moved[str(given)] = str(pk)
    facts = {"title": title, "description": records.text(said.get("description"), 10_000)}
    facts["query"] = _query(tally, records.text(said.get("query"), 4_000))
    with transaction.atomic():
        album, is_new = Album.objects.get_or_create(pk=pk, owner=owner, defaults=facts)
        _fill(tally, album, said)
    return is_new


def _query(tally: Tally, query: str) -> str:
    """The search of a smart album, by the ids that what it names has now."""
    search = Wanted.parse(query)
    named = {name: tally.moved.get(getattr(search, name)) for name in ("album", "similar")}
    changes = {name: moved for name, moved in named.items() if moved}
    return search.query(**changes).removeprefix("?") if changes else query


def _fill(tally: Tally, album: Album, said: dict[str, Any]) -> None:
    named = said.get("jobs")
    wanted = [_moved(tally, one) for one in (named if isinstance(named, list) else [])[:MOST_IN_ALBUM]]
    mine: set[UUID] = set()
    for first in range(0, len(wanted), 500):
        some = [one for one in wanted[first : first + 500] if one]
        mine.update(Job.objects.filter(owner=tally.owner, deleted_at=None, pk__in=some).values_list("pk", flat=True))
    mine -= set(album.items.values_list("job", flat=True))
    new = [one for one in dict.fromkeys(wanted) if one in mine]
    start = places.back(album)
    AlbumItem.objects.bulk_create(
        [AlbumItem(album=album, job_id=one, place=start + step, added_by=tally.owner) for step, one in enumerate(new)],
        batch_size=500,
    )
    cover = _moved(tally, said.get("cover"))
    if album.cover_id is None and cover and album.items.filter(job=cover).exists():
        Album.objects.filter(pk=album.pk).update(cover=cover)


def _moved(tally: Tally, said: Any) -> UUID | None:
    return records.uuid(tally.moved.get(said, said)) if isinstance(said, str) else None


def _chats(tally: Tally, member: Member) -> None:
    """By way of the importer of chats; their attachments under the ids that they have now."""
    path = Path(settings.MEDIA_ROOT, working.new_place(".chats"))
    try:
        member.copy(path, chats.LARGEST)
        if tally.moved:
            _rename(path, tally.moved)
        with path.open("rb") as file:
            report = chats.take_in(tally.owner, UploadedFile(file, size=path.stat().st_size))
    except (Damaged, chats.Unfit) as error:
        tally.skip(f"Chats: {error}")
        return
    finally:
        path.unlink(missing_ok=True)
    tally.counts["chats"] += report.imported
    for why, count in report.reasons:
        tally.skip(f"A conversation: {why}", count=count)


def _rename(path: Path, moved: dict[str, str]) -> None:
    """Line by line: each conversation is one."""
    other = path.with_suffix(".renamed")
    with path.open(encoding="utf-8", errors="replace") as old, other.open("w", encoding="utf-8") as new:
        new.writelines(records.renamed(line, moved) for line in old)
    other.replace(path)
