"""Messages to browsers, by the example of RFC 8291 and by a verifier's eyes."""

import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from studio.lib import webpush

# RFC 8291, section 5 and appendix A
SERVER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95"
    "bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
ENDPOINT = "https://push.example.com/send/abc"


def test_the_example_of_the_standard():
    sealed = webpush.encrypt(
        b"When I grow up, I want to be a watermelon",
        BROWSER,
        AUTH,
        key=webpush.private_key(SERVER),
        salt=webpush.decode(SALT),
    )
    assert webpush.encode(sealed) == SEALED


def test_no_two_messages_are_alike():
    assert webpush.encrypt(b"x", BROWSER, AUTH) != webpush.encrypt(b"x", BROWSER, AUTH)


def test_the_signature_says_to_whom_until_when_and_by_whom():
    key = webpush.private_key(webpush.new_key())
    header = webpush.signed(ENDPOINT, key, "mailto:studio@example.com", now=1000)["Authorization"]
    scheme, token, public = header.replace(",", "").split()
    assert scheme == "vapid"
    assert public == f"k={webpush.public_key(key)}"
    head, claims, signature = token.removeprefix("t=").split(".")
    assert json.loads(webpush.decode(head))["alg"] == "ES256"
    said = json.loads(webpush.decode(claims))
    assert said == {"aud": "https://push.example.com", "exp": 1000 + webpush.VALID, "sub": "mailto:studio@example.com"}
    raw = webpush.decode(signature)
    readable = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.public_key().verify(readable, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        key.public_key().verify(readable, f"{head}.{claims}x".encode(), ec.ECDSA(SHA256()))


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("", AUTH), ("AAAA", AUTH), (BROWSER[:-2], AUTH), (BROWSER, "AAAA"), (BROWSER, "ä"), ("B" * 87, AUTH)],
)
def test_what_no_browser_gives_is_refused(p256dh, auth):
    with pytest.raises(ValueError):  # noqa: PT011  whatever the library says
        webpush.check(p256dh, auth)
