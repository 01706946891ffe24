"""Messages to browsers: encrypted for one of them (RFC 8291, aes128gcm of RFC 8188), signed as ours (VAPID, RFC 8292).

Pure: what is sent where is the caller's.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD = 4096  # bytes: the one record that a message is
VALID = 12 * 3600  # seconds for which a signature is good; a day is the most
POINT, AUTH = 65, 16  # bytes of a browser's public key, and of its secret


def new_key() -> str:
    """A private key to sign with, as base64url of its 32 bytes."""
    return encode(ec.generate_private_key(CURVE).private_numbers().private_value.to_bytes(32))


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Raises ValueError for what is none."""
    raw = decode(text)
    if len(raw) != 32:
        raise ValueError("A private key has 32 bytes.")
    return ec.derive_private_key(int.from_bytes(raw), CURVE)


def public_key(key: ec.EllipticCurvePrivateKey) -> str:
    """As browsers want it for `applicationServerKey`."""
    return encode(_point(key))


def check(p256dh: str, auth: str) -> None:
    """What a browser gave to encrypt with. Raises ValueError."""
    ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode(p256dh))
    if len(decode(p256dh)) != POINT or len(decode(auth)) != AUTH:
        raise ValueError("These are no keys of a browser.")


def encrypt(
    text: bytes,
    p256dh: str,
    auth: str,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a message of at most 3,000 bytes. `key` and `salt` are new for each, unless a test gives them."""
    key, salt = key or ec.generate_private_key(CURVE), salt or os.urandom(16)
    theirs, ours = decode(p256dh), _point(key)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    secret = _derived(shared, decode(auth), b"WebPush: info\0" + theirs + ours, 32)
    content = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4) + len(ours).to_bytes(1) + ours
    return head + AESGCM(content).encrypt(nonce, text + b"\x02", None)  # 2: the last record


def signed(endpoint: str, key: ec.EllipticCurvePrivateKey, subject: str, *, now: int) -> Mapping[str, str]:
    """The header that says to the push service who we are; `subject` is where its people may write to."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": now + VALID, "sub": subject}
    text = ".".join(encode(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
    token = f"{text}.{encode(r.to_bytes(32) + s.to_bytes(32))}"
    return {"Authorization": f"vapid t={token}, k={public_key(key)}"}


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
