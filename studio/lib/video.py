"""Videos as files: what they are, and a poster for them. Frames are read one at a time, never the whole file.

FFmpeg takes 22 MB of a process, and is loaded with the first video that there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from studio.lib.images import Thumbnail, write_webp
from studio.lib.sniff import MOV, MP4, WEBM, sniff

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

# The demuxer is chosen by us: left to guess, FFmpeg would also take playlists that name other files and hosts.
DEMUXERS = {MP4: "mp4", MOV: "mov", WEBM: "matroska"}
MAX_PIXELS = 36_000_000  # a frame of 8K
MAX_DECODED = 600  # frames looked at for a poster
POSTER_AT = 0.1  # of the duration
TIME_BASE = 1_000_000  # FFmpeg's units in a second
DARK = 24  # mean luma, of 255, below which a frame counts as black


class NotAVideo(Exception):
    """The file is none of MP4, MOV and WebM, is damaged, or has no picture that can be decoded."""


class VideoInfo(NamedTuple):
    """Pixels as they are seen, that is, after rotation; duration in seconds; None where the file does not say."""

    width: int
    height: int
    duration: float | None
    fps: float | None
    codec: str  # FFmpeg's name: h264, hevc, vp9, av1 …
    has_audio: bool


def probe(path: Path) -> VideoInfo:
    """Reads the header and decodes one frame; raises `NotAVideo`."""
    with _opened(path) as container:
        stream = container.streams.video[0]
        frame = next(container.decode(stream))
        turned = frame.rotation % 180 != 0
        return VideoInfo(
            width=frame.height if turned else frame.width,
            height=frame.width if turned else frame.height,
            duration=_duration(container),
            fps=float(stream.average_rate) if stream.average_rate else None,
            codec=stream.codec_context.name,
            has_audio=bool(container.streams.audio),
        )


def poster(path: Path, target: Path) -> Thumbnail:
    """Writes a frame from about a tenth into the video as WebP, a later one when that is black; raises `NotAVideo`."""
    image = still(path)
    write_webp(image, target)
    return Thumbnail(target, *image.size)


def still(path: Path) -> Image.Image:
    """The poster's picture in RGB, upright; raises `NotAVideo`."""
    with _opened(path) as container:
        frame = _telling_frame(container)
        image = Image.fromarray(frame.to_ndarray(format="rgb24"))
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    """The container, with a video stream of a sane size; FFmpeg's errors, now or while decoding, as `NotAVideo`."""
    import av  # noqa: PLC0415  see above

    with path.open("rb") as file:
        media = sniff(file.read(4096))
    if media not in DEMUXERS:
        raise NotAVideo("It is not an MP4, MOV or WebM file.")
    try:
        with av.open(f"file:{path}", format=DEMUXERS[media], options={"protocol_whitelist": "file"}) as container:
            _check_picture(container)
            yield container
    except (av.FFmpegError, StopIteration, ValueError) as error:
        raise NotAVideo("The file is damaged, or of a kind that we cannot decode.") from error


def _check_picture(container: InputContainer) -> None:
    if not container.streams.video:
        raise NotAVideo("The file holds no picture.")
    stream = container.streams.video[0]
    if stream.width * stream.height > MAX_PIXELS:
        raise NotAVideo(f"Its frames have {stream.width} × {stream.height} pixels, more than we open.")
    stream.thread_count = 1


def _duration(container: InputContainer) -> float | None:
    if container.duration is not None:
        return container.duration / TIME_BASE
    stream = container.streams.video[0]
    if stream.duration is None or stream.time_base is None:
        return None
    return float(stream.duration * stream.time_base)


def _telling_frame(container: InputContainer) -> av.VideoFrame:
    """The first frame from `POSTER_AT` on that is not black, or else the lightest seen."""
    start = POSTER_AT * (_duration(container) or 0)
    container.seek(int(start * TIME_BASE))  # to the key frame before it
    frames = islice(container.decode(container.streams.video[0]), MAX_DECODED)
    best = next(frames)
    best_light = -1.0
    for frame in frames:
        if frame.time is not None and frame.time < start:
            continue
        light = _light(frame)
        if light > best_light:
            best, best_light = frame, light
        if light >= DARK:
            break
    return best


def _light(frame: av.VideoFrame) -> float:
    return float(frame.reformat(width=32, height=32, format="gray").to_ndarray().mean())
