"""Every address behind a link × everybody who may come × every way that a link may stand.

The letters are those of test_every_address, in the order of `ROLES`; and `p`: asked for the password, or for the click
that takes a view, by a page that shows nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generations.models import Asset, Conversation, Job, Message, Role, ShareLink
from generations.models.states import State
from tests.access.cast import ROLES, Cast, make_cast
from tests.access.table import FOR_LINKS
from tests.access.test_every_address import ADDRESSES, letter
from tests.generations.links.conftest import make_link

pytestmark = pytest.mark.django_db

PAGES, FILES = ("shared", "shared-job", "shared-zip"), ("shared-output", "shared-preview")
# How the link stands: its pages, its files, a messenger's preview, commenting, remixing.
LINES = """
anyone       yyyyyy  yyyyyy  yyyyyy  yyyyyy  iyyyyy
signed_in    iyyyyy  nyyyyy  nnnnnn  iyyyyy  iyyyyy
team         inyyyn  nnyyyn  nnnnnn  inyyyn  inyyyn
password     ppppyp  nnnnyn  nnnnnn  nnnnyn  nnnnyn
views        ppppyp  nnnnyn  nnnnnn  nnnnyn  nnnnyn
used_up      nnnnyn  nnnnyn  nnnnnn  nnnnyn  nnnnyn
silent       yyyyyy  yyyyyy  yyyyyy  nnnnnn  nnnnnn
expired      nnnnnn  nnnnnn  nnnnnn  nnnnnn  nnnnnn
revoked      nnnnnn  nnnnnn  nnnnnn  nnnnnn  nnnnnn
deleted      nnnnnn  nnnnnn  nnnnnn  nnnnnn  nnnnnn
switched_off nnnnnn  nnnnnn  nnnnnn  nnnnnn  nnnnnn
"""
TABLE = {line.split()[0]: line.split()[1:] for line in LINES.strip().splitlines()}


def terms(how: str, cast: Cast) -> dict[str, Any]:
    past = timezone.now() - timedelta(minutes=1)
    return {"may_comment": True} | {
        "signed_in": {"audience": "signed_in"},
        "team": {"audience": "team", "team": cast.team},
        "password": {"password": make_password("swordfish")},
        "views": {"most_views": 1},
        "used_up": {"most_views": 1, "views": 1},
        "silent": {"may_comment": False, "shows_settings": False},
        "expired": {"expires_at": past},
        "revoked": {"revoked_at": past},
    }.get(how, {})


@pytest.fixture
def cast(settings, tmp_path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    made = make_cast()
    Job.objects.update(state=State.SUCCEEDED)
    return made


def ask(client: Client, name: str, known: dict[str, Any]) -> str:
    """What they get; whatever it did is undone."""
    address = reverse(name, kwargs={parameter: known[parameter] for parameter in ADDRESSES[name].parameters})
    cookies = client.cookies.copy()
    with transaction.atomic():
        if name in {"shared-comment", "shared-remix", "shared-open"}:
            answer = client.post(address, {"guest": "Cleo", "text": "warmer", "password": "wrong"})
        else:
            answer = client.get(address)
        transaction.set_rollback(True)
    client.cookies = cookies
    asks = answer.status_code == 200 and not answer.streaming and b"shared-locked" in answer.content
    return "p" if asks else letter(answer)


@pytest.mark.parametrize("how", TABLE)
def test_who_gets_in_by_a_link(how, cast: Cast, settings):
    job = Job.objects.get(pk=cast.arguments["job_id"])
    _, token = make_link(cast.owner, (job,), **terms(how, cast))
    settings.PUBLIC_LINKS = how != "switched_off"
    if how == "deleted":
        job.hide()
    known = {"token": token, "job_id": job.pk, "position": 0, "size": "thumbnail"}
    clients = [cast.client(role) for role in ROLES]
    pages, files, cover, comment, remix = TABLE[how]
    expected = dict.fromkeys(PAGES, pages) | dict.fromkeys(FILES, files)
    expected |= {"shared-cover": cover, "shared-comment": comment, "shared-remix": remix}
    assert {name: "".join(ask(client, name, known) for client in clients) for name in expected} == expected


def test_a_wrong_password_opens_nothing(cast: Cast):
    _, token = make_link(cast.owner, tuple(Job.objects.all()[:1]), password=make_password("swordfish"))
    for role in ROLES:
        client = cast.client(role)
        wrong = client.post(f"/s/{token}/open/", {"password": "wrong"})
        assert wrong.status_code == (302 if role == "owner" else 422 if wrong.status_code != 429 else 429)
        assert ask(client, "shared", {"token": token}) == ("y" if role == "owner" else "p")


def test_pictures_of_a_chat_are_those_of_its_messages(cast: Cast):
    asset = Asset.objects.get(pk=cast.arguments["asset_id"])
    chats = [Conversation.objects.create(owner=cast.owner) for _ in range(2)]
    said = [
        Message.objects.create(conversation=chat, role=Role.USER, text="What is this?", inputs=[f"asset:{asset.pk}"])
        for chat in chats
    ]
    for chat, message in zip(chats, said, strict=True):
        chat.touch(current_id=message.pk)
    link, token = make_link(cast.owner, conversation=chats[0])
    places = [(said[0].pk, 0), (said[0].pk, 1), (said[1].pk, 0)]
    stranger = cast.client("stranger")
    assert [ask(stranger, "shared-picture", {"token": token, "message_id": m, "number": n}) for m, n in places] == [
        *"ynn"
    ]
    ShareLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now())
    assert ask(stranger, "shared-picture", {"token": token, "message_id": said[0].pk, "number": 0}) == "n"


def test_every_address_behind_a_link_is_asked():
    asked = {*PAGES, *FILES, "shared-cover", "shared-comment", "shared-remix", "shared-open", "shared-picture"}
    assert asked == FOR_LINKS
    assert asked == {name for name in ADDRESSES if name.startswith("shared")}
