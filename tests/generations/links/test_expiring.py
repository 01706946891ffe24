"""How long a link lasts, and what goes for good."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from generations.links import expiring, opening
from generations.models import LinkOpening, ShareLink
from tests.generations.links.conftest import make_link
from tests.generations.pages.conftest import make_job


def test_endless_is_never_what_stands_there_by_itself(alice):
    assert expiring.usual(alice) == "week"
    expiring.remember(alice, "never")
    assert expiring.usual(alice) == "week"
    expiring.remember(alice, "month")
    assert expiring.usual(alice) == "month"
    assert expiring.until("never") is None


def test_the_operator_says_how_long_it_may_be(settings, alice):
    settings.LONGEST_LINK = 10
    assert [name for name, _ in expiring.offered()] == ["day", "week", "date"]
    with pytest.raises(expiring.TooLong):
        expiring.until("never")
    with pytest.raises(expiring.TooLong):
        expiring.until("date", timezone.now().date() + timedelta(days=12))


def test_a_day_counts_to_its_end():
    day = (timezone.now() + timedelta(days=3)).date()
    assert expiring.until("date", day) == datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)


def test_what_ended_long_ago_goes(alice):
    job, now = make_job(alice), timezone.now()
    kept = [make_link(alice, (job,))[0], make_link(alice, (job,), expires_at=now - timedelta(days=80))[0]]
    kept.append(make_link(alice, (job,), expires_at=None)[0])
    make_link(alice, (job,), expires_at=now - timedelta(days=91))
    make_link(alice, (job,), revoked_at=now - timedelta(days=91))
    for days in (1, 91):
        LinkOpening.objects.create(link=kept[0], at=now - timedelta(days=days))
    expiring.purge()
    assert set(ShareLink.objects.all()) == set(kept)
    assert LinkOpening.objects.count() == 1


def test_one_view_goes_to_one_browser_only(alice):
    """Both have read the link while a view was left."""
    link, _ = make_link(alice, (make_job(alice),), most_views=1)
    assert [opening.let_in(browser, link) for browser in ({}, {})] == [True, False]
