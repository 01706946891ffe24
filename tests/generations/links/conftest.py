"""A link of alice's, made as her form makes it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from generations.links import making
from generations.models import Audience, Job, ShareLink


def make_link(owner: User, jobs: tuple[Job, ...] = (), **terms: Any) -> tuple[ShareLink, str]:
    """Anyone's for a week, unless said otherwise; of one job, or of several as a selection. With its token."""
    defaults: dict[str, Any] = {"audience": Audience.ANYONE, "expires_at": timezone.now() + timedelta(days=7)}
    if len(jobs) == 1:
        defaults["job"] = jobs[0]
    link = ShareLink(owner=owner, **{**defaults, **terms})
    return link, making.make(link, jobs if len(jobs) > 1 else ())


@pytest.fixture
def link() -> Callable[..., tuple[ShareLink, str]]:
    return make_link
