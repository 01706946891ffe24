"""Improve my prompt, over HTTP: who is asked and at what price, and that nothing is changed or made by it."""

from decimal import Decimal

import pytest

from accounts.models import Membership, ProviderKey, Team, TeamKey, TeamRole
from generations.models import Job, ModelPrice
from generations.views import improve
from tests.generations.chats.conftest import llm, make_key, served
from tests.generations.pages.conftest import LOCAL_MODEL, form, remember

pytestmark = pytest.mark.django_db
__all__ = ["llm", "served"]  # fixtures

PANEL, ASK = "/create/improve/panel/", "/create/improve/"
MODELS = {"models": {"data": [{"id": "fake-small"}, {"id": "fake-large"}]}}


@pytest.fixture
def key(alice, llm, engine) -> ProviderKey:
    key = make_key(alice, llm)
    remember("openai", MODELS, key)
    return key


def name(key: ProviderKey, model: str = "fake-small") -> str:
    return f"openai/{key.pk}/{model}"


def ask(client, key: ProviderKey, prompt: str = "[echo] a red fox", **more: object):
    return client.post(ASK, form(prompt=prompt, improver=name(key), **more))


class TestTheButton:
    def test_it_waits_for_a_prompt(self, as_alice, engine):
        empty, given = (as_alice.get(f"/create/{query}").content.decode() for query in ("", "?prompt=fox"))
        assert 'id="improve-open"' in empty
        assert "disabled" in empty.partition('id="improve-open"')[2].partition(">")[0]
        assert "disabled" not in given.partition('id="improve-open"')[2].partition(">")[0]

    def test_it_asks_nobody(self, as_alice, key, llm):
        page = as_alice.post(PANEL, form()).content.decode()
        assert f'<option value="{name(key)}"' in page
        assert "No price set" in page
        assert "data-improve-use" not in page
        assert not llm.exchanges

    def test_the_price_is_told_before(self, as_alice, key, alice):
        ModelPrice.objects.create(
            owner=alice,
            provider="openai",
            address=key.base_url,
            model="fake-large",
            input=Decimal("0.15"),
            output=Decimal("0.60"),
            unit="USD",
        )
        page = as_alice.post(PANEL, form(improver=name(key, "fake-large"))).content.decode()
        assert "0.15\u00a0USD in, 0.60\u00a0USD out a million tokens" in page

    def test_without_a_model_it_says_how_to_get_one(self, as_alice, engine, monkeypatch):
        monkeypatch.setattr(improve.offers, "sources", lambda user: [])
        page = as_alice.post(PANEL, form()).content.decode()
        assert "No language model is there yet" in page
        assert 'href="/keys/"' in page


class TestASuggestion:
    def test_it_stands_beside_the_prompt(self, as_alice, key):
        page = ask(as_alice, key, "[echo] a red fox").content.decode()
        assert 'data-improve-use="a red fox"' in page
        assert '<del><span class="visually-hidden">removed: </span>[echo]</del>' in page
        assert "<textarea" not in page
        assert " tokens" in page
        assert not Job.objects.exists()

    def test_it_is_text_and_no_markup(self, as_alice, key):
        page = ask(as_alice, key, '[echo] a <b>red</b> fox" onclick=').content.decode()
        assert "<b>" not in page
        assert 'data-improve-use="a &lt;b&gt;red&lt;/b&gt; fox&quot; onclick="' in page

    def test_the_model_is_remembered_beside_the_settings(self, as_alice, alice, key):
        ask(as_alice, key)
        as_alice.post("/jobs/", form())
        alice.refresh_from_db()
        assert alice.last_settings["improver"] == name(key)
        assert alice.last_settings["model"] == LOCAL_MODEL
        assert f'value="{name(key)}" selected' in as_alice.post(PANEL, form()).content.decode()

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"prompt": " "}, "Write a prompt first."),
            ({"prompt": "x" * 10_001}, "at most 10,000 characters; this one has 10,001"),
            ({"prompt": "one\ntwo", "batch": "lines"}, "One prompt is improved at a time."),
            ({"improver": "openai/0/gone"}, "This model is not there any more. Choose another."),
        ],
        ids=["none", "too long", "several", "model gone"],
    )
    def test_what_cannot_be_asked_is_said(self, as_alice, key, llm, sent, words):
        answer = as_alice.post(ASK, form(**{"improver": name(key), **sent}))
        assert words in answer.content.decode()
        assert not llm.exchanges

    def test_a_refusal_is_said(self, as_alice, key):
        page = ask(as_alice, key, "[refuse 402 error] fox").content.decode()
        assert 'role="alert"' in page
        assert "data-improve-use" not in page

    def test_somebody_elses_key_is_not_asked(self, as_bob, key, llm):
        assert "This model is not there any more" in ask(as_bob, key).content.decode()
        assert not llm.exchanges

    def test_nor_one_that_is_lent_with_a_limit(self, as_bob, alice, bob, key, llm):
        """No record would say what it cost."""
        team = Team.objects.create(name="Night shift")
        Membership.objects.create(team=team, user=alice, role=TeamRole.OWNER)
        Membership.objects.create(team=team, user=bob, role=TeamRole.MEMBER)
        use = TeamKey.objects.create(team=team, key=key, member_limit=1)
        said = "You have a monthly limit with Work, and what this costs is not counted. Ask another model."
        assert said in as_bob.post(PANEL, form(improver=name(key))).content.decode()
        assert said in ask(as_bob, key).content.decode()
        assert not llm.exchanges
        TeamKey.objects.filter(pk=use.pk).update(member_limit=None)
        assert "data-improve-use" in ask(as_bob, key).content.decode()

    def test_it_is_no_link(self, as_alice, key):
        assert as_alice.get(ASK).status_code == 405
