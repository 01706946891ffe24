"""An album's order by hand: each job's place is a number, and between any two there is room for another."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from generations.models import Album, AlbumItem

BATCH = 500


def move(item: AlbumItem, *, before: AlbumItem | None) -> bool:
    """Puts it right before another one of the album; None: at the end. False where it stands there already."""
    with transaction.atomic():
        place = _between(item, before)
        if place is None:
            _number(item.album)
            if before is not None:
                before.refresh_from_db(fields=["place"])
            place = _between(item, before)
        if place is None or place == item.place:
            return False
        return AlbumItem.objects.filter(pk=item.pk).update(place=place) == 1


def step(item: AlbumItem, shown: QuerySet[AlbumItem], *, later: bool) -> bool:
    """One place on, or one back, among those that are shown. False at the end."""
    if later:
        two = list(after(shown, item.place, item.pk)[:2])
        return bool(two) and move(item, before=two[1] if len(two) == 2 else None)
    before = _previous(shown, item)
    return before is not None and move(item, before=before)


def front(album: Album) -> float:
    """A place before all."""
    first = AlbumItem.objects.filter(album=album).order_by("place").values_list("place", flat=True).first()
    return 0.0 if first is None else first - 1


def back(album: Album) -> float:
    """A place after all."""
    last = AlbumItem.objects.filter(album=album).order_by("-place").values_list("place", flat=True).first()
    return 0.0 if last is None else last + 1


def after(items: QuerySet[AlbumItem], place: float, pk: int) -> QuerySet[AlbumItem]:
    """Those that come after a place, in order."""
    later = items.filter(place__gte=place).exclude(place=place, pk__lte=pk)
    return later.order_by("place", "pk")


def _between(item: AlbumItem, before: AlbumItem | None) -> float | None:
    """The place before another; None where the numbers have no room for it."""
    others = AlbumItem.objects.filter(album=item.album_id).exclude(pk=item.pk)
    if before is None:
        last = others.order_by("-place", "-pk").first()
        return last.place + 1 if last else item.place
    previous = _previous(others, before)
    if previous is None:
        return before.place - 1
    place = (previous.place + before.place) / 2
    return place if previous.place < place < before.place else None


def _previous(others: QuerySet[AlbumItem], item: AlbumItem) -> AlbumItem | None:
    earlier = others.filter(place__lte=item.place).exclude(place=item.place, pk__gte=item.pk)
    return earlier.order_by("-place", "-pk").first()


def _number(album: Album) -> None:
    """Gives all of them whole numbers, in the order that they have."""
    items = list(AlbumItem.objects.filter(album=album).order_by("place", "pk").only("pk"))
    for number, item in enumerate(items):
        item.place = float(number)
    AlbumItem.objects.bulk_update(items, ["place"], batch_size=BATCH)
