"""The list of a person's conversations: pinned, in folders, by time; by keyset, never an OFFSET."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from generations import fulltext
from generations.chats import searching
from generations.chats.searching import Hit
from generations.models import Conversation, Folder
from generations.models.message import UNDER_WAY

PAGE = 40
MOST = 400  # conversations of one answer, however far down one has read
FOLDERS = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Cursor = tuple[datetime, UUID]  # the last one above: when it was written in, and its id


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the list. `before`: the page below that one; `down_to`: as far down as had been read already."""

    text: str = ""
    is_archive: bool = False
    folder: int | None = None
    before: Cursor | None = None
    down_to: Cursor | None = None
    opened: frozenset[int] = frozenset()  # folders
    current: UUID | None = None  # the conversation that is shown

    @classmethod
    def read(cls, query: QueryDict) -> Asked:
        """What the list does not know is left out rather than refused."""
        return cls(
            text=query.get("q", "").replace("\0", "").strip()[: fulltext.LONGEST],
            is_archive=query.get("archived") == "1",
            folder=_number(query.get("folder", "")),
            before=_cursor(query.get("before", "")),
            down_to=_cursor(query.get("down_to", "")),
            opened=frozenset(number for text in query.getlist("open")[:FOLDERS] if (number := _number(text))),
            current=_uuid(query.get("current", "")),
        )

    def query(self, **changes: object) -> str:
        """This part of the list as a query string, with some of it changed; it starts at the top."""
        other = replace(self, **{"before": None, **changes})  # type: ignore[arg-type]  # by the callers below
        named = {
            "q": other.text,
            "archived": "1" if other.is_archive else "",
            "folder": str(other.folder or ""),
            "before": _written(other.before),
            "current": str(other.current or ""),
        }
        return "?" + urlencode({name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class Group:
    """Conversations of one day or month; `label` is empty where the page above has said it."""

    label: str
    rows: list[Conversation]


@dataclass(frozen=True, slots=True)
class Page:
    """`following` asks for the page below, "" where there is none; `last` is as far down as this one goes."""

    groups: list[Group]
    following: str = ""
    last: str = ""

    @property
    def rows(self) -> Iterator[Conversation]:
        return (row for group in self.groups for row in group.rows)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder in the list. `page` is its first, where it stands open."""

    folder: Folder
    count: int
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    asked: Asked
    pinned: list[Conversation] = field(default_factory=list)
    shelves: list[Shelf] = field(default_factory=list)
    page: Page = field(default_factory=lambda: Page([]))
    hits: list[Hit] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.pinned or self.shelves or self.page.groups or self.hits)


def shown(user: User, query: QueryDict, current: Conversation | None = None) -> Listing:
    """The list from its top, as the query string asks for it; `current` is the conversation on the page."""
    asked = Asked.read(query)
    if current:
        asked = replace(asked, current=current.pk)
    if asked.text:
        return Listing(asked, hits=searching.find(user, asked.text))
    if asked.is_archive:
        return Listing(asked, page=_page(_of(user, archived_at__isnull=False), asked))
    rows = _of(user, archived_at__isnull=True)
    pinned = list(rows.filter(pinned_at__isnull=False).order_by("-pinned_at")[:MOST])
    within = {current.folder_id} if current and current.folder_id and not current.pinned_at else set()
    free = rows.filter(pinned_at__isnull=True, folder__isnull=True)
    return Listing(asked, pinned, _shelves(user, asked, asked.opened | within), _page(free, asked))


def page(user: User, query: QueryDict) -> Listing:
    """One page of it alone: further down, or the first of a folder."""
    asked = Asked.read(query)
    if asked.is_archive:
        rows = _of(user, archived_at__isnull=False)
    else:
        rows = _of(user, archived_at__isnull=True, pinned_at__isnull=True, folder=asked.folder)
    return Listing(asked, page=_page(rows, asked))


def label(moment: datetime, now: datetime) -> str:
    """Today, Yesterday, Previous 7 days, then the month."""
    days = (now.astimezone(UTC).date() - moment.astimezone(UTC).date()).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    if days <= 7:
        return "Previous 7 days"
    return f"{moment:%B}" if moment.year == now.year else f"{moment:%B %Y}"


def is_answered(row: Conversation) -> bool:
    """Is its newest reply being written?"""
    return row.current is not None and row.current.state in UNDER_WAY


def _of(user: User, **which: object) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(owner=user, deleted_at__isnull=True, **which).select_related("current")
    fields = ("title", "written_at", "pinned_at", "archived_at", "folder_id", "owner_id", "current__state")
    return rows.only(*fields).order_by("-written_at", "-id")


def _shelves(user: User, asked: Asked, opened: frozenset[int] | set[int]) -> list[Shelf]:
    there = Q(conversations__deleted_at=None, conversations__archived_at=None, conversations__pinned_at=None)
    folders = Folder.objects.filter(owner=user).annotate(
        count=Count("conversations", filter=there & Q(conversations__isnull=False))
    )
    found = []
    for folder in folders[:FOLDERS]:
        rows = _of(user, archived_at__isnull=True, pinned_at__isnull=True, folder=folder)
        part = replace(asked, folder=folder.pk, down_to=None)
        count: int = folder.count
        found.append(Shelf(folder, count, _page(rows, part) if folder.pk in opened else None))
    return found


def _page(rows: QuerySet[Conversation], asked: Asked) -> Page:
    most = PAGE
    if asked.before:
        moment, pk = asked.before
        rows = rows.filter(written_at__lte=moment).exclude(written_at=moment, pk__gte=pk)
    elif asked.down_to:
        most = max(PAGE, min(MOST, rows.filter(written_at__gte=asked.down_to[0])[:MOST].count()))
    found = list(rows[: most + 1])
    if not found:
        return Page([])
    more, found = len(found) > most, found[:most]
    last = (found[-1].written_at, found[-1].pk)
    return Page(_groups(found, asked), asked.query(before=last) if more else "", _written(last))


def _groups(rows: list[Conversation], asked: Asked) -> list[Group]:
    now = timezone.now()
    above = label(asked.before[0], now) if asked.before else ""
    groups: list[Group] = []
    said = above
    for row in rows:
        name = "" if asked.folder else label(row.written_at, now)
        if not groups or name != said:
            groups.append(Group("" if name == said else name, []))
        groups[-1].rows.append(row)
        said = name
    return groups


# -- How places are written ------------------------------------------------------------------------------------------
def _written(cursor: Cursor | None) -> str:
    """1789000000000000.0192…: microseconds and the id."""
    return f"{(cursor[0] - EPOCH) // timedelta(microseconds=1)}.{cursor[1].hex}" if cursor else ""


def _cursor(text: str) -> Cursor | None:
    moment, _, pk = text.partition(".")
    found = _uuid(pk)
    if found is None or not moment.isascii() or not moment.isdigit() or len(moment) > 17:
        return None
    return EPOCH + timedelta(microseconds=int(moment)), found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
