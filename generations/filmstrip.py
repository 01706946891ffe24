"""The jobs before and after one, in the search, the album or the team's gallery that it was opened from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from accounts import teams
from accounts.models import Team, User
from generations.models import Job
from generations.search import Search

EACH_WAY = 12


@dataclass(frozen=True, slots=True)
class Filmstrip:
    """`within`: the list as a gallery's query string, "" for all of one's own; of a `team`, it names that."""

    shown: Job
    before: Sequence[Job]
    after: Sequence[Job]
    search: Search
    team: Team | None = None

    @property
    def jobs(self) -> list[Job]:
        return [*self.before, self.shown, *self.after]

    @property
    def newer(self) -> Job | None:
        return self.before[-1] if self.before else None

    @property
    def older(self) -> Job | None:
        return self.after[0] if self.after else None

    @property
    def suffix(self) -> str:
        """What the address of a job ends with, so that its neighbours are of the same list."""
        query = QueryDict(self.search.kept, mutable=True)
        if self.team:
            query["team"] = str(self.team.pk)
        return "?" + urlencode({"in": query.urlencode()}) if query else ""

    @property
    def list_address(self) -> str:
        address = reverse("team", args=[self.team.pk]) if self.team else reverse("gallery")
        return f"{address}?{self.search.kept}" if self.search.kept else address


def filmstrip(user: User, shown: Job, within: str) -> Filmstrip:
    """What `within` names that is not known, or a team that one is not in, is left out: links live long."""
    search = Search.parse(within)
    team = shown.team if shown.owner_id != user.pk else _team(user, QueryDict(within).get("team", ""))
    search = search.for_a_team() if team else search
    return Filmstrip(shown, *search.around(user, shown, EACH_WAY, team=team), search, team)


def _team(user: User, pk: str) -> Team | None:
    is_number = pk.isascii() and pk.isdigit() and len(pk) < 10
    return teams.of(user).filter(pk=int(pk)).first() if is_number else None
