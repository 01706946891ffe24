"""What a team shares and says of it, written as rows inside Studio."""

from __future__ import annotations

from accounts.models import Team, User
from generations.models import Job
from generations.together import comments, reactions, review, visibility

SAID = (
    "The light is lovely. Could the mist be a little thinner?\nAs in https://example.com/reference",
    "@maker the second one, please. It leaves room for the headline.",
    "ضوء جميل جدًا",
)


def share(owner: User, team: Team, mates: list[User]) -> Job:
    """The owner's newest jobs, one of them talked about; returns that one."""
    painted = Job.objects.filter(owner=owner, provider="local", model="local-paint", deleted_at=None)
    jobs = list(painted.order_by("-pk")[:5])
    visibility.share(owner, jobs, team)
    talked_about = jobs[0]
    for mate, text in zip(mates, SAID, strict=False):
        comments.add(talked_about, author=mate, text=text)
        reactions.toggle(talked_about, mate, "👍")
    review.judge(talked_about, mates[0], "approved")
    return talked_about
