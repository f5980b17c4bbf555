"""Checking the files of a data set, each once as long as it does not change."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tqdm import tqdm

from ..processes import Failure, run_in_processes
from .check import DamagedVideo, VideoFacts, check_video
from .record import Record, stamp
from .settings import CheckSettings


def check_files(
    paths: Mapping[str, Path], record: Record, settings: CheckSettings
) -> dict[str, VideoFacts | str]:
    """Check files in processes, unless the record knows them.

    A file under several names is checked once. What is damaged is not recorded: the
    reason may pass, as that of a busy disk does.

    Args:
        paths: File of each entry, by the name of the entry.
        record: Facts of earlier calls; new ones are added.
        settings: How to check.

    Returns:
        Facts about each file, or the reason against it, by the name of the entry.
    """
    stamps = {name: stamp(path) for name, path in paths.items()}
    kind = ' every frame' if settings.every_frame else ''
    keys = {name: f'{stamps[name] or path}{kind}' for name, path in paths.items()}
    todo = {
        keys[name]: path
        for name, path in paths.items()
        if keys[name] not in record.known or stamps[name] is None
    }
    by_path = {path: key for key, path in todo.items()}
    work = run_in_processes(
        partial(check_video, every_frame=settings.every_frame),
        by_path,
        settings.processes,
        settings.limit,
        DamagedVideo,
    )
    failed = {}
    for path, result in tqdm(work, 'check', len(by_path), unit='video'):
        if isinstance(result, Failure):
            failed[by_path[path]] = result.reason
        else:
            record.add(by_path[path], asdict(result))
    return {
        name: failed[key]
        if key in failed
        else long_enough(record.known[key], settings.min_frames)
        for name, key in keys.items()
    }


def long_enough(known: Mapping, min_frames: int) -> VideoFacts | str:
    """Facts on record, or a reason against them where the frames are too few."""
    facts = VideoFacts(**known)
    if facts.frames < min_frames:
        plural = '' if facts.frames == 1 else 's'
        return f'only {facts.frames} frame{plural}, fewer than {min_frames}'
    return facts
