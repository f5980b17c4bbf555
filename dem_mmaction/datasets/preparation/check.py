"""Checking a video: what it holds, or what is wrong with it."""

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import decord
from av.stream import Disposition

# An AVI header may count a few frames that hold nothing; a cut file lacks more.
_COMPLETE = 0.98


class DamagedVideo(ValueError):
    """A video that cannot be used, and why."""


@dataclass(frozen=True)
class VideoFacts:
    """What a usable video holds.

    Attributes:
        frames: That the decoder of the training finds.
        width: In pixels.
        height: In pixels.
        fps: Frames a second, on average.
    """

    frames: int
    width: int
    height: int
    fps: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.frames / self.fps


def check_video(path: Path, every_frame: bool = False) -> VideoFacts:
    """Open a video, count its frames, decode some.

    The frames that its header promises are compared with the packets that are there,
    which shows a file that was cut off, and the first, middle and last frame are
    decoded by the decoder of the training.

    Args:
        path: The file.
        every_frame: Decode all frames, which also shows damage inside.

    Raises:
        DamagedVideo: It cannot be used; in the decoder's words, where those say it.
    """
    check_file(path)
    check_packets(path)
    try:
        reader = decord.VideoReader(str(path), num_threads=1)
        count = len(reader)
        if count < 1:
            raise DamagedVideo('no frames')
        wanted = range(count) if every_frame else sorted({0, count // 2, count - 1})
        shape = _decode(reader, wanted)
        return VideoFacts(count, shape[1], shape[0], float(reader.get_avg_fps()))
    except decord.DECORDError as error:
        raise DamagedVideo(_first_line(error)) from error


def check_file(path: Path) -> None:
    """Refuse what is no file with something in it.

    Raises:
        DamagedVideo: A folder, a link that leads nowhere, an empty file ...
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
    """Refuse a video of which packets are missing.

    Raises:
        DamagedVideo: No video stream, or it ends before the header says.
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
            promised, whole = stream.frames, _seconds(container, stream)
            found, end = 0, 0
            for packet in container.demux(stream):
                if packet.size:
                    found += 1
                    if packet.is_corrupt:
                        raise DamagedVideo(f'cut off in frame {found}')
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
        raise DamagedVideo(error.strerror or _first_line(error)) from error


def _seconds(
    container: av.container.InputContainer, stream: av.VideoStream
) -> float | None:
    """How long the picture should be; None where only the sound may say so."""
    note = stream.metadata.get('DURATION', '')
    parts = note.split(':')
    if len(parts) == 3:
        hours, minutes, seconds = map(float, parts)
        return 3600 * hours + 60 * minutes + seconds
    if container.duration and len(container.streams) == 1:
        return container.duration / av.time_base
    return None


def _decode(reader: decord.VideoReader, wanted: Sequence[int]) -> tuple[int, int]:
    """Decode frames, a few at a time; their height and width."""
    for start in range(0, len(wanted), 32):
        frames = reader.get_batch(list(wanted[start : start + 32]))
    return frames.shape[1], frames.shape[2]


def _first_line(error: Exception) -> str:
    """What a decoder says, without the place in its source and its stack."""
    words = (str(error).strip() or type(error).__name__).splitlines()[0]
    return re.sub(r'^(\[[\d:]+\] \S+:\d+: )+(\[.*?\] )?', '', words)
