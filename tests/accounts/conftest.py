"""What the tests of accounts share: a provider on loopback, keys, and small steps of a person in a browser."""

import pytest
from django.test import Client

from accounts.models import ProviderKey, User
from tests.fake_provider import FakeProvider, serve_in_thread

GPU = "wayscloud-gpu"
SECRET = "wayscloud_gpu_8sJ2kfLq0Zx9f2aaTt"
OTHER_SECRET = "wayscloud_gpu_Yq7Vd3Wm5Kp1c4bbUu"
BAD_SECRET = "wayscloud_gpu_bad_Nn6Rr8Ss2Ee4Ww0"


@pytest.fixture(scope="session")
def _gpu():
    with serve_in_thread(FakeProvider()) as fake:
        yield fake


@pytest.fixture
def gpu(_gpu: FakeProvider, settings) -> FakeProvider:
    """WAYSCloud GPU Studio, as far as Studio can tell."""
    _gpu.clear()
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, GPU: _gpu.url}
    return _gpu


@pytest.fixture
def gpu_away(settings) -> None:
    settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, GPU: "http://127.0.0.1:1"}


def make_key(owner: User, label: str = "Main", secret: str = SECRET, **fields) -> ProviderKey:
    key = ProviderKey(owner=owner, provider=GPU, label=label, **fields)
    key.conceal(secret)
    key.save()
    return key


def sign_in(client: Client, email: str, password: str, **more):
    return client.post("/account/login/", {"login": email, "password": password}, **more)


def confirm(client: Client, password: str) -> None:
    """Answers "Is it you?", so that what guards the account may be changed."""
    client.post("/account/reauthenticate/", {"password": password})
