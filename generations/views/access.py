"""Every rule of who may see what. What is not yours does not exist: 404."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Membership, User
from generations.models import (
    Album,
    Archive,
    Asset,
    ChatPreset,
    Comment,
    Conversation,
    Folder,
    Job,
    JobEvent,
    Message,
    Output,
    SavedPrompt,
    ShareLink,
    Tag,
)
from generations.organising import albums
from generations.search.filters import albums_seen_by
from studio.middleware import HtmxRequest

P = ParamSpec("P")
View = Callable[Concatenate[HtmxRequest, P], HttpResponseBase]


def signed_in(view: View[P]) -> View[P]:
    """Others are sent to sign in: the whole page, also where htmx asked for a part of it."""
    ordinary = login_required(view)

    def guarded(request: HtmxRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated or not request.htmx:
            return ordinary(request, *args, **kwargs)
        back = request.htmx.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)
        return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}")

    return cast("View[P]", wraps(view)(guarded))


def person(request: HttpRequest) -> User:
    """The signed-in person of a view that is only for such."""
    assert isinstance(request.user, User)
    return request.user


def jobs_of(user: User) -> QuerySet[Job]:
    return Job.objects.filter(owner=user, deleted_at__isnull=True)


def get_job(request: HttpRequest, job_id: UUID) -> Job:
    found: Job = get_object_or_404(jobs_of(person(request)).prefetch_related("outputs"), pk=job_id)
    return found


def visible_jobs(user: User) -> QuerySet[Job]:
    """One's own, and those shared with a team that one is in. For single jobs; lists go by owner or by team."""
    return Job.objects.filter(_visible_to(user))


def _visible_to(user: User, path: str = "") -> Q:
    """A condition on a job, or by `path` on what has one. Joined so, one row is looked up; `job__in` would list all."""
    theirs = Membership.objects.filter(user=user).values("team")
    seen = Q(**{f"{path}owner": user}) | Q(**{f"{path}team__in": theirs})
    return seen & Q(**{f"{path}deleted_at__isnull": True})


def get_visible_job(request: HttpRequest, job_id: UUID) -> Job:
    rows = visible_jobs(person(request)).select_related("owner", "team").prefetch_related("outputs")
    found: Job = get_object_or_404(rows, pk=job_id)
    return found


def visible_albums(user: User) -> QuerySet[Album]:
    return albums_seen_by(user)


def writable_albums(user: User) -> QuerySet[Album]:
    """One's own, and those of the teams that one may write in."""
    return albums.writable(user)


def get_visible_album(request: HttpRequest, album_id: UUID) -> Album:
    """To look at."""
    rows = visible_albums(person(request)).select_related("owner", "team")
    found: Album = get_object_or_404(rows, pk=album_id)
    return found


def get_album(request: HttpRequest, album_id: UUID) -> Album:
    """To change."""
    found: Album = get_object_or_404(writable_albums(person(request)).select_related("team"), pk=album_id)
    return found


def get_own_album(request: HttpRequest, album_id: UUID, *, deleted: bool = False) -> Album:
    """To delete, to bring back, or to give to a team."""
    rows = Album.objects.filter(owner=person(request), deleted_at__isnull=not deleted)
    found: Album = get_object_or_404(rows, pk=album_id)
    return found


def get_archive(request: HttpRequest, archive_id: UUID) -> Archive:
    found: Archive = get_object_or_404(Archive, owner=person(request), pk=archive_id)
    return found


def get_tag(request: HttpRequest, tag_id: int) -> Tag:
    found: Tag = get_object_or_404(Tag, owner=person(request), pk=tag_id)
    return found


def get_trashed_output(request: HttpRequest, job_id: UUID, position: int) -> Output:
    """For the trash, where its owner has to see what could be brought back."""
    rows = Output.objects.filter(job__owner=person(request), job__deleted_at__isnull=False).exclude(thumbnail="")
    found: Output = get_object_or_404(rows, job=job_id, position=position)
    return found


def get_asked_job(request: HttpRequest, job_id: UUID) -> Job:
    """One that waits, or waited, for the person's approval: made by another, with their key."""
    asked = Exists(JobEvent.objects.filter(job=OuterRef("pk"), kind="held"))
    rows = Job.objects.filter(asked, key__owner=person(request), deleted_at__isnull=True).select_related("owner", "key")
    found: Job = get_object_or_404(rows, pk=job_id)
    return found


def get_prompt(request: HttpRequest, prompt_id: int) -> SavedPrompt:
    found: SavedPrompt = get_object_or_404(SavedPrompt, owner=person(request), pk=prompt_id)
    return found


def get_output(request: HttpRequest, job_id: UUID, position: int) -> Output:
    """A saved result of a job that one may see; a deleted job's can be seen no more."""
    output = (
        Output.objects.filter(_visible_to(person(request), "job__"), job_id=job_id, position=position)
        .exclude(file="")
        .select_related("job")
        .first()
    )
    if output is None:
        raise Http404
    return output


def get_comment(request: HttpRequest, job_id: UUID, comment_id: int, *, own: bool, deleted: bool = False) -> Comment:
    """`own`: what one has said oneself; else also what others said of one's own job."""
    user = person(request)
    mine = Q(author=user) if own else Q(author=user) | Q(job__owner=user)
    rows = Comment.objects.filter(mine, _visible_to(user, "job__"), job_id=job_id, deleted_at__isnull=not deleted)
    found: Comment = get_object_or_404(rows.select_related("job__owner", "author"), pk=comment_id)
    return found


def conversations_of(user: User) -> QuerySet[Conversation]:
    return Conversation.objects.filter(owner=user, deleted_at__isnull=True)


def get_conversation(request: HttpRequest, conversation_id: UUID) -> Conversation:
    found: Conversation = get_object_or_404(conversations_of(person(request)), pk=conversation_id)
    return found


def get_message(request: HttpRequest, message_id: UUID) -> Message:
    rows = Message.objects.filter(conversation__in=conversations_of(person(request)), deleted_at__isnull=True)
    found: Message = get_object_or_404(rows.select_related("conversation", "parent"), pk=message_id)
    return found


def get_reply(request: HttpRequest, message_id: UUID) -> Message:
    found = get_message(request, message_id)
    if not found.is_reply:
        raise Http404
    return found


def get_deleted_message(request: HttpRequest, message_id: UUID) -> Message:
    """One that may be brought back."""
    rows = Message.objects.filter(conversation__in=conversations_of(person(request)), deleted_at__isnull=False)
    found: Message = get_object_or_404(rows.select_related("conversation", "parent"), pk=message_id)
    return found


def get_folder(request: HttpRequest, folder_id: int) -> Folder:
    found: Folder = get_object_or_404(Folder, owner=person(request), pk=folder_id)
    return found


def get_preset(request: HttpRequest, preset_id: int) -> ChatPreset:
    found: ChatPreset = get_object_or_404(ChatPreset, owner=person(request), pk=preset_id)
    return found


def get_asset(request: HttpRequest, asset_id: UUID) -> Asset:
    found: Asset = get_object_or_404(Asset, owner=person(request), pk=asset_id)
    return found


def get_seen_asset(request: HttpRequest, asset_id: UUID) -> Asset:
    """To look at: one's own, and those that a job began from which one may see."""
    user = person(request)
    if found := Asset.objects.filter(owner=user, pk=asset_id).first():
        return found
    uses = Asset.jobs.through.objects.filter(_visible_to(user, "job__"), asset_id=asset_id)
    return get_object_or_404(Asset.objects.filter(Exists(uses)), pk=asset_id)


def get_link(request: HttpRequest, link_id: UUID) -> ShareLink:
    rows = ShareLink.objects.select_related("job", "album", "conversation", "team")
    found: ShareLink = get_object_or_404(rows, owner=person(request), pk=link_id)
    return found
