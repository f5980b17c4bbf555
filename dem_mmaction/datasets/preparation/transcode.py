"""Copies of videos that decode fast: small, and with many key frames."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from .check import DamagedVideo, VideoFacts, check_video


@dataclass(frozen=True)
class CopySettings:
    """What copies are like.

    Attributes:
        short_side: Pixels; a smaller video keeps its size. 154 is the height of the
            largest size of the thesis's jitter, 171x128 times 1.2.
        key_frames: Distance between key frames. Reading a clip decodes up to so many
            frames more; decord seeks at every key frame between frames that it is
            asked for, so that a short distance is slow at a high sub-sampling rate.
        quality: Of x264, lower is better (its CRF).
        trim: Cut to the annotated segment what is longer.
    """

    short_side: int = 154
    key_frames: int = 16
    quality: int = 20
    trim: bool = False

    def __post_init__(self) -> None:
        if self.short_side < 32:
            raise ValueError(f'--short-side {self.short_side} must be 32 or more.')
        if self.key_frames < 1:
            raise ValueError(f'--key-frames {self.key_frames} must be 1 or more.')
        if not 0 <= self.quality <= 51:
            raise ValueError(f'--quality {self.quality} must be 0 to 51.')


def copy_size(width: int, height: int, short_side: int) -> tuple[int, int]:
    """Width and height of a copy: even, in the same proportion, never enlarged."""
    scale = min(1.0, short_side / min(width, height))
    return tuple(
        2 * max(1, min(side // 2, round(side * scale / 2))) for side in (width, height)
    )


def part_of(target: Path) -> Path:
    """Where a copy is while it is being written."""
    return target.with_name(target.name + '.part')


def transcode(
    source: Path,
    target: Path,
    settings: CopySettings,
    segment: tuple[float, float] | None = None,
    frames: int | None = None,
) -> VideoFacts:
    """Write a copy of a video, complete and checked or not at all.

    Args:
        source: The video; not touched.
        target: An ``.mp4``; written aside and renamed.
        settings: What it is like.
        segment: Start and end in seconds, to keep only that.
        frames: As many as the copy should have, give or take the one too many that the
            decoder counts in some AVI files. None: any.

    Returns:
        What the copy holds: the frames of the original, one for one.

    Raises:
        DamagedVideo: The decoder stopped or left frames out, or the segment holds none.
        OSError: The copy cannot be written.
    """
    aside = part_of(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        count = _write(source, aside, settings, segment)
        if not count:
            raise DamagedVideo('no frames in the segment' if segment else 'no frames')
        if frames is not None and count < frames - 1:
            raise DamagedVideo(f'only {count} of {frames} frames can be decoded')
        facts = check_video(aside)
        if facts.frames != count:
            raise DamagedVideo(f'the copy has {facts.frames} frames instead of {count}')
        aside.replace(target)
    except av.error.FFmpegError as error:
        if error.filename and Path(error.filename) == aside:
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise DamagedVideo(error.strerror) from error
    finally:
        aside.unlink(missing_ok=True)
    return facts


def _write(
    source: Path,
    aside: Path,
    settings: CopySettings,
    segment: tuple[float, float] | None,
) -> int:
    count = 0
    options = dict(movflags='faststart')
    with (
        av.open(str(source), metadata_errors='ignore') as reading,
        av.open(str(aside), 'w', format='mp4', options=options) as writing,
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
