"""WaveSpeedAI's account, callbacks, prices and uploads."""

import hashlib
import hmac
from decimal import Decimal

import pytest

from studio.providers import verbs
from studio.providers.base import (
    Balance,
    Cost,
    JobSpec,
    Json,
    ModelInfo,
    Option,
    Price,
    ProviderError,
    Quote,
    Response,
    Ticket,
)
from studio.providers.wavespeed import WaveSpeed

from .wavespeed_said import MODEL, said, spec

wavespeed = WaveSpeed()
UPLOAD = "asset:0190b6e0-0000-7000-8000-000000000001"
RESULT = "output:0190b6e0-0000-7000-8000-000000000001/0"


# -- The account -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("balance", "left"), [(12.5, "12.5"), ("3.25", "3.25"), (0, "0"), (-0.4, "0")])
def test_a_balance_is_in_dollars(balance: Json, left: str) -> None:
    assert wavespeed.parse_balance(said({"balance": balance})) == Balance(Cost(Decimal(left), "USD"))


@pytest.mark.parametrize("data", [None, {}, {"balance": None}, {"balance": "much"}, {"balance": True}, 12.5])
def test_a_balance_that_is_none_is_malformed(data: Json) -> None:
    with pytest.raises(ProviderError) as caught:
        wavespeed.parse_balance(said(data))
    assert caught.value.kind == "malformed"


def test_a_wrong_key_is_told_by_the_check() -> None:
    wavespeed.parse_check(said({"balance": 0}))
    for response in (said(None, status=401, code=401), said(None, code=401)):
        with pytest.raises(ProviderError) as caught:
            wavespeed.parse_check(response)
        assert caught.value.kind == "invalid_key"


# -- Callbacks ---------------------------------------------------------------------------------------------------------
SECRET, AT, BODY = "whsec_0123456789abcdef", 1_760_000_000, b'{"id": "p-1",  "status": "completed"}'


def signature(secret: str = "0123456789abcdef", at: str = str(AT), body: bytes = BODY, name: str = "evt-1") -> str:
    return hmac.new(secret.encode(), f"{name}.{at}.".encode() + body, hashlib.sha256).hexdigest()


def genuine(signed: str, *, now: float = AT, at: str = str(AT), body: bytes = BODY, secret: str = SECRET) -> bool:
    headers = {"webhook-id": "evt-1", "webhook-timestamp": at, "webhook-signature": signed}
    return wavespeed.webhook_is_genuine(secret, headers, body, now=now)


def test_a_callback_is_signed_with_the_secret_less_its_prefix_as_text() -> None:
    assert genuine(f"v3,{signature()}")
    assert genuine(f"v3,{signature()}", secret="0123456789abcdef")
    assert not genuine(f"v3,{signature(secret=SECRET)}")


@pytest.mark.parametrize("late", [-300, 0, 300])
def test_a_callback_may_be_five_minutes_old(late: int) -> None:
    assert genuine(f"v3,{signature()}", now=AT + late)
    assert not genuine(f"v3,{signature()}", now=AT + 301)
    assert not genuine(f"v3,{signature()}", now=AT - 301)


def test_several_signatures_may_stand_beside_each_other() -> None:
    assert genuine(f"v1,xyz v3,{'0' * 64} v3,{signature().upper()}")


@pytest.mark.parametrize(
    "signed",
    ["", "v3", "v3,", "v3,é", f"v2,{signature()}", signature(), f"v3,{signature()[:-1]}", f"v3,{signature(at='1')}",
     f"v3,{signature(body=BODY + b' ')}", f"v3,{signature(name='evt-2')}", f"v3 {signature()}"],
)  # fmt: skip
def test_any_other_signature_is_none(signed: str) -> None:
    assert not genuine(signed)


@pytest.mark.parametrize("at", ["", "soon", "-1", "1e9", "١٧٦", "9" * 40, f"{AT}.5", f" {AT}"])
def test_a_time_that_is_none_is_refused(at: str) -> None:
    assert not genuine(f"v3,{signature(at=at)}", at=at)


def test_nothing_is_genuine_without_a_secret_or_headers() -> None:
    assert not genuine(f"v3,{signature(secret='')}", secret="")
    assert not wavespeed.webhook_is_genuine(SECRET, {}, BODY, now=AT)


def test_the_secret_is_read() -> None:
    assert wavespeed.parse_webhook_secret(said({"secret": SECRET})) == SECRET
    assert wavespeed.parse_webhook_secret(said(SECRET)) == SECRET
    for odd in (None, {}, {"secret": ""}, 7, []):
        with pytest.raises(ProviderError):
            wavespeed.parse_webhook_secret(said(odd))


# -- Prices ------------------------------------------------------------------------------------------------------------
IMAGE = Option("image", "media", "Image", accept=("image",), required=True)
PRICED = ModelInfo(
    MODEL,
    "flux-dev",
    "video",
    options=(IMAGE, Option("size", "text", "Size")),
    price=Price(Cost(Decimal("0.012"), "USD"), "run", floor=True),
)


def told(response: Response) -> Quote:
    return wavespeed.parse_quote(response, spec())


def test_a_price_is_asked_for_with_the_inputs_that_a_job_would_have() -> None:
    new, old = wavespeed.build_quotes(spec(num_images=2, seed=None, images="https://a/1.png"))
    assert new.json == old.json
    assert new.json == {
        "model_id": MODEL,
        "inputs": {"prompt": "a red fox", "num_images": 2, "images": ["https://a/1.png"]},
    }


def test_what_only_studio_can_open_is_not_asked_with() -> None:
    given = spec("", image=UPLOAD, images=["https://a/1.png", RESULT], video="data:video/mp4;base64,AA", size="9*9")
    assert wavespeed.build_quotes(given)[0].json["inputs"] == {"size": "9*9"}


def test_nor_what_stands_in_rows_and_parameters() -> None:
    parts = {"style": {"image": RESULT}, "steps": 4}
    given = spec("", rows=[{"path": "a/b"}, {"path": UPLOAD}], loras=[{"path": "a/b", "scale": 1}], parameters=parts)
    body = wavespeed.build_quotes(given)[0].json
    assert body["inputs"] == {"loras": [{"path": "a/b", "scale": 1}], "steps": 4}
    assert UPLOAD not in repr(body)
    assert RESULT not in repr(body)
    assert wavespeed.unseen(given, None) == ["“rows”", "“style”"]


def test_the_price_that_counts_is_the_discounted_one() -> None:
    assert told(said({"price": 0.05, "discounted_price": 0.04, "discount_rate": 0.8, "currency": "USD"})) == Quote(
        Cost(Decimal("0.04"), "USD"), "Discounted from 0.05 USD."
    )


@pytest.mark.parametrize(
    ("data", "cost"),
    [
        ({"price": 0.05}, Cost(Decimal("0.05"), "USD")),
        ({"price": 0.05, "currency": "EUR"}, Cost(Decimal("0.05"), "EUR")),
        ({"price": 0.05, "discounted_price": 0.05}, Cost(Decimal("0.05"), "USD")),
        ({"price": 0.05, "discounted_price": 0}, Cost(Decimal("0.05"), "USD")),
        ({"price": 0.05, "discounted_price": None}, Cost(Decimal("0.05"), "USD")),
        ({"price": 0.05, "discounted_price": "none"}, Cost(Decimal("0.05"), "USD")),
        ({"discounted_price": "0.04"}, Cost(Decimal("0.04"), "USD")),
        ({"unit_price": 0.07, "currency": "USD"}, Cost(Decimal("0.07"), "USD")),
        ({"price": 0}, Cost(Decimal(0), "USD")),
    ],
)
def test_a_price_of_either_address(data: Json, cost: Cost) -> None:
    assert told(said(data)) == Quote(cost)


@pytest.mark.parametrize("data", [None, {}, {"price": None}, {"price": "dear"}, {"price": -1}, [], 0.05,
                                  {"price": 0.05, "currency": 7}])  # fmt: skip
def test_a_price_that_is_none_is_never_made_up(data: Json) -> None:
    with pytest.raises(ProviderError) as caught:
        told(said(data))
    assert caught.value.kind == "malformed"


def test_what_a_quote_could_not_see_is_named() -> None:
    assert wavespeed.unseen(spec(image="https://a/1.png"), PRICED) == []
    assert wavespeed.unseen(spec(), PRICED) == ["“Image”"]
    assert wavespeed.unseen(spec(image=UPLOAD, other=[RESULT]), PRICED) == ["“Image”", "“other”"]
    assert wavespeed.unseen(spec(image=UPLOAD), None) == ["“image”"]
    speech = ModelInfo("a/b", "b", "audio")
    assert wavespeed.unseen(spec("", kind="audio"), speech) == ["the prompt"]
    assert wavespeed.unseen(spec(kind="audio"), speech) == []


def quoted(given: JobSpec, *answers: Response) -> Quote:
    flow = verbs.quote(wavespeed, given, PRICED)
    next(flow)
    for answer in answers:
        try:
            flow.send(answer)
        except StopIteration as end:
            result: Quote = end.value
            return result
    raise AssertionError("it asks on")


def test_nothing_for_nothing_that_it_was_shown_is_no_price() -> None:
    free = said({"price": 0, "currency": "USD"})
    seen, unseen = quoted(spec(image="https://a/1.png"), free), quoted(spec(image=UPLOAD), free)
    assert (seen.cost, seen.estimate) == (Cost(Decimal(0), "USD"), False)
    assert (unseen.cost, unseen.estimate) == (Cost(Decimal("0.012"), "USD"), True)


def test_a_price_that_could_not_see_everything_is_an_estimate() -> None:
    answer = said({"price": 0.15})
    assert quoted(spec(image="https://a/1.png"), answer) == Quote(Cost(Decimal("0.15"), "USD"))
    assert quoted(spec(image=UPLOAD), answer) == Quote(
        Cost(Decimal("0.15"), "USD"), "It may change with “Image”.", estimate=True
    )


def test_the_older_address_is_asked_where_the_newer_is_not_there() -> None:
    missing = said(None, status=404, code=404)
    given = spec(image="https://a/1.png")
    assert quoted(given, missing, said({"unit_price": 0.2})) == Quote(Cost(Decimal("0.2"), "USD"))
    assert quoted(given, said({}), said({"unit_price": 0.2})) == Quote(Cost(Decimal("0.2"), "USD"))
    listed = quoted(given, missing, missing)
    assert (listed.cost, listed.estimate) == (Cost(Decimal("0.012"), "USD"), True)


def test_the_price_list_only_says_where_a_price_begins() -> None:
    listed = wavespeed.quote(spec(), PRICED)
    assert (listed.cost, listed.estimate) == (Cost(Decimal("0.012"), "USD"), True)
    assert "begins" in listed.note
    for model in (None, wavespeed.typed_model("a/b", "image")):
        unknown = wavespeed.quote(spec(), model)
        assert unknown.cost is None
        assert unknown.note.startswith("Price unknown")


# -- Uploads -----------------------------------------------------------------------------------------------------------
TICKET = {
    "download_url": "https://cdn.example/a.png",
    "upload": {"method": "PUT", "url": "https://store.example/a?sig=1", "headers": {"Content-Type": "image/png"}},
}


def test_a_ticket_is_asked_for_by_name_and_size() -> None:
    request = wavespeed.build_ticket("../my cat é.png", 1234, "image/PNG; x=y")
    assert request.json == {"filename": "my-cat-.png", "size": 1234, "content_type": "image/png"}


def test_a_ticket_is_read() -> None:
    assert wavespeed.parse_ticket(said(TICKET)) == Ticket(
        "https://cdn.example/a.png", "PUT", "https://store.example/a?sig=1", {"Content-Type": "image/png"}
    )


def test_a_ticket_needs_no_headers_and_no_method() -> None:
    ticket = wavespeed.parse_ticket(said({**TICKET, "upload": {"url": "https://store.example/a"}}))
    assert (ticket.method, dict(ticket.headers)) == ("PUT", {})


@pytest.mark.parametrize("method", ["PUT", "put"])
def test_a_tickets_method_is_put_in_any_letters_as_the_official_client_takes_it(method: str) -> None:
    ticket = wavespeed.parse_ticket(said({**TICKET, "upload": {**TICKET["upload"], "method": method}}))
    assert ticket.method == "PUT"


def test_headers_that_would_break_a_request_are_left_out() -> None:
    given = {"x-ok": "1", "Host": "evil.example", "x-bad": "a\r\nb", "no good": "1", "x-num": 7, "Content-Length": "1"}
    ticket = wavespeed.parse_ticket(said({**TICKET, "upload": {**TICKET["upload"], "headers": given}}))
    assert dict(ticket.headers) == {"x-ok": "1"}


@pytest.mark.parametrize(
    "data",
    [None, {}, {**TICKET, "upload": None}, {**TICKET, "download_url": ""}, {**TICKET, "download_url": "file:///etc/x"},
     {**TICKET, "upload": {"method": "POST", "url": "https://a/"}}, {**TICKET, "upload": {"method": "PUT"}},
     {**TICKET, "upload": {"method": "PUT", "url": "ftp://a/"}}, {**TICKET, "upload": {"method": 7, "url": "https://a/"}}],
)  # fmt: skip
def test_leave_that_says_not_where_is_malformed(data: Json) -> None:
    with pytest.raises(ProviderError) as caught:
        wavespeed.parse_ticket(said(data))
    assert caught.value.kind == "malformed"


def test_the_older_upload_is_a_form_of_one_file() -> None:
    request = wavespeed.build_upload('a"b\r\nc.png', b"\x89PNG\r\n--x", "image/png")
    boundary = request.content_type.removeprefix("multipart/form-data; boundary=")
    assert len(boundary) == 32
    assert (
        request.content
        == (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="file"; filename="a-b-c.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        ).encode()
        + b"\x89PNG\r\n--x"
        + f"\r\n--{boundary}--\r\n".encode()
    )
    assert request.content != wavespeed.build_upload("a", b"", "").content
    assert request.json is None


@pytest.mark.parametrize(
    ("name", "sent"),
    [("a.png", "a.png"), ("", "file"), ("..", "file"), ("/etc/passwd", "passwd"), ("C:\\x\\y.jpg", "y.jpg"),
     (".hidden", "hidden"), ("é", "file"), ("x" * 200 + ".png", "x" * 96 + ".png")],
)  # fmt: skip
def test_a_filename_is_safe(name: str, sent: str) -> None:
    assert wavespeed.build_ticket(name, 1, "image/png").json["filename"] == sent


@pytest.mark.parametrize("odd", ["", "png", "image/png\r\nX: y", "image/*", "a/b/c"])
def test_a_content_type_that_is_none_says_nothing(odd: str) -> None:
    assert wavespeed.build_ticket("a", 1, odd).json["content_type"] == "application/octet-stream"


def test_the_address_of_an_upload() -> None:
    data = {"type": "image", "download_url": "https://cdn.example/a.png", "filename": "a.png", "size": 1}
    assert wavespeed.parse_upload(said(data)) == "https://cdn.example/a.png"
    for odd in (None, {}, {"download_url": "nowhere"}, {"download_url": 7}):
        with pytest.raises(ProviderError):
            wavespeed.parse_upload(said(odd))
