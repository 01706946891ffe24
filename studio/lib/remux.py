"""Clips and sounds without what tells of place and maker: the same coded frames in a container of our own writing.

FFmpeg is loaded with the first of them, as in `studio.lib.video`.
"""

from __future__ import annotations

from pathlib import Path

from studio.lib.sniff import M4A, MOV, MP3, MP4, WAV, WEBM, MediaType

DEMUXERS = {MP4: "mp4", MOV: "mov", WEBM: "matroska", M4A: "mp4", MP3: "mp3", WAV: "wav"}
MUXERS = {MP4: "mp4", MOV: "mov", WEBM: "webm", M4A: "ipod", MP3: "mp3", WAV: "wav"}
_QUICKLY = {"movflags": "+faststart"}  # what a player needs first comes first
OPTIONS = {MP4: _QUICKLY, MOV: _QUICKLY, M4A: _QUICKLY, MP3: {"write_xing": "0", "id3v2_version": "0"}}
KEPT = frozenset({"video", "audio"})  # not the tracks of data, in which cameras write their way


class NotPlayable(Exception):
    """The file is damaged, or holds what its container cannot."""


def clean(path: Path, target: Path, media: MediaType) -> float | None:
    """Copies pictures and sound, and nothing else, to `target`, the same bytes for the same file; answers seconds.

    Raises NotPlayable.
    """
    import av  # noqa: PLC0415  see above

    options = {"fflags": "+bitexact", **OPTIONS.get(media, {})}
    try:
        with (
            av.open(f"file:{path}", format=DEMUXERS[media], options={"protocol_whitelist": "file"}) as source,
            av.open(f"file:{target}", "w", format=MUXERS[media], options=options) as out,
        ):
            kept = {
                stream.index: out.add_stream_from_template(stream) for stream in source.streams if stream.type in KEPT
            }
            if not kept:
                raise NotPlayable("The file holds neither pictures nor sound.")
            for packet in source.demux([source.streams[index] for index in kept]):
                if packet.dts is not None:
                    packet.stream = kept[packet.stream.index]
                    out.mux(packet)
            return source.duration / av.time_base if source.duration is not None else None
    except (av.FFmpegError, ValueError, StopIteration) as error:
        raise NotPlayable("The file is damaged, or of a kind that we cannot read.") from error
