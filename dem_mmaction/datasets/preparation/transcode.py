"""Copies of videos that decode fast: small, and with many key frames."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ...utils import written_aside
from .check import DamagedVideo, VideoFacts, check_video
from .settings import CopySettings


def copy_size(width: int, height: int, short_side: int) -> tuple[int, int]:
    """Width and height of a copy: even, in the same proportion, never enlarged."""
    scale = min(1.0, short_side / min(width, height))
    return tuple(
        2 * max(1, min(side // 2, round(side * scale / 2))) for side in (width, height)
    )


def transcode(
    source: Path,
    target: Path,
    settings: CopySettings,
    segment: tuple[float, float] | None = None,
    frames: int | None = None,
) -> VideoFacts:
    """Write a copy of a video, complete and checked or not at all.

    Args:
        source: The video, which stays as it is.
        target: Path of the copy, ending in ``.mp4``; written aside and renamed.
        settings: What the copy is like.
        segment: Start and end in seconds of what is kept. None: everything.
        frames: Number of frames the copy should have; one fewer is accepted, because
            decord counts one too many in some AVI files. None: any number.

    Returns:
        Facts about the copy, which holds the frames of the original one for one.

    Raises:
        DamagedVideo: The decoder stopped or left frames out, or the segment holds none.
        OSError: The copy cannot be written.
    """
    with written_aside(target) as aside:
        try:
            count = _write(source, aside, settings, segment)
        except av.error.FFmpegError as error:
            if error.filename and Path(error.filename) == aside:
                raise OSError(error.errno, error.strerror, str(target)) from error
            raise DamagedVideo(error.strerror) from error
        if not count:
            raise DamagedVideo('no frames in the segment' if segment else 'no frames')
        if frames is not None and count < frames - 1:
            raise DamagedVideo(f'only {count} of {frames} frames can be decoded')
        facts = check_video(aside)
        if facts.frames != count:
            raise DamagedVideo(f'the copy has {facts.frames} frames instead of {count}')
    return facts


def _write(
    source: Path,
    aside: Path,
    settings: CopySettings,
    segment: tuple[float, float] | None,
) -> int:
    """Write the copy and return its number of frames."""
    count = 0
    options = dict(movflags='faststart')
    with (
        av.open(str(source), metadata_errors='ignore') as reading,
        av.open(str(aside), 'w', options=options) as writing,
    ):
        video = reading.streams.video[0]
        rate = video.average_rate or Fraction(25)
        stream = None
        for frame in reading.decode(video):
            if segment and frame.time is not None:
                if frame.time < segment[0]:
                    continue
                if frame.time >= segment[1]:
                    break
            if frame.rotation:  # as phones note it; the copy is upright
                turned = np.rot90(
                    frame.to_ndarray(format='rgb24'), frame.rotation // 90
                )
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(turned))
            if stream is None:
                # Frames in the order they are shown; without mbtree, whose results
                # differ from run to run.
                stream = writing.add_stream(
                    'libx264',
                    rate=rate,
                    options=dict(
                        crf=str(settings.quality),
                        preset='veryfast',
                        tune='fastdecode',
                        bf='0',
                        mbtree='0',
                    ),
                )
                stream.width, stream.height = copy_size(
                    frame.width, frame.height, settings.short_side
                )
                stream.pix_fmt = 'yuv420p'
                stream.codec_context.gop_size = settings.key_frames
                stream.codec_context.thread_count = 1
            # One by one, whatever the times of the original were.
            copied = frame.reformat(stream.width, stream.height, 'yuv420p')
            copied.pts, copied.time_base = count, 1 / Fraction(rate)
            copied.pict_type = av.video.frame.PictureType.NONE
            writing.mux(stream.encode(copied))
            count += 1
        if stream is not None:
            writing.mux(stream.encode(None))
    return count
