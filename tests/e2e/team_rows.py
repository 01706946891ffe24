"""A team of some weeks, written as rows inside Studio: its people, a key that it may use, what waits for its owner."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Membership, ProviderKey, Team, TeamInvitation, TeamKey, TeamRole, User
from generations.models import Job
from generations.models.states import State
from tests.e2e import together_rows

PEOPLE = (("Mia Sørensen", TeamRole.MEMBER), ("Jonas", TeamRole.MEMBER), ("Ines from the agency", TeamRole.VIEWER))


def fill(email: str) -> dict[str, str]:
    owner = User.objects.get(email=email)
    team = Team.objects.create(name="Autumn campaign")
    Membership.objects.create(team=team, user=owner, role=TeamRole.OWNER)
    mates = [_mate(team, name, role) for name, role in PEOPLE]
    key = ProviderKey.objects.get(owner=owner, provider="wayscloud-gpu")
    use = TeamKey.objects.create(team=team, key=key, member_limit=40, approve_above=5)
    _invite(team, owner)
    _job(mates[0], key, "A larch wood from above, gold", "14", state=State.SUCCEEDED, charge="yes")
    first = _held(mates[0], key, "The same wood in the first snow, before sunrise")
    _held(mates[0], key, "And at dusk, one lit window", group=first.group, position=1)
    talked = together_rows.share(owner, team, mates)
    return {"team": str(team.pk), "use": str(use.pk), "asked": str(first.pk), "talked": str(talked.pk)}


def _mate(team: Team, name: str, role: str) -> User:
    user = User.objects.create_user(f"{name.split()[0].lower()}@example.com", name=name)
    Membership.objects.create(team=team, user=user, role=role)
    return user


def _invite(team: Team, owner: User) -> None:
    week = timezone.now() + timedelta(days=7)
    common = {"team": team, "invited_by": owner, "expires_at": week}
    TeamInvitation.objects.create(token_hash="1", email="new@example.com", **common)
    TeamInvitation.objects.create(token_hash="2", most_uses=10, uses=3, **common)
    TeamInvitation.objects.create(token_hash="3", email="old@example.com", revoked_at=timezone.now(), **common)


def _held(owner: User, key: ProviderKey, prompt: str, **fields: object) -> Job:
    job = _job(owner, key, prompt, "12", state=State.HELD, **fields)
    job.events.create(kind="held")
    return job


def _job(owner: User, key: ProviderKey, prompt: str, price: str, **fields: object) -> Job:
    return Job.objects.create(
        owner=owner,
        key=key,
        provider=key.provider,
        kind="image",
        model="image-flux-fast",
        model_name="FLUX Fast",
        prompt=prompt,
        settings={"aspect_ratio": "16:9", "seed": 8},
        quoted_amount=Decimal(price),
        quoted_unit="NOK",
        due_at=None,
        **fields,
    )
