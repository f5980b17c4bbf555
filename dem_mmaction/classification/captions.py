"""A video with the name of the leading class in each frame."""

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from dem_mmaction.datasets.transforms import VideoReadError
from dem_mmaction.utils import written_aside

from .timeline import Timeline
from .windows import FramesOnce


def write_captions(
    timeline: Timeline,
    path: Path,
    min_score: float = 0,
    progress: Callable[[Iterable], Iterable] = iter,
) -> None:
    """Write a video anew, without sound, with the segment of each frame in its corner.

    Args:
        timeline: The scores of the video.
        path: MP4 file to write.
        min_score: See :meth:`Timeline.segments`.
        progress: Shows how far it is, such as ``tqdm``.

    Raises:
        VideoReadError: The video has less frames now than when it was classified.
        OSError: The file cannot be written.
    """
    video = FramesOnce(timeline.video)
    if video.frames < timeline.frames:
        raise VideoReadError(timeline.video, 'it is no longer what was classified')
    captions = [''] * timeline.frames
    for own in timeline.segments(min_score):
        if own.name is not None:
            first, end = (round(time * timeline.fps) for time in (own.start, own.end))
            captions[first:end] = [f'{own.name}  {own.score:.2f}'] * (end - first)
    with written_aside(Path(path)) as aside:
        writer = None
        try:
            for index in progress(range(timeline.frames)):
                (frame,) = video.take(np.array([index]))
                if writer is None:
                    height, width = frame.shape[:2]
                    code = cv2.VideoWriter_fourcc(*'mp4v')
                    size = (width, height)
                    writer = cv2.VideoWriter(str(aside), code, timeline.fps, size)
                    if not writer.isOpened():
                        raise OSError(f"OpenCV cannot write the video '{path}'.")
                writer.write(_captioned(frame[..., ::-1], captions[index]))
        finally:
            if writer is not None:
                writer.release()


def _captioned(frame: np.ndarray, text: str) -> np.ndarray:
    """Write a line of text on a dark bar at the foot of a BGR frame."""
    frame = np.ascontiguousarray(frame)
    if not text:
        return frame
    height, width = frame.shape[:2]
    font, scale = cv2.FONT_HERSHEY_SIMPLEX, max(0.3, height / 480)
    (length, tall), below = cv2.getTextSize(text, font, scale, 1)
    scale *= min(1, 0.95 * width / length)
    bar = tall + 2 * below
    frame[height - bar :] = frame[height - bar :] // 3
    place = (int(0.02 * width), height - below)
    cv2.putText(frame, text, place, font, scale, (255,) * 3, 1, cv2.LINE_AA)
    return frame
