"""Tags: a person's own words for jobs. `Job.tag_words` follows every change here; the full-text index reads it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Aggregate, CharField, Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower

from accounts.models import User
from generations.models import Job, JobTag, Tag

NAME_MAX = 60
MOST = 40  # of one job, and of one click
OFFERED = 300  # to complete what one types
BATCH = 500


class Names(Aggregate):
    """Names one after the other, with spaces between."""

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, ' ')"
    output_field = CharField()

    def as_postgresql(self, *arguments: Any, **context: Any) -> Any:
        return self.as_sql(*arguments, **{**context, "function": "STRING_AGG"})


def read(text: str) -> list[str]:
    """Names as people write them, with commas between; each once, however it is written."""
    names = (" ".join(part.replace("\0", "").split())[:NAME_MAX].strip(" #") for part in text.split(","))
    found: dict[str, str] = {}
    for name in filter(None, names):
        found.setdefault(name.lower(), name)
    return list(found.values())[:MOST]


def of(user: User) -> QuerySet[Tag]:
    return Tag.objects.filter(owner=user)


def counted(user: User) -> QuerySet[Tag]:
    """Each with how many jobs have it (`used`)."""
    return of(user).annotate(used=Count("jobs", filter=Q(jobs__deleted_at=None))).order_by(Lower("name"), "pk")


def put(user: User, jobs: Collection[UUID], names: Iterable[str]) -> int:
    """Tags jobs of this person; a name that is new becomes a tag. Returns how many jobs have changed."""
    tags = [_named(user, name) for name in names]
    mine = _owned(user, jobs)
    has = set(JobTag.objects.filter(tag__in=tags, job__in=mine).values_list("tag_id", "job_id"))
    new = [JobTag(tag=tag, job_id=job) for tag in tags for job in mine if (tag.pk, job) not in has]
    with transaction.atomic():
        JobTag.objects.bulk_create(new, ignore_conflicts=True, batch_size=BATCH)
        return _write_words({one.job_id for one in new})


def take(user: User, jobs: Collection[UUID], names: Iterable[str]) -> int:
    """Takes tags off. Returns how many jobs have changed."""
    wanted = Q(tag__owner=user) & Q(tag__in=[tag.pk for tag in _known(user, names)])
    rows = JobTag.objects.filter(wanted, job__in=_owned(user, jobs))
    with transaction.atomic():
        changed = set(rows.values_list("job_id", flat=True))
        rows.delete()
        return _write_words(changed)


def replace(user: User, job: Job, names: Collection[str]) -> int:
    """Exactly these."""
    kept = {name.lower() for name in names}
    gone = [tag.name for tag in job.tags.all() if tag.name.lower() not in kept]
    return take(user, [job.pk], gone) + put(user, [job.pk], names)


def used(tag: Tag) -> int:
    """How many jobs have it."""
    return tag.jobs.filter(deleted_at=None).count()


def called(tag: Tag, name: str) -> Tag | None:
    """Another one of that name."""
    return _known(tag.owner, read(name.replace(",", " "))).exclude(pk=tag.pk).first()


def rename(tag: Tag, name: str) -> Tag | None:
    """The tag under its new name: the one that has it already, if there is one. None: that is no name."""
    [name] = read(name.replace(",", " ")) or [""]
    if not name:
        return None
    other = called(tag, name)
    if other is not None:
        merge(tag, other)
        return other
    tag.name = name
    tag.save(update_fields=["name"])
    for jobs in _batches(tag):
        _write_words(jobs)
    return tag


def merge(tag: Tag, into: Tag) -> None:
    """All jobs of the one have the other from now on."""
    for jobs in _batches(tag):
        with transaction.atomic():
            JobTag.objects.bulk_create([JobTag(tag=into, job_id=job) for job in jobs], ignore_conflicts=True)
            JobTag.objects.filter(tag=tag, job__in=jobs).delete()
            _write_words(jobs)
    tag.delete()


def delete(tag: Tag) -> int:
    """Takes it off every job. Returns off how many."""
    gone = 0
    for jobs in _batches(tag):
        with transaction.atomic():
            JobTag.objects.filter(tag=tag, job__in=jobs).delete()
            gone += _write_words(jobs)
    tag.delete()
    return gone


def _batches(tag: Tag) -> Iterator[list[UUID]]:
    """All its jobs, in batches by keyset: while it goes on, rows may leave."""
    rows, after = JobTag.objects.filter(tag=tag).order_by("-job"), None
    while jobs := list((rows.filter(job__lt=after) if after else rows).values_list("job_id", flat=True)[:BATCH]):
        yield jobs
        after = jobs[-1]


def _named(user: User, name: str) -> Tag:
    known = next(iter(_known(user, [name])), None)
    return known or Tag.objects.get_or_create(owner=user, name=name)[0]


def _known(user: User, names: Iterable[str]) -> QuerySet[Tag]:
    return of(user).annotate(key=Lower("name")).filter(key__in=[name.lower() for name in names])


def _owned(user: User, jobs: Collection[UUID]) -> list[UUID]:
    return list(Job.objects.filter(owner=user, deleted_at=None, pk__in=jobs).values_list("pk", flat=True))


def _write_words(jobs: Collection[UUID]) -> int:
    names = JobTag.objects.filter(job=OuterRef("pk")).order_by().values("job").annotate(words=Names("tag__name"))
    words = Coalesce(Subquery(names.values("words")), Value(""))
    return Job.objects.filter(pk__in=jobs).update(tag_words=words)
