"""Clips and sounds without metadata: read back, and every frame as it was."""

import wave
from pathlib import Path

import av
import numpy as np
import pytest

from studio.lib import remux, video
from studio.lib.sniff import M4A, MOV, MP3, MP4, WAV, WEBM, MediaType, sniff

from .footage import film

SECRET = b"+59.9139+010.7522/"
MEDIA = {".mp4": MP4, ".mov": MOV, ".webm": WEBM}


def filmed(path: Path, *, rotation: int = 0) -> Path:
    """A clip as a phone makes one: with its place, twice, and sound."""
    plain = film(path.with_name(f"plain{path.suffix}"), rotation=rotation, audio=path.suffix != ".webm")
    options = {} if path.suffix == ".webm" else {"movflags": "use_metadata_tags"}
    with av.open(str(plain)) as source, av.open(str(path), "w", options=options) as out:
        out.metadata.update({"com.apple.quicktime.location.ISO6709": SECRET.decode(), "location": SECRET.decode()})
        out.metadata["comment"] = "at home"
        streams = {stream.index: out.add_stream_from_template(stream) for stream in source.streams}
        streams[0].metadata["handler_name"] = "Pentax"
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    return path


def frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


@pytest.mark.parametrize("suffix", MEDIA)
class TestClips:
    def test_nothing_is_told(self, tmp_path: Path, suffix: str):
        raw, clean = filmed(tmp_path / f"raw{suffix}"), tmp_path / "clean"
        assert SECRET in raw.read_bytes()
        remux.clean(raw, clean, MEDIA[suffix])
        assert not any(word in clean.read_bytes() for word in (SECRET, b"at home", b"Pentax", b"59.9139"))
        with av.open(str(clean)) as container:
            assert not {name.lower() for name in container.metadata} & {"location", "location-eng", "comment"}

    def test_every_frame_is_as_it_was(self, tmp_path: Path, suffix: str):
        raw, clean = filmed(tmp_path / f"raw{suffix}"), tmp_path / "clean"
        seconds = remux.clean(raw, clean, MEDIA[suffix])
        assert seconds == pytest.approx(2, abs=0.3)
        before, after = frames(raw), frames(clean)
        assert len(before) == len(after) == 20
        assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
        assert video.probe(clean).has_audio == video.probe(raw).has_audio

    def test_the_same_file_gives_the_same_bytes(self, tmp_path: Path, suffix: str):
        raw = filmed(tmp_path / f"raw{suffix}")
        for name in ("first", "second"):
            remux.clean(raw, tmp_path / name, MEDIA[suffix])
        assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()

    def test_no_muxer_is_told_what_it_does_not_know(self, tmp_path: Path, suffix: str, caplog):
        remux.clean(filmed(tmp_path / f"raw{suffix}"), tmp_path / "clean", MEDIA[suffix])
        assert "not used" not in caplog.text

    def test_it_is_still_the_same_kind_of_file(self, tmp_path: Path, suffix: str):
        remux.clean(filmed(tmp_path / f"raw{suffix}"), tmp_path / "clean", MEDIA[suffix])
        assert sniff((tmp_path / "clean").read_bytes()[:4096]) == MEDIA[suffix]


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_it_stays_upright(tmp_path: Path, suffix: str):
    raw = filmed(tmp_path / f"raw{suffix}", rotation=90)
    remux.clean(raw, tmp_path / "clean", MEDIA[suffix])
    assert video.probe(tmp_path / "clean")[:2] == (90, 160)


def tone(path: Path) -> Path:
    codec = {".wav": "pcm_s16le", ".mp3": "libmp3lame", ".m4a": "aac"}[path.suffix]
    with av.open(str(path), "w", format={".m4a": "ipod"}.get(path.suffix)) as container:
        container.metadata["title"] = "At home in Oslo"
        stream = container.add_stream(codec, rate=16000, layout="mono")
        wanted = stream.codec_context.format.name
        resampler = av.AudioResampler(format=wanted, layout="mono", rate=16000, frame_size=1024)
        samples = (np.sin(np.arange(16000) / 10) * 9000).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(samples, "s16", "mono")
        frame.sample_rate = 16000
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("suffix", "media"), [(".mp3", MP3), (".wav", WAV), (".m4a", M4A)])
def test_sounds(tmp_path: Path, suffix: str, media: MediaType, caplog):
    raw, clean = tone(tmp_path / f"raw{suffix}"), tmp_path / "clean"
    assert b"At home in Oslo" in raw.read_bytes()
    assert sniff(raw.read_bytes()[:4096]) == media
    seconds = remux.clean(raw, clean, media)
    assert seconds == pytest.approx(1, abs=0.2)
    assert b"At home in Oslo" not in clean.read_bytes()
    assert sniff(clean.read_bytes()[:4096]) == media
    with av.open(str(clean)) as container:
        assert "not used" not in caplog.text
        assert sum(frame.samples for frame in container.decode(audio=0)) >= 15000


@pytest.mark.parametrize("media", [MP4, MOV, WEBM, M4A, MP3, WAV])
def test_what_cannot_be_played_is_said(tmp_path: Path, media: MediaType):
    raw = tmp_path / "raw"
    for junk in (b"", b"\0\0\0\x18ftypmp42" + b"\0" * 64, b"\x1a\x45\xdf\xa3" + b"\xff" * 64):
        raw.write_bytes(junk)
        with pytest.raises(remux.NotPlayable):
            remux.clean(raw, tmp_path / "clean", media)


def test_a_list_of_other_files_is_not_followed(tmp_path: Path):
    """FFmpeg's demuxer is ours to choose: what looks like a playlist is no clip."""
    with wave.open(str(tmp_path / "other.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(100))
    raw = tmp_path / "raw"
    raw.write_text(f"#EXTM3U\n#EXTINF:1,\nfile://{tmp_path}/other.wav\n")
    for media in (MP4, MP3, WAV):
        with pytest.raises(remux.NotPlayable):
            remux.clean(raw, tmp_path / "clean", media)
