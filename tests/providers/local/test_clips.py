from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from studio.providers.local.job import RenderJob
from studio.providers.local.render import render
from studio.providers.local.scene import understand
from studio.providers.local.sound import RATE, ambience

from .painting import ignore


def small(prompt: str, **inputs: object) -> RenderJob:
    """A clip of two seconds, smaller than the engine offers, so that the tests are quick."""
    job = RenderJob.checked("local-motion", {"prompt": prompt, "duration_sec": 2, "seed": 5, **inputs})
    return replace(job, width=job.width // 4, height=job.height // 4)


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]


def test_the_smallest_clip_that_is_offered(tmp_path: Path) -> None:
    job = RenderJob.checked("local-motion", {"prompt": "abstract mesh", "duration_sec": 2, "aspect_ratio": "1:1"})
    result = render(job, tmp_path / "out.mp4", ignore)
    assert (result.width, result.height, result.duration_sec) == (720, 720, 2.0)
    with av.open(str(tmp_path / "out.mp4")) as container:
        (picture,) = container.streams
        assert isinstance(picture, av.VideoStream)
        assert (picture.codec_context.name, picture.pix_fmt) == ("h264", "yuv420p")
        assert (picture.width, picture.height, picture.average_rate, picture.frames) == (720, 720, 24, 48)
        assert container.duration == 2_000_000


def test_a_clip_with_sound(tmp_path: Path) -> None:
    render(small("waves on a beach", sound=True), tmp_path / "out.mp4", ignore)
    with av.open(str(tmp_path / "out.mp4")) as container:
        voice = container.streams.audio[0]
        assert (voice.codec_context.name, voice.rate, voice.channels) == ("aac", RATE, 2)
        assert abs(float(voice.duration * voice.time_base) - 2.0) < 0.05
        loud = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    assert 0.01 < np.sqrt((loud**2).mean()) < 0.5


def test_a_clip_can_play_while_it_loads(tmp_path: Path) -> None:
    render(small("sky"), tmp_path / "out.mp4", ignore)
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    "prompt",
    [
        "a lake at sunset",
        "a city in the rain at night",
        "forest, snowing",
        "abstract silk",
        "aurora over the sea",
    ],
)
def test_the_scene_moves_without_leaping(tmp_path: Path, prompt: str) -> None:
    render(small(prompt), tmp_path / "out.mp4", ignore)
    shown = frames(tmp_path / "out.mp4")
    assert len(shown) == 48
    steps = [np.abs(a - b).mean() for a, b in pairwise(shown)]
    assert np.abs(shown[0] - shown[-1]).mean() > 2
    assert min(steps) > 0.05
    assert max(steps) < 25


def test_the_same_clip_is_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"
    for out in (first, second):
        render(small("a lake in the rain", sound=True), out, ignore)
    assert first.read_bytes() == second.read_bytes()


def test_progress_comes_with_every_frame(tmp_path: Path) -> None:
    shares: list[float] = []
    render(small("sky"), tmp_path / "out.mp4", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert max(b - a for a, b in pairwise(shares)) < 0.1


def test_a_clip_is_cancelled_in_the_middle(tmp_path: Path) -> None:
    def stop(share: float) -> None:
        if share > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        render(small("sky", sound=True), tmp_path / "out.mp4", stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "prompt",
    ["sea", "lake", "rain in a city", "forest at noon", "meadow at night", "desert", "deep space", "northern lights"],
)
def test_each_scene_has_its_sound(prompt: str) -> None:
    sound = ambience(understand(prompt, seed=1), 2.0)
    assert sound.shape == (2, 2 * RATE)
    assert np.abs(sound).max() <= 0.8
    assert 0.01 < sound.std() < 0.5
    assert np.abs(sound[:, :10]).max() < 0.01
    assert np.abs(sound[:, -10:]).max() < 0.01
    assert not np.array_equal(sound[0], sound[1])
