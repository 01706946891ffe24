"""What is one's own besides results and chats: saved prompts, presets, favourites, tags, albums, and uploads.

Keys are not among it, nor what belongs to a team and not to the person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accounts.models import User
from generations.archives import zipping
from generations.archives.packing import Entry
from generations.models import Album, AlbumItem, Asset, ChatPreset, Favourite, SavedPrompt, Tag

UPLOADS = "uploads/"
PRESET = ("name", "system", "provider", "model", "settings")
PROMPT = ("title", "text", "negative")
ALBUM = ("title", "description", "query")
FAVOURITE = ("provider", "model")
UPLOAD = ("name", "kind", "content_type", "size", "sha256")


def written(owner: User) -> bytes:
    return json.dumps(_library(owner), ensure_ascii=False, indent=1).encode()


def uploads(owner: User) -> Iterator[Entry]:
    """The files of one's uploads, each named by its id. Those that are lost are left out."""
    for asset in Asset.objects.filter(owner=owner).order_by("pk").iterator(chunk_size=500):
        if found := zipping.stored(asset.file):
            yield Entry(_place(asset), asset.created_at, *found)


def _library(owner: User) -> dict[str, Any]:
    return {
        "prompts": _rows(SavedPrompt.objects.filter(owner=owner), PROMPT),
        "presets": _rows(ChatPreset.objects.filter(owner=owner), PRESET),
        "favourites": _rows(Favourite.objects.filter(owner=owner), FAVOURITE),
        "tags": list(Tag.objects.filter(owner=owner).values_list("name", flat=True)),
        "albums": [_album(one) for one in Album.objects.filter(owner=owner, deleted_at=None)],
        "uploads": [_upload(one) for one in Asset.objects.filter(owner=owner).order_by("pk")],
    }


def _rows(rows: Any, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    return list(rows.order_by("pk").values(*fields))


def _album(album: Album) -> dict[str, Any]:
    """With its jobs in their order; those of others stay theirs."""
    items = AlbumItem.objects.filter(album=album, job__owner=album.owner_id, job__deleted_at=None)
    return {
        "id": str(album.pk),
        **{field: getattr(album, field) for field in ALBUM},
        "cover": str(album.cover_id or ""),
        "jobs": [str(job) for job in items.order_by("place", "pk").values_list("job", flat=True)],
    }


def _upload(asset: Asset) -> dict[str, Any]:
    return {"id": str(asset.pk), "file": _place(asset), **{field: getattr(asset, field) for field in UPLOAD}}


def _place(asset: Asset) -> str:
    return f"{UPLOADS}{asset.pk}{Path(asset.file).suffix}"
