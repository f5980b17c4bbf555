"""Small videos for tests, whole and damaged."""

from pathlib import Path

import cv2
import numpy as np


def write_video(path: Path, frames: int = 12, size: tuple[int, int] = (32, 32)) -> Path:
    """Write an MP4 file of a moving square, other for each name of a file.

    Args:
        path: The file, whose folder is made.
        frames: Number of frames.
        size: Width and height in pixels.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 24, size)
    start = sum(path.stem.encode()) % max(1, width // 2)
    for t in range(frames):
        frame = np.full((height, width, 3), 30, np.uint8)
        frame[: height // 2, (start + t) % width :] = 200
        writer.write(frame)
    writer.release()
    return path


def write_list(folder: Path, videos: int = 8, bad: tuple[int, ...] = ()) -> Path:
    """Write a list of videos of two classes; those of ``bad`` are no videos."""
    lines = []
    for i in range(videos):
        path = folder / f'{i:03}.mp4'
        if i in bad:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b'not a video')
        else:
            write_video(path)
        lines.append(f'{path.name} {i % 2}\n')
    ann_file = folder / 'train.txt'
    ann_file.write_text(''.join(lines))
    return ann_file
