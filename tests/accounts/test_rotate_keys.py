"""Re-encrypting everything under a new secret."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command

from accounts.keyring import keyring
from accounts.management.commands import rotate_keys
from accounts.models import ProviderKey
from studio.lib.crypto import KeyRing, Undecryptable
from tests.accounts.conftest import OTHER_SECRET, SECRET, make_key

NEW = "n" * 40


@pytest.fixture
def use_secrets(settings):
    """Studio restarted with STUDIO_SECRET_KEY of these."""

    def use(*secrets: str) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = secrets[0], list(secrets[1:])
        keyring.cache_clear()

    yield use
    keyring.cache_clear()


@pytest.fixture
def old(settings) -> str:
    keyring.cache_clear()
    return settings.SECRET_KEY


def test_everything_is_readable_under_the_new_secret_alone(alice, bob, old, use_secrets):
    signed = make_key(alice)
    ProviderKey.objects.filter(pk=signed.pk).update(webhook_ciphertext=keyring().encrypt("whsec_1"))
    make_key(bob, secret=OTHER_SECRET)
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(alice).get_unused_codes()
    use_secrets(NEW, old)
    call_command("rotate_keys")
    use_secrets(NEW)
    assert [key.reveal() for key in ProviderKey.objects.order_by("pk")] == [SECRET, OTHER_SECRET]
    signed.refresh_from_db()
    assert keyring().decrypt(signed.webhook_ciphertext) == "whsec_1"
    stored = {one.type: one for one in Authenticator.objects.all()}
    assert keyring().decrypt(stored["totp"].data["secret"]) == "JBSWY3DPEHPK3PXP"
    assert stored["recovery_codes"].wrap().get_unused_codes() == codes


def test_a_callbacks_secret_learnt_meanwhile_keeps_no_key_under_the_old_one(alice, old, use_secrets):
    key = make_key(alice)
    ProviderKey.objects.filter(pk=key.pk).update(webhook_ciphertext=keyring().encrypt("whsec_1"))
    key.refresh_from_db()
    use_secrets(NEW, old)
    learnt = keyring().encrypt("whsec_2")
    ProviderKey.objects.filter(pk=key.pk).update(webhook_ciphertext=learnt)
    assert rotate_keys._rotate_key(key) == 1
    use_secrets(NEW)
    key.refresh_from_db()
    assert (key.reveal(), key.webhook_ciphertext) == (SECRET, learnt)


def test_it_says_how_many(alice, old, use_secrets, capsys):
    make_key(alice)
    use_secrets(NEW, old)
    call_command("rotate_keys")
    assert capsys.readouterr().out == "1 secrets are encrypted under the newest key.\n"


def test_it_may_be_interrupted_and_run_again(alice, old, use_secrets, monkeypatch):
    for number in range(3):
        make_key(alice, f"Key {number}")
    use_secrets(NEW, old)
    rotate_key, seen = rotate_keys._rotate_key, []

    def interrupted(key):
        seen.append(key)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return rotate_key(key)

    monkeypatch.setattr(rotate_keys, "_rotate_key", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call_command("rotate_keys")
    assert [key.reveal() for key in ProviderKey.objects.all()] == [SECRET] * 3
    monkeypatch.undo()
    call_command("rotate_keys")
    use_secrets(NEW)
    assert [key.reveal() for key in ProviderKey.objects.all()] == [SECRET] * 3


def test_a_key_that_its_owner_replaces_meanwhile_is_left(alice, old, use_secrets):
    key = make_key(alice)
    use_secrets(NEW, old)
    newer = keyring().encrypt(OTHER_SECRET)
    ProviderKey.objects.update(ciphertext=newer)
    assert rotate_keys._rotate_key(key) == 0
    assert ProviderKey.objects.get().reveal() == OTHER_SECRET


def test_what_no_secret_opens_is_named_and_the_rest_is_done(alice, bob, old, use_secrets):
    lost = make_key(alice, "Lost")
    ProviderKey.objects.filter(pk=lost.pk).update(ciphertext=KeyRing(["gone" * 10]).encrypt(SECRET))
    make_key(bob)
    use_secrets(NEW, old)
    with pytest.raises(CommandError, match=r"the key Lost \(wayscloud_gpu_…aaTt\) of alice@example.com"):
        call_command("rotate_keys")
    use_secrets(NEW)
    assert bob.provider_keys.get().reveal() == SECRET


def test_without_the_old_secret_nothing_is_lost(alice, old, use_secrets):
    make_key(alice)
    use_secrets(NEW)
    with pytest.raises(CommandError, match="Add the old secret"):
        call_command("rotate_keys")
    with pytest.raises(Undecryptable):
        alice.provider_keys.get().reveal()
    use_secrets(old)
    assert alice.provider_keys.get().reveal() == SECRET
