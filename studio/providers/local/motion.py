"""A clip: the camera moves slowly into the scene while its clouds, water and weather move on their own."""

from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from PIL import Image

from .composer import set_stage
from .finish import Finish
from .job import FRAME_RATE, Progress, RenderJob
from .layers import drop_hidden
from .noise import Field, stream
from .scene import Scene
from .sound import RATE, ambience
from .stage import Stage, View
from .still import paint_layers

PAINTING = 0.12  # the share of the work that is done before the first frame
PUSH = 0.09  # how much larger the nearest layer is at the end
BT709 = 1  # in the numbering of H.264's colour tags

# x264's macroblock tree reads memory that it never wrote: without it, the same frames give the same bytes.
ENCODING: dict[str, object] = {"preset": "veryfast", "crf": "21", "profile": "high", "x264-params": "mbtree=0"}


def write_clip(job: RenderJob, scene: Scene, out: Path, progress: Progress) -> None:
    """Writes the scene in motion to `out`: H.264, with AAC when the job wants sound, ready to play while loading."""
    stage = set_stage(scene, job.width, job.height)
    layers = paint_layers(scene, stage, progress, share=PAINTING)
    drop_hidden(layers, margin=round(stage.height * PUSH * 0.6))
    finish = Finish(scene, stage, grain=0.6)
    count = round(job.duration_sec * FRAME_RATE)
    tone = ambience(scene, job.duration_sec) if job.sound else None
    with av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        picture = _video_stream(container, stage)
        voice = _audio_stream(container) if tone is not None else None
        for index in range(count):
            frame = Image.new("RGB", (stage.width, stage.height))
            for layer in layers:
                layer.draw(frame, camera(scene, stage, index, count))
            _encode(container, picture, finish.apply(frame, index), index)
            if tone is not None and voice is not None:
                _voice(container, voice, tone, index)
            progress(PAINTING + (0.99 - PAINTING) * (index + 1) / count)
        container.mux(picture.encode(None))
        if voice is not None:
            container.mux(voice.encode(None))


def camera(scene: Scene, stage: Stage, index: int, count: int) -> View:
    """Where the camera is at frame `index`: it starts and ends gently."""
    way = index / max(1, count - 1)
    eased = 0.55 * way + 0.45 * way * way * (3 - 2 * way)
    side = 1.0 if stream(scene.seed, "camera").random() < 0.5 else -1.0
    return View(seconds=index / FRAME_RATE, push=PUSH * eased, pan=side * 0.55 * stage.pad * eased)


def _video_stream(container: OutputContainer, stage: Stage) -> VideoStream:
    picture = container.add_stream("libx264", rate=FRAME_RATE)
    picture.width, picture.height, picture.pix_fmt = stage.width, stage.height, "yuv420p"
    picture.options = ENCODING
    context = picture.codec_context
    context.thread_count = 1
    context.color_range = ColorRange.MPEG
    context.colorspace = context.color_primaries = context.color_trc = BT709
    return picture


def _audio_stream(container: OutputContainer) -> AudioStream:
    voice = container.add_stream("aac", rate=RATE)
    voice.layout = "stereo"
    voice.bit_rate = 128_000
    return voice


def _encode(container: OutputContainer, picture: VideoStream, image: Image.Image, index: int) -> None:
    frame = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
    frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    frame.pts = index
    container.mux(picture.encode(frame))


def _voice(container: OutputContainer, voice: AudioStream, tone: Field, index: int) -> None:
    """The sound that belongs to one frame, so that picture and sound lie side by side in the file."""
    each = RATE // FRAME_RATE
    part = np.ascontiguousarray(tone[:, index * each : (index + 1) * each])
    frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
    frame.sample_rate, frame.pts = RATE, index * each
    container.mux(voice.encode(frame))
