import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio.lib import crypto
from studio.lib.crypto import KeyRing, Undecryptable, fingerprint, hint, load_or_create_secret, token


def test_what_is_encrypted_is_decrypted_and_not_to_be_seen():
    ring = KeyRing(["first"])
    encrypted = ring.encrypt("nb_sk_ünïcode")
    assert "nb_sk" not in encrypted
    assert ring.decrypt(encrypted) == "nb_sk_ünïcode"
    assert ring.encrypt("nb_sk_ünïcode") != encrypted


def test_older_secrets_still_decrypt_and_rotating_moves_to_the_first():
    stored = KeyRing(["old"]).encrypt("a key")
    both = KeyRing(["new", "old"])
    assert both.decrypt(stored) == "a key"
    assert KeyRing(["new"]).decrypt(both.rotate(stored)) == "a key"


@pytest.mark.parametrize("damage", [lambda text: text[:-4] + "AAA=", lambda text: "", lambda text: "not a token ü"])
def test_a_damaged_text_is_undecryptable(damage):
    ring = KeyRing(["first"])
    damaged = damage(ring.encrypt("a key"))
    with pytest.raises(Undecryptable):
        ring.decrypt(damaged)
    with pytest.raises(Undecryptable):
        ring.rotate(damaged)


def test_another_secret_or_another_label_does_not_decrypt():
    stored = KeyRing(["first"], label="keys").encrypt("a key")
    for ring in (KeyRing(["second"], label="keys"), KeyRing(["first"], label="mail")):
        with pytest.raises(Undecryptable):
            ring.decrypt(stored)


@pytest.mark.parametrize("key_secrets", [[], [""], ["good", ""]])
def test_a_ring_without_secrets_is_refused(key_secrets):
    with pytest.raises(ValueError, match="secret"):
        KeyRing(key_secrets)


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("wayscloud_gpu_8sJ2kfLq0Zx9f2", "wayscloud_gpu_…x9f2"),
        ("wayscloud_llm_8sJ2kfLq0Zx9f2", "wayscloud_llm_…x9f2"),
        ("nb_sk_0123456789abcdef", "nb_sk_…cdef"),
        ("sk-proj-0123456789abcdef", "sk-proj-…cdef"),
        ("0123456789abcdef", "…cdef"),
        ("Zx9_0123456789abcdef", "…cdef"),
        ("nb_sk_abcdef", "…cdef"),
        ("elevenchars", "…rs"),
        ("abcd", "…"),
        ("", "…"),
    ],
)
def test_a_hint_shows_the_known_prefix_and_the_tail(secret, shown):
    assert hint(secret) == shown


def test_tokens_are_long_url_safe_and_never_the_same():
    tokens = {token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(word) == 32 and word.replace("-", "").replace("_", "").isalnum() for word in tokens)


def test_a_fingerprint_is_sha256_in_hex():
    assert fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    path = tmp_path / "data" / "secret.key"
    secret = load_or_create_secret(path)
    assert len(secret) >= 64
    assert load_or_create_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["secret.key"]


def test_a_secret_that_others_can_read_is_tightened(tmp_path: Path):
    path = tmp_path / "secret.key"
    path.write_text("kept\n")
    path.chmod(0o644)
    assert load_or_create_secret(path) == "kept"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_secret_file_is_not_replaced_in_silence(tmp_path: Path):
    (tmp_path / "secret.key").touch()
    with pytest.raises(ValueError, match="empty"):
        load_or_create_secret(tmp_path / "secret.key")


def test_all_who_start_at_once_agree_on_one_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    everyone_found_it_missing = threading.Barrier(4)
    create = crypto._create_secret

    def create_together(path: Path) -> None:
        everyone_found_it_missing.wait(10)
        create(path)

    monkeypatch.setattr(crypto, "_create_secret", create_together)
    with ThreadPoolExecutor(4) as pool:
        secrets = set(pool.map(load_or_create_secret, [tmp_path / "secret.key"] * 4))
    assert len(secrets) == 1
    assert os.listdir(tmp_path) == ["secret.key"]
