"""Who knocks at every address, and one of everything to knock for.

stranger   not signed in
signed_in  an account that has nothing to do with it
viewer     in the team, to look
member     in the team, to make
owner      whose it is; also an owner of the team
operator   runs this Studio
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from allauth.usersessions.models import UserSession
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts.models import (
    Invitation,
    Membership,
    Notice,
    OutgoingWebhook,
    ProviderKey,
    PushSubscription,
    Team,
    TeamInvitation,
    TeamKey,
    TeamRole,
    User,
)
from generations.models import (
    Album,
    Archive,
    Asset,
    ChatPreset,
    Comment,
    Conversation,
    Folder,
    Job,
    Message,
    ModelPrice,
    Output,
    Role,
    SavedPrompt,
    ShareLink,
    Tag,
)
from studio.lib.crypto import fingerprint

ROLES = ("stranger", "signed_in", "viewer", "member", "owner", "operator")


@dataclass
class Cast:
    people: dict[str, User | None]
    team: Team
    arguments: dict[str, Any]  # for addresses, by the name of the parameter

    @property
    def owner(self) -> User:
        found = self.people["owner"]
        assert found
        return found

    def share(self) -> None:
        """What can be shared with a team is."""
        for kind in (Job, Album):
            kind.objects.update(team=self.team)

    def client(self, role: str) -> Client:
        client, user = Client(), self.people[role]
        if user:
            client.force_login(user)
        return client


def make_people() -> dict[str, User | None]:
    found: dict[str, User | None] = {"stranger": None}
    for role in ROLES[1:]:
        found[role] = User.objects.create(email=f"{role}@example.com", is_superuser=role == "operator")
    return found


def make_team(people: dict[str, User | None]) -> Team:
    team = Team.objects.create(name="Posters")
    for role in (TeamRole.VIEWER, TeamRole.MEMBER, TeamRole.OWNER):
        Membership.objects.create(team=team, user=people[str(role)], role=role)
    return team


def make_cast(**job_fields: Any) -> Cast:
    people = make_people()
    cast = Cast(people, make_team(people), {})
    owner = cast.owner
    key = ProviderKey(owner=owner, provider="wavespeed", label="Work", is_enabled=False)
    key.conceal("0123456789abcdef")
    key.save()
    job = Job.objects.create(
        owner=owner, provider="local", kind="image", model="m", model_name="M", prompt="a red fox", **job_fields
    )
    for name in ("0.png", "0-480.webp", "0.zip", "1.png", "1-480.webp"):
        default_storage.save(name, ContentFile(b"picture"))
    Output.objects.create(
        job=job, position=0, remote_url="", file="0.png", thumbnail="0-480.webp", content_type="image/png", size=7
    )
    cast.arguments = {
        "key_id": key.pk,
        "job_id": job.pk,
        "comment_id": Comment.objects.create(job=job, author=owner, text="warmer").pk,
        "deleted_comment_id": Comment.objects.create(job=job, author=owner, text="no", deleted_at=timezone.now()).pk,
        "position": 0,
        "size": "thumbnail",
        "provider": "wavespeed",
        "team_id": cast.team.pk,
        **_words(owner),
        **_chat(owner),
        **_kept(owner),
        **_told(owner),
        **_lent(cast, key),
        "user_id": owner.pk,
        "provider_id": "team",
    }
    return cast


def _lent(cast: Cast, key: ProviderKey) -> dict[str, Any]:
    """The team may use the key; what a member would make with it waits for its owner."""
    asked = Job.objects.create(
        owner=cast.people["member"], key=key, provider="wavespeed", kind="image", model="m", state="held", due_at=None
    )
    asked.events.create(kind="held")
    invitation = TeamInvitation.objects.create(
        team=cast.team, token_hash=fingerprint("team"), invited_by=cast.owner, expires_at=timezone.now()
    )
    return {
        "use_id": TeamKey.objects.create(team=cast.team, key=key).pk,
        "asked_job_id": asked.pk,
        "team_invitation_id": invitation.pk,
    }


def _words(owner: User) -> dict[str, Any]:
    """Tokens in addresses, none of which opens anything."""
    return {
        "word": "no-such-word",
        "token": "no-such-token",
        "name": "input.png",
        "key": signing.dumps("x"),
        "uidb36": "1",
        "pk": 1,
        "session_id": UserSession.objects.create(
            user=owner, ip="127.0.0.1", session_key="k", last_seen_at=timezone.now()
        ).pk,
        "invitation_id": Invitation.objects.create(
            email="new@example.com", token_hash=fingerprint("w"), invited_by=owner, expires_at=timezone.now()
        ).pk,
    }


def _chat(owner: User) -> dict[str, Any]:
    ModelPrice.objects.create(provider="openai", model="gpt", input=1, output=1, unit="USD")
    conversation = Conversation.objects.create(owner=owner, title="Foxes")
    said = Message.objects.create(conversation=conversation, role=Role.USER, text="Hello", click=uuid4())
    reply = Message.objects.create(conversation=conversation, parent=said, role=Role.ASSISTANT, text="Good day")
    deleted = Message.objects.create(conversation=conversation, parent=said, text="Hm", deleted_at=timezone.now())
    conversation.touch(current=reply)
    gone = Conversation.objects.create(owner=owner, deleted_at=timezone.now())
    return {
        "said_id": said.pk,
        "deleted_message_id": deleted.pk,
        "deleted_conversation_id": gone.pk,
        "conversation_id": conversation.pk,
        "message_id": reply.pk,
        "folder_id": Folder.objects.create(owner=owner, name="Work").pk,
        "preset_id": ChatPreset.objects.create(owner=owner, name="Terse").pk,
    }


def _kept(owner: User) -> dict[str, Any]:
    asset = Asset.objects.create(
        owner=owner,
        name="a.png",
        file="1.png",
        thumbnail="1-480.webp",
        kind="image",
        content_type="image/png",
        size=1,
        sha256="0" * 64,
    )
    archive = Archive.objects.create(owner=owner, kind="export", state="done", file="0.zip", size=7)
    return {
        "archive_id": archive.pk,
        "album_id": Album.objects.create(owner=owner, title="Foxes").pk,
        "deleted_album_id": Album.objects.create(owner=owner, title="Hares", deleted_at=timezone.now()).pk,
        "deleted_job_id": _deleted(owner).pk,
        "tag_id": Tag.objects.create(owner=owner, name="fox").pk,
        "asset_id": asset.pk,
        "prompt_id": SavedPrompt.objects.create(owner=owner, title="Fox", text="a fox").pk,
        "link_id": ShareLink.objects.create(owner=owner, token_hash="0" * 64).pk,
    }


def _deleted(owner: User) -> Job:
    job = Job.objects.create(owner=owner, provider="local", kind="image", model="m", deleted_at=timezone.now())
    Output.objects.create(job=job, position=0, remote_url="", file="0.png", thumbnail="0-480.webp", size=7)
    return job


def _told(owner: User) -> dict[str, Any]:
    webhook = OutgoingWebhook(user=owner, url="http://127.0.0.1:9/")  # which may not be called
    webhook.conceal("whsec_c2VjcmV0")
    webhook.save()
    return {
        "notice_id": Notice.objects.create(user=owner, event="job_done", text="Done").pk,
        "webhook_id": webhook.pk,
        "subscription_id": PushSubscription.objects.create(user=owner, endpoint="https://push.example.com/").pk,
    }
