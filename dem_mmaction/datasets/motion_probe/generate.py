"""Writing of a probe: videos, annotation lists and parameters."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

import cv2
from tqdm import tqdm

from ...utils import claim_folder, end_with_parent, write_text, written_aside
from ..processes import num_cores, one_opencv_thread
from .render import render_video
from .spec import SPLITS, VideosSpec, video_info

#: Raised by one when the same parameters come to mean other videos.
FORMAT_VERSION = 1

_FPS = 24
# MPEG-4 part 2: in every OpenCV, and with a key frame every 12 frames.
_CODEC = 'mp4v'


def generate_probe(
    out_dir: str | os.PathLike,
    spec: VideosSpec,
    workers: int | None = None,
    progress: bool = True,
) -> dict[str, Path]:
    """Write a probe, or the part of it that is missing.

    The folder holds ``videos/<split>/<index>.mp4``, an annotation list ``<split>.txt``
    for each split with videos, ``classes.txt`` with one name a line in label order, and
    the parameters as ``probe.json``. A line of a list reads ``path label key=value
    ...``, with the keys ``profile``, ``motion`` (steady or varied), ``speed`` (mean, in
    periods per frame) and, of dots, ``coherence``::

        videos/train/00012.mp4 4 profile=accelerating motion=varied speed=0.0123

    Every file is written aside and renamed, so that a file that is there is complete:
    after an interruption, the same call goes on. A list appears when all of its videos
    are there. One call at a time may write to a folder.

    Args:
        out_dir: Folder to write to.
        spec: Parameters of the probe.
        workers: Number of processes; the files do not depend on it. By default None,
            one a core.
        progress: Whether to show a progress bar, default True.

    Returns:
        Path of the annotation list of each split with videos.

    Raises:
        ValueError: ``workers`` is below 1, or the folder holds a probe made with other
            parameters.
        OSError: A file cannot be written.
    """
    if workers is None:
        workers = num_cores()
    if workers < 1:
        raise ValueError(f'workers={workers}: expected at least 1')
    out_dir = Path(out_dir)
    _claim_folder(out_dir, spec)

    counts = {split: getattr(spec, split) for split in SPLITS}
    counts = {split: count for split, count in counts.items() if count}
    infos = {
        split: [video_info(spec, split, index) for index in range(count)]
        for split, count in counts.items()
    }
    todo = [
        (split, info.index)
        for split in infos
        for info in infos[split]
        if not (out_dir / info.path).exists()
    ]

    total = sum(counts.values())
    with tqdm(
        desc='motion probe',
        unit='video',
        total=total,
        initial=total - len(todo),
        disable=not progress,
    ) as bar:
        for _ in _write_videos(out_dir, spec, todo, workers):
            bar.update()

    write_text(out_dir / 'classes.txt', '\n'.join(spec.class_names) + '\n')
    lists = {split: out_dir / f'{split}.txt' for split in infos}
    for split, path in lists.items():
        write_text(path, ''.join(f'{i.annotation}\n' for i in infos[split]))
    return lists


def _claim_folder(out_dir: Path, spec: VideosSpec) -> None:
    """Record the parameters, or make sure that those on record are the same."""
    record = out_dir / 'probe.json'
    if (out_dir / 'videos').exists() and not record.exists():
        raise ValueError(
            f'{out_dir} holds videos but no probe.json: choose another folder'
        )
    settings = dict(format_version=FORMAT_VERSION, kind=spec.kind, **asdict(spec))
    # Of a time when there was one kind, with one set of classes.
    older = dict(kind='shapes', classes='single')
    claim_folder(record, settings, {k: v for k, v in older.items() if k in settings})


def _write_videos(
    out_dir: Path, spec: VideosSpec, todo: list[tuple[str, int]], workers: int
) -> Iterator[None]:
    """Write videos, and yield after each."""
    write = partial(_write_video, out_dir, spec)
    with one_opencv_thread():
        if min(workers, len(todo)) <= 1:
            yield from map(write, todo)
            return
        with ProcessPoolExecutor(
            min(workers, len(todo)), initializer=_start_worker
        ) as pool:
            yield from pool.map(write, todo)


def _start_worker() -> None:
    cv2.setNumThreads(1)  # where processes are not forked
    end_with_parent()


def _write_video(out_dir: Path, spec: VideosSpec, video: tuple[str, int]) -> None:
    """Draw and encode one video."""
    frames, info = render_video(spec, *video)
    with written_aside(out_dir / info.path) as aside:
        writer = cv2.VideoWriter(
            str(aside), cv2.VideoWriter_fourcc(*_CODEC), _FPS, spec.size
        )
        if not writer.isOpened():
            raise OSError(
                f'cannot write {aside}: the folder is not writable, or '
                f'this OpenCV has no {_CODEC} encoder'
            )
        for frame in frames:
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        writer.release()

        # The writer keeps a full disk to itself.
        reader = cv2.VideoCapture(str(aside))
        written = int(reader.get(cv2.CAP_PROP_FRAME_COUNT))
        reader.release()
        if written != spec.frames:
            raise OSError(
                f'{aside} holds {written} of {spec.frames} frames: is the disk full?'
            )
