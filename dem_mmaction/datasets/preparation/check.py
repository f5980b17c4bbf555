"""Checking a video: what it holds, or what is wrong with it."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import decord
from av.stream import Disposition

from ..transforms.video_io import decoder_words

# An AVI header may count a few frames that hold nothing; a cut file lacks more.
_COMPLETE = 0.98


class DamagedVideo(ValueError):
    """A video that cannot be used, and why."""


@dataclass(frozen=True)
class VideoFacts:
    """What a usable video holds.

    Attributes:
        frames: Number of frames the training decoder reports.
        width: Width of a frame in pixels.
        height: Height of a frame in pixels.
        fps: Average number of frames a second.
    """

    frames: int
    width: int
    height: int
    fps: float

    @property
    def seconds(self) -> float:
        """Duration of the video in seconds."""
        return self.frames / self.fps


def check_video(path: Path, every_frame: bool = False) -> VideoFacts:
    """Open a video, look at each of its packets, and decode some of its frames.

    The same file gets the same answer every time. decord alone would not do: its
    decoding thread runs ahead of the frames that are asked for, without a bound, so
    that it reports damage behind them or not, by timing. PyAV therefore looks for such
    damage first and in order (:func:`check_packets`); of the files that pass, decord,
    which training reads with, must then open each and decode frames of it.

    Args:
        path: The video file.
        every_frame: Whether decord decodes all frames; by default the first, the
            middle and the last one.

    Returns:
        What the video holds.

    Raises:
        DamagedVideo: The video cannot be used; its message says why.
    """
    check_file(path)
    check_packets(path)
    try:
        reader = decord.VideoReader(str(path), num_threads=1)
        count = len(reader)
    except decord.DECORDError as error:
        raise DamagedVideo(decoder_words(error)) from error
    if count < 1:
        raise DamagedVideo('no frames')
    wanted = range(count) if every_frame else sorted({0, count // 2, count - 1})
    try:
        height, width = _decode(reader, wanted)
        return VideoFacts(count, width, height, float(reader.get_avg_fps()))
    except decord.DECORDError as error:
        # Which of its messages comes is a matter of timing, too.
        raise DamagedVideo('decord stops while it decodes the frames') from error


def check_file(path: Path) -> None:
    """Refuse what is not a regular, readable file with something in it.

    Raises:
        DamagedVideo: It is a folder, an empty file, a link that leads nowhere, a file
            that may not be read, or its name cannot stand in a list.
    """
    if len(str(path).splitlines()) > 1:
        raise DamagedVideo('its name has a line break, which no list can hold')
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise DamagedVideo('its name is not UTF-8') from None
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DamagedVideo('a folder')
        if not stat.S_ISREG(status.st_mode):
            raise DamagedVideo('not a regular file')
        if not status.st_size:
            raise DamagedVideo('empty, 0 bytes')
        os.close(os.open(path, os.O_RDONLY))
    except OSError as error:
        raise DamagedVideo(error.strerror) from error


def check_packets(path: Path) -> None:
    """Refuse a video of which packets are missing, or that a decoder would refuse.

    Every packet goes to a decoder that is told to draw no picture. It reads the headers
    alone, which takes a few milliseconds a video, and rejects the packets that stop
    decord.

    Raises:
        DamagedVideo: There is no video stream, it ends earlier than the header
            promises, or one of its packets is damaged.
    """
    try:
        with av.open(str(path), metadata_errors='ignore') as container:
            streams = [
                stream
                for stream in container.streams.video
                if not stream.disposition & Disposition.attached_pic
            ]
            if not streams:
                raise DamagedVideo('no video stream')
            stream = streams[0]
            decoder = stream.codec_context  # None for a codec that PyAV lacks
            if decoder is not None:
                decoder.thread_count = 1
                decoder.skip_frame = 'ALL'
            promised, whole = stream.frames, _seconds(container, stream)
            found, end = 0, 0
            for packet in container.demux(stream):
                if packet.size:
                    found += 1
                    if packet.is_corrupt:
                        raise DamagedVideo(f'cut off in frame {found}')
                    if decoder is not None:
                        _read_headers(packet, found)
                    if packet.pts is not None:
                        end = max(end, packet.pts + (packet.duration or 0))
            if not found:
                raise DamagedVideo('a header without frames')
            if found < _COMPLETE * promised:
                raise DamagedVideo(f'cut off: {found} of {promised} frames are there')
            # Matroska counts no frames, but says how long it is.
            seconds = float(end * stream.time_base) if stream.time_base else 0
            if not promised and whole and seconds < 0.9 * whole - 0.1:
                raise DamagedVideo(f'cut off: {seconds:.1f} of {whole:.1f} s are there')
    except (av.error.FFmpegError, OSError) as error:
        raise DamagedVideo(error.strerror or decoder_words(error)) from error


def _read_headers(packet: av.Packet, number: int) -> None:
    """Let a decoder that draws no picture read a packet."""
    try:
        packet.decode()
    except av.error.FFmpegError as error:
        raise DamagedVideo(f'damaged in frame {number}: {error.strerror}') from error


def _seconds(
    container: av.container.InputContainer, stream: av.VideoStream
) -> float | None:
    """Duration that the header promises for the picture, where it says so.

    None where the duration may be that of the sound.
    """
    note = stream.metadata.get('DURATION', '')
    parts = note.split(':')
    if len(parts) == 3:
        hours, minutes, seconds = map(float, parts)
        return 3600 * hours + 60 * minutes + seconds
    if container.duration and len(container.streams) == 1:
        return container.duration / av.time_base
    return None


def _decode(reader: decord.VideoReader, wanted: Sequence[int]) -> tuple[int, int]:
    """Decode frames, a few at a time, and return their height and width."""
    for start in range(0, len(wanted), 32):
        frames = reader.get_batch(list(wanted[start : start + 32]))
    return frames.shape[1], frames.shape[2]
