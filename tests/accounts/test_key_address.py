"""Keys of providers that chat: servers of one's own, each with an address, and the LLM service with keys of its own."""

import re

import pytest

from accounts import keys
from accounts.keys import Status
from accounts.models import ProviderKey
from generations.catalogue import renewal
from generations.models import Catalogue
from studio.providers.registry import DIALECTS
from tests.accounts.conftest import SECRET
from tests.accounts.test_keys_pages import said
from tests.fake_llm import FakeLlm, serve_in_thread, wire

SERVER, LLM = "openai", "wayscloud-llm"
ADD, ADD_LLM = f"/keys/add/{SERVER}/", f"/keys/add/{LLM}/"
LLM_SECRET = "wayscloud_llm_Pq4Rt8Yw2Zx6c9ddVv"
OWN_SECRET = "sk-own-0123456789abcdef"


@pytest.fixture(scope="module")
def _llm():
    with serve_in_thread() as llm:
        yield llm


@pytest.fixture
def llm(_llm: FakeLlm, settings) -> FakeLlm:
    """A server that the operator allows; WAYSCloud's too, as far as Studio can tell."""
    _llm.reset()
    _llm.keyed, _llm.models = False, list(wire.MODELS)
    settings.PRIVATE_HOSTS = [_llm.url.removeprefix("http://")]
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, LLM: _llm.url}
    return _llm


@pytest.fixture
def other(settings, llm):
    """Another server, allowed too."""
    with serve_in_thread() as other:
        settings.PRIVATE_HOSTS = [*settings.PRIVATE_HOSTS, other.url.removeprefix("http://")]
        yield other


def server_key(owner, base: str, secret: str = "", label: str = "Home") -> ProviderKey:
    key = ProviderKey(owner=owner, provider=SERVER, label=label, base_url=base)
    key.conceal(secret)
    key.save()
    return key


def post(client, address: str, secret: str = "", label: str = "Home", **more):
    return client.post(ADD, {"label": label, "address": address, "secret": secret}, **more)


def test_a_server_is_asked_for_its_models_and_needs_no_key(as_alice, alice, llm):
    answer = post(as_alice, llm.url)
    host, count = llm.url.removeprefix("http://"), len(llm.models)
    assert said(answer) == [f"{host} answered: it names {count} models."]
    key = alice.provider_keys.get()
    assert (key.base_url, key.hint, key.reveal(), key.status) == (f"{llm.url}/v1", "", "", Status.ACCEPTED)
    page = as_alice.get("/keys/").text
    assert f"<code>{llm.url}/v1</code>" in page
    assert '<code class="muted">no key</code>' in page


def test_one_model_and_none_are_said_rightly(alice, llm):
    llm.models = llm.models[:1]
    assert keys.ask(server_key(alice, f"{llm.url}/v1")).message.endswith("it names 1 model.")
    llm.models = []
    assert keys.ask(server_key(alice, f"{llm.url}/v1")).message.endswith("it names no models.")


def test_its_secret_is_sent_and_shown_by_its_hint(as_alice, alice, llm):
    llm.keyed = True
    post(as_alice, llm.url, OWN_SECRET)
    key = alice.provider_keys.get()
    assert key.reveal() == OWN_SECRET
    assert "sk-own-…cdef" in as_alice.get("/keys/").text


def test_a_server_that_refuses_the_key_is_not_saved(as_alice, llm):
    llm.keyed = True
    page = post(as_alice, llm.url)
    assert "It is not saved." in page.text
    assert not ProviderKey.objects.exists()


def test_several_servers_stand_side_by_side(as_alice, alice, llm, other):
    post(as_alice, llm.url, label="One")
    post(as_alice, other.url, label="Two")
    page = as_alice.get("/keys/").text
    assert all(f"<code>{server.url}/v1</code>" in page for server in (llm, other))
    assert "Default" not in page.partition(f'id="provider-{SERVER}"')[2]


@pytest.mark.parametrize(
    "address",
    ["", "ftp://example.com", "http://", "http://user:word@example.com/v1", "http://example.com:99999", "http://a b/"],
    ids=["nothing", "ftp", "no-host", "password", "port", "space"],
)
def test_what_is_no_address_is_said_at_its_field(as_alice, llm, address):
    page = post(as_alice, address).text
    assert 'id="id_address_error"' in page
    assert not ProviderKey.objects.exists()
    assert not llm.requests


def test_a_private_address_is_refused_in_words_for_who_can_do_something(as_alice, as_operator, settings):
    settings.PRIVATE_HOSTS = []
    mine, theirs = post(as_operator, "http://192.168.0.7:11434").text, post(as_alice, "http://192.168.0.7:11434").text
    assert "add 192.168.0.7:11434 to STUDIO_PRIVATE_HOSTS" in mine
    assert "Ask the operator to allow it." in theirs
    assert "STUDIO_PRIVATE_HOSTS" not in theirs
    assert not ProviderKey.objects.exists()


def test_the_form_has_examples_that_fill_it(as_alice):
    page = as_alice.get(ADD).text
    assert set(DIALECTS[SERVER].addresses) == {"Ollama", "LM Studio", "vLLM", "OpenAI", "OpenRouter"}
    link = re.search(r'href="([^"]*label=OpenRouter[^"]*)"', page)
    assert link
    filled = as_alice.get(link[1].replace("&amp;", "&")).text
    assert 'value="https://openrouter.ai/api/v1"' in filled
    assert 'value="OpenRouter"' in filled


def test_the_form_of_another_provider_has_no_address(as_alice):
    assert 'name="address"' not in as_alice.get(ADD_LLM).text
    assert 'name="address"' in as_alice.get(ADD).text


def test_a_key_for_the_llm_service_is_tested_by_its_models(as_alice, alice, llm):
    answer = as_alice.post(ADD_LLM, {"label": "Main", "secret": LLM_SECRET})
    assert said(answer) == [f"WAYSCloud LLM accepted the key: it names {len(llm.models)} models."]
    assert alice.provider_keys.get().base_url == ""
    llm.bad_keys.add(LLM_SECRET)
    assert keys.test(alice.provider_keys.get()).refused


@pytest.mark.parametrize(
    ("provider", "secret", "whose"),
    [(LLM, SECRET, "WAYSCloud GPU Studio"), ("wayscloud-gpu", LLM_SECRET, "WAYSCloud LLM")],
    ids=["gpu-key-for-llm", "llm-key-for-gpu"],
)
def test_a_key_of_the_other_service_is_told_from_its_own(as_alice, llm, gpu, provider, secret, whose):
    page = as_alice.post(f"/keys/add/{provider}/", {"label": "Main", "secret": secret}).text
    assert f"This is a key for {whose}." in page
    assert "need separate keys" in page
    assert not ProviderKey.objects.exists()
    assert not llm.requests


def test_a_server_of_ones_own_takes_whatever_key(as_alice, alice, llm):
    post(as_alice, llm.url, LLM_SECRET)
    assert alice.provider_keys.get().reveal() == LLM_SECRET


def test_the_secret_goes_to_no_new_address_without_being_typed_again(as_alice, alice, llm, other):
    key = server_key(alice, f"{llm.url}/v1", OWN_SECRET)
    form = as_alice.get(f"/keys/{key.pk}/replace/").text
    assert f'value="{llm.url}/v1"' in form
    assert OWN_SECRET not in form
    other.keyed = True
    refused = as_alice.post(f"/keys/{key.pk}/replace/", {"address": other.url, "secret": ""}).text
    assert "It is not saved." in refused
    key.refresh_from_db()
    assert (key.base_url, key.reveal()) == (f"{llm.url}/v1", OWN_SECRET)
    other.keyed = False
    as_alice.post(f"/keys/{key.pk}/replace/", {"address": other.url, "secret": ""})
    key.refresh_from_db()
    assert (key.base_url, key.hint, key.reveal()) == (f"{other.url}/v1", "", "")


def test_what_the_old_address_said_is_forgotten(as_alice, alice, llm, other):
    key = server_key(alice, f"{llm.url}/v1")
    renewal.refresh(SERVER, key)
    as_alice.post(f"/keys/{key.pk}/replace/", {"address": f"{llm.url}/v1/", "secret": OWN_SECRET})
    assert Catalogue.objects.filter(key=key).exists()
    as_alice.post(f"/keys/{key.pk}/replace/", {"address": other.url, "secret": OWN_SECRET})
    assert not Catalogue.objects.filter(key=key).exists()


def test_an_answer_of_the_old_address_comes_too_late(alice, llm, other):
    old = server_key(alice, f"{llm.url}/v1")
    asked = renewal._ask(SERVER, old)
    keys.replace(ProviderKey.objects.get(), "", f"{other.url}/v1")
    assert renewal._ask(SERVER, ProviderKey.objects.get()) is not asked
    asked.result(20)
    assert not renewal._take_up(SERVER, old, asked, 20).pk
    assert not Catalogue.objects.exists()


def test_its_limits_are_those_of_what_chats(as_alice, alice, llm):
    key = server_key(alice, f"{llm.url}/v1")
    page = as_alice.get(f"/keys/{key.pk}/limits/").text
    assert 'name="requests_per_minute"' in page
    assert not re.search(r'name="(concurrency|soft_limit|hard_limit)"', page)
    as_alice.post(f"/keys/{key.pk}/limits/", {"requests_per_minute": "30", "hard_limit": "5", "concurrency": "2"})
    key.refresh_from_db()
    assert (key.requests_per_minute, key.hard_limit, key.concurrency) == (30, None, None)
    assert 'id="limits"' not in as_alice.get("/spend/").text


def test_the_page_has_what_makes_pictures_apart_from_what_chats(as_alice):
    page = as_alice.get("/keys/").text
    pictures, _, chat = page.partition("<h2>Chat</h2>")
    assert "<h2>Pictures, clips and sounds</h2>" in pictures
    for dialect in DIALECTS.values():
        if dialect.needs_key:
            assert f'id="provider-{dialect.name}"' in (chat if dialect.chats else pictures)
    assert 'href="/chat/prices/"' in chat


def test_the_operator_sees_what_each_provider_does(as_operator):
    page = as_operator.get("/providers/").text
    for dialect in DIALECTS.values():
        row = page.partition(f'id="name-{dialect.name}"')[2].partition("</li>")[0]
        assert ("Chat ·" if dialect.chats else "Pictures, clips and sounds ·") in row
