"""Secrets at rest: encrypting them, hinting at them, making new ones."""

import base64
import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HINT_PREFIX = re.compile(r"(?:[a-z]+[_-]){0,3}")
HINT_PREFIX_CHARS = 16
HINT_TAIL_CHARS = 4
SHORT_SECRET_CHARS = 12


class Undecryptable(Exception):
    """The text was changed, or encrypted under a secret that this ring does not hold."""


class KeyRing:
    """Encrypts under the first of `key_secrets` and decrypts under any of them.

    To rotate, put the new secret first, `rotate` every stored text, then drop the old one. `label` separates
    the keys of one purpose from those of another that stands on the same secret.
    """

    def __init__(self, key_secrets: Sequence[str], *, label: str = "studio.keyring") -> None:
        if not key_secrets or not all(key_secrets):
            raise ValueError("A key ring needs at least one secret, and none of them empty.")
        self._fernet = MultiFernet([_fernet(secret, label) for secret in key_secrets])

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """The text again; raises `Undecryptable`."""
        try:
            return self._fernet.decrypt(encrypted.encode()).decode()
        except InvalidToken:
            raise Undecryptable from None

    def rotate(self, encrypted: str) -> str:
        """The same text, encrypted under the first secret; raises `Undecryptable`."""
        try:
            return self._fernet.rotate(encrypted.encode()).decode()
        except InvalidToken:
            raise Undecryptable from None


def _fernet(secret: str, label: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=label.encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def hint(secret: str) -> str:
    """What may be shown of a secret: `wayscloud_gpu_…x9f2`; of a short one only `…f2`."""
    if len(secret) < SHORT_SECRET_CHARS:
        return "…" + (secret[-2:] if len(secret) > 4 else "")
    prefix = HINT_PREFIX.match(secret, 0, HINT_PREFIX_CHARS)
    shown = prefix.group() if prefix else ""
    if len(secret) - len(shown) < 2 * HINT_TAIL_CHARS:
        shown = ""
    return f"{shown}…{secret[-HINT_TAIL_CHARS:]}"


def token(size: int = 24) -> str:
    """An unguessable word for an address: `size` random bytes, URL-safe."""
    return secrets.token_urlsafe(size)


def fingerprint(text: str) -> str:
    """SHA-256 in hex: to look a long random text up without storing it. Not for passwords."""
    return hashlib.sha256(text.encode()).hexdigest()


def load_or_create_secret(path: Path) -> str:
    """The secret in the file, which is made on first use; only its owner can read it.

    Two processes that start at once agree on one secret: whoever links its file into place first wins. Raises
    `ValueError` for an empty file, since making a new secret would lose what the old one had encrypted.
    """
    if not path.exists():
        _create_secret(path)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    secret = path.read_text().strip()
    if not secret:
        raise ValueError(f"{path} is empty: restore it from a backup, or remove it to start anew.")
    return secret


def _create_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(token(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)
