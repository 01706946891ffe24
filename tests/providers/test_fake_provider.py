"""The fake provider is believed by every other test, so it is held to what it says."""

import io
import json
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import av
import httpx
import pytest
from PIL import Image

from studio.providers.base import Response
from studio.providers.wayscloud_gpu import WaysCloudGpu
from tests.fake_provider import FakeProvider, run_process, serve_in_thread

from .loopback import Raw, answer, raw_server
from .samples import sample

KEY = "wayscloud_gpu_abc12_SECRET"
IMAGE = {"type": "image", "engine": "image-flux-fast", "inputs": {"prompt": "a red fox"}}
VIDEO = {"type": "video", "engine": "video-veo-pro", "inputs": {"prompt": "a red fox runs"}}


@pytest.fixture(scope="module")
def served() -> Iterator[FakeProvider]:
    with serve_in_thread() as fake:
        yield fake


@pytest.fixture
def fake(served: FakeProvider) -> Iterator[FakeProvider]:
    yield served
    served.clear()
    served.reset()
    served.polls, served.seconds, served.cancel_status, served.known_only = 2, None, 200, True


@pytest.fixture(scope="module")
def client(served: FakeProvider) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, headers={"X-API-Key": KEY}, timeout=10) as client:
        yield client


def create(client: httpx.Client, body: Any = IMAGE, **changes: Any) -> Any:
    return client.post("/v1/gpu/jobs", json={**body, **changes}).json()


def finished(client: httpx.Client, body: Any = IMAGE) -> Any:
    job = create(client, body)
    while job["status"] in ("queued", "processing"):
        job = client.get(f"/v1/gpu/jobs/{job['id']}").json()
    return job


# -- It speaks as the reference does -----------------------------------------------------------------------------------
def test_a_job_has_the_fields_of_the_sample_in_its_order(fake: FakeProvider, client: httpx.Client) -> None:
    theirs = json.loads(sample("wayscloud_gpu", "job"))
    ours = finished(client)
    assert list(ours) == list(theirs)
    assert {name: type(value) for name, value in ours.items()} == {name: type(value) for name, value in theirs.items()}
    assert list(ours["output_files"]) == ["image"]


def test_its_catalogue_begins_with_the_samples(client: httpx.Client) -> None:
    for name in ("engines", "presets", "pricing"):
        theirs = json.loads(sample("wayscloud_gpu", name))
        assert client.get(f"/v1/gpu/{name}", headers={"X-API-Key": ""}).json()[: len(theirs)] == theirs


@pytest.mark.parametrize("headers", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}])
def test_a_key_comes_in_either_header(fake: FakeProvider, headers: dict[str, str]) -> None:
    assert httpx.get(f"{fake.url}/v1/gpu/jobs", headers=headers).json() == []


@pytest.mark.parametrize("key", ["", "wayscloud_gpu_bad_one", "revoked"])
def test_a_bad_key_is_refused(fake: FakeProvider, client: httpx.Client, key: str) -> None:
    fake.control({"bad_keys": ["revoked"]})
    for method, path in [("GET", ""), ("POST", ""), ("GET", "/1"), ("DELETE", "/1")]:
        assert client.request(method, f"/v1/gpu/jobs{path}", headers={"X-API-Key": key}).status_code == 401


def test_jobs_belong_to_their_key(fake: FakeProvider, client: httpx.Client) -> None:
    job = create(client)
    assert client.get(f"/v1/gpu/jobs/{job['id']}", headers={"X-API-Key": "another"}).status_code == 404
    assert client.get("/v1/gpu/jobs", headers={"X-API-Key": "another"}).json() == []
    assert [found["id"] for found in client.get("/v1/gpu/jobs").json()] == [job["id"]]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"type": "audio"}, 422),
        ({"engine": None}, 422),
        ({"inputs": {}}, 422),
        ({"inputs": None}, 422),
        ({"inputs": {"prompt": "p", "seed": "x"}}, 422),
        ({"webhook_url": "http://127.0.0.1/"}, 422),
        ({"engine": "nothing"}, 400),
        ({"engine": "video-veo-pro"}, 400),
        ({"preset": "nothing"}, 400),
        ({"engine": "image-flux-max"}, 403),
    ],
)
def test_a_create_is_checked(fake: FakeProvider, client: httpx.Client, changes: dict[str, Any], status: int) -> None:
    assert client.post("/v1/gpu/jobs", json={**IMAGE, **changes}).status_code == status
    assert not fake.jobs


def test_a_job_goes_on_by_reads(fake: FakeProvider, client: httpx.Client) -> None:
    fake.polls = 4
    job = create(client)
    words = [client.get(f"/v1/gpu/jobs/{job['id']}").json() for _ in range(4)]
    assert [word["status"] for word in words] == ["processing"] * 3 + ["completed"]
    assert [word["progress"] for word in words] == [25, 50, 75, 100]
    assert fake.reads[job["id"]] == 4


def test_a_list_is_a_read_of_each_of_its_jobs(fake: FakeProvider, client: httpx.Client) -> None:
    create(client)
    create(client)
    states = [[job["status"] for job in client.get("/v1/gpu/jobs").json()] for _ in range(2)]
    assert states == [["processing"] * 2, ["completed"] * 2]
    assert fake.lists[KEY] == 2


def test_a_job_goes_on_by_the_clock(fake: FakeProvider, client: httpx.Client) -> None:
    fake.seconds = 60
    job = fake.jobs[create(client)["id"]]
    assert client.get(f"/v1/gpu/jobs/{job.id}").json()["status"] == "queued"
    job.began -= 30
    assert client.get(f"/v1/gpu/jobs/{job.id}").json()["progress"] in (50, 51)
    job.began -= 30
    assert client.get(f"/v1/gpu/jobs/{job.id}").json()["status"] == "completed"


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_cancel(fake: FakeProvider, client: httpx.Client, status: int) -> None:
    fake.cancel_status = status
    job = create(client)
    assert client.delete(f"/v1/gpu/jobs/{job['id']}").status_code == status
    assert client.get(f"/v1/gpu/jobs/{job['id']}").json()["status"] == "cancelled"
    assert client.delete(f"/v1/gpu/jobs/{job['id']}").status_code == 409
    assert client.delete("/v1/gpu/jobs/none").status_code == 404
    assert fake.cancels[job["id"]] == 2


@pytest.mark.parametrize(("engine", "format"), [("image-flux-fast", "PNG"), ("image-flux-pro", "JPEG")])
def test_an_image_is_one(fake: FakeProvider, client: httpx.Client, engine: str, format: str) -> None:
    job = finished(client, {**IMAGE, "engine": engine})
    response = httpx.get(job["output_files"]["image"])
    with Image.open(io.BytesIO(response.content)) as image:
        image.load()
        assert (image.format, image.size) == (format, (128, 96))
        assert response.headers["content-type"] == Image.MIME[format]
    assert fake.leaks == 0


def test_a_video_is_one(fake: FakeProvider, client: httpx.Client) -> None:
    response = httpx.get(finished(client, VIDEO)["output_files"]["video"])
    with av.open(io.BytesIO(response.content)) as video:
        assert sum(1 for _ in video.decode(video=0)) == 12
    assert response.headers["content-type"] == "video/mp4"


def test_a_key_that_leaks_to_a_result_is_noticed(fake: FakeProvider, client: httpx.Client) -> None:
    client.get(finished(client)["output_files"]["image"])
    assert fake.leaks == 1


def test_a_reference_makes_one_job(fake: FakeProvider, client: httpx.Client) -> None:
    first, second = (create(client, reference="ours") for _ in range(2))
    assert first["id"] == second["id"]
    assert first["reference"] == "ours"
    assert len(client.get("/v1/gpu/jobs?reference=ours").json()) == 1
    assert client.get("/v1/gpu/jobs?reference=other").json() == []


@pytest.mark.parametrize("seconds", [None, 0.01])
def test_a_video_calls_its_webhook_when_it_ends(
    fake: FakeProvider, client: httpx.Client, seconds: float | None
) -> None:
    fake.polls, fake.seconds = 1, seconds

    def handle(raw: Raw, connection: Any) -> None:
        raw.received(connection)
        connection.sendall(answer(status="204 No Content"))

    with raw_server(handle) as hook:
        job = create(client, VIDEO, webhook_url=f"{hook.url}/hook")
        if seconds is None:
            client.get(f"/v1/gpu/jobs/{job['id']}")
        _until(lambda: fake.webhooks)
    assert fake.webhooks == [{"url": f"{hook.url}/hook", "job": job["id"], "status": 204}]
    assert b'"completed"' in hook.requests[0]


def _until(true: Any) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


# -- It counts and fails on demand -------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [401, 402, 403, 404, 409, 422, 429, 451, 500, 503])
def test_a_status(fake: FakeProvider, client: httpx.Client, status: int) -> None:
    fake.fault("create", "status", status=status)
    assert client.post("/v1/gpu/jobs", json=IMAGE).status_code == status
    assert (fake.received["a red fox"], fake.creates["a red fox"]) == (1, 0)


def test_retry_after_in_both_forms(fake: FakeProvider, client: httpx.Client) -> None:
    fake.fault("list", "status", status=429, retry_after=3, times=1)
    fake.fault("list", "status", status=429, retry_after="date:3", times=1)
    assert client.get("/v1/gpu/jobs").headers["retry-after"] == "3"
    assert parsedate_to_datetime(client.get("/v1/gpu/jobs").headers["retry-after"]).tzinfo
    assert client.get("/v1/gpu/jobs").status_code == 200


def test_a_fault_is_of_a_key_a_prompt_a_count_and_a_turn(fake: FakeProvider, client: httpx.Client) -> None:
    def codes(prompt: str = "a red fox", key: str = KEY, times: int = 3) -> list[int]:
        body = {**IMAGE, "inputs": {"prompt": prompt}}
        return [client.post("/v1/gpu/jobs", json=body, headers={"X-API-Key": key}).status_code for _ in range(times)]

    fake.fault("create", "status", key=KEY, prompt="fox", skip=1, times=1)
    assert codes(key="another") == codes("a hare") == [200, 200, 200]
    assert codes() == [200, 500, 200]


@pytest.mark.parametrize(("after", "made"), [(False, 0), (True, 1)])
@pytest.mark.parametrize("do", ["hang", "drop"])
def test_no_answer_before_or_after_it_acted(
    fake: FakeProvider, client: httpx.Client, do: str, after: bool, made: int
) -> None:
    fake.fault("create", do, after=after)
    with pytest.raises(httpx.TransportError):
        client.post("/v1/gpu/jobs", json=IMAGE, timeout=0.2)
    assert (fake.received["a red fox"], fake.creates["a red fox"]) == (1, made)


def test_a_late_answer(fake: FakeProvider, client: httpx.Client) -> None:
    fake.fault("status", "hang", seconds=0.01)
    job = create(client)
    assert client.get(f"/v1/gpu/jobs/{job['id']}").json()["id"] == job["id"]


def test_fields_are_put_in_and_taken_out(fake: FakeProvider, client: httpx.Client) -> None:
    fake.fault("*", "edit", set={"status": "paused", "queue": {"place": 3}}, remove=["progress"])
    job = create(client)
    [listed] = client.get("/v1/gpu/jobs").json()
    for seen in (job, listed):
        assert (seen["status"], seen["queue"], "progress" in seen) == ("paused", {"place": 3}, False)


@pytest.mark.parametrize(
    ("do", "details", "states"),
    [
        ("done", {}, ["completed", "completed"]),
        ("fail", {"message": "out of memory"}, ["queued", "failed"]),
        ("never", {}, ["processing", "processing"]),
        ("word", {"message": "paused"}, ["paused", "paused"]),
    ],
)
def test_how_a_job_fares(
    fake: FakeProvider, client: httpx.Client, do: str, details: dict[str, Any], states: list[str]
) -> None:
    fake.polls = 1
    fake.fault("job", do, prompt="fox", **details)
    job = create(client)
    later = client.get(f"/v1/gpu/jobs/{job['id']}").json()
    assert [job["status"], later["status"]] == states
    assert later["error_message"] == details.get("message") if do == "fail" else True


@pytest.mark.parametrize("files", ["{url}", ["{url}", "{url}?2"], {"a": [{"url": "{url}"}]}, {}])
def test_results_of_any_shape(fake: FakeProvider, client: httpx.Client, files: Any) -> None:
    fake.fault("job", "files", body=files)
    body = json.dumps(finished(client))
    outputs = WaysCloudGpu().parse_status(Response(200, body.encode())).outputs
    assert all(output.url.startswith(fake.url) for output in outputs)
    assert json.dumps(files).count("{url}") == len(outputs)


def test_a_result_that_is_a_web_page(fake: FakeProvider, client: httpx.Client) -> None:
    fake.fault("output", "html")
    assert httpx.get(finished(client)["output_files"]["image"]).headers["content-type"] == "text/html"


def test_a_result_that_redirects(fake: FakeProvider, client: httpx.Client) -> None:
    fake.fault("output", "redirect", location="http://169.254.169.254/latest/")
    response = httpx.get(finished(client)["output_files"]["image"])
    assert (response.status_code, response.headers["location"]) == (302, "http://169.254.169.254/latest/")


def test_a_result_that_is_huge(fake: FakeProvider, client: httpx.Client) -> None:
    fake.fault("output", "huge", size=3_000_000)
    response = httpx.get(finished(client)["output_files"]["image"])
    assert len(response.content) == 3_000_000
    assert response.content.startswith(b"\x89PNG")
    assert "content-length" not in response.headers


def test_a_result_that_breaks_off(fake: FakeProvider, client: httpx.Client) -> None:
    fake.fault("output", "truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(finished(client)["output_files"]["image"])


def test_a_result_that_is_slow_is_whole(fake: FakeProvider, client: httpx.Client) -> None:
    url = finished(client)["output_files"]["image"]
    fake.fault("output", "slow", seconds=0.05, times=1)
    assert httpx.get(url).content == httpx.get(url).content


def test_a_result_that_is_not_there(fake: FakeProvider) -> None:
    assert httpx.get(f"{fake.url}/files/none/output.png").status_code == 404


@pytest.mark.parametrize(
    ("on", "do"), [("create", "explode"), ("nowhere", "hang"), ("job", "hang"), ("create", "never")]
)
def test_a_fault_that_is_none_is_refused(on: str, do: str) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        FakeProvider().fault(on, do)


def test_ids_it_never_gave_out_may_run_for_ever(fake: FakeProvider, client: httpx.Client) -> None:
    assert client.get("/v1/gpu/jobs/unheard-of").status_code == 404
    fake.known_only = False
    assert client.get("/v1/gpu/jobs/unheard-of").json()["status"] == "processing"


def test_as_a_process_of_its_own() -> None:
    with run_process(polls=1, cancel_status=204) as remote:
        with httpx.Client(base_url=remote.url, headers={"X-API-Key": KEY}) as client:
            remote.fault("create", "status", status=503, times=1)
            assert client.post("/v1/gpu/jobs", json=IMAGE).status_code == 503
            job = create(client)
            assert client.delete(f"/v1/gpu/jobs/{job['id']}").status_code == 204
            remote.control(jobs=[{"key": KEY, "id": "mine", "prompt": "a hare"}], finish="hare")
            assert client.get("/v1/gpu/jobs/mine").json()["status"] == "completed"
        counts = remote.counts()
        assert (counts["received"], counts["creates"]) == ({"a red fox": 2}, {"a red fox": 1})
        assert counts["states"] == {"cancelled": 1, "completed": 1}
        assert remote.control(reset=True)["jobs"] == 0
        with pytest.raises(httpx.HTTPStatusError):
            remote.fault("create", "explode")
    assert remote.process.returncode is not None
