"""A training config put on the videos of folders, for runs that are only timed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.config import Config

from dem_mmaction.datasets.preparation.files import find_files


def on_videos(
    config: str,
    folders: Sequence[Path],
    work_dir: Path,
    lines: int,
    options: Mapping | None = None,
) -> Config:
    """The config with made-up labels for real videos, without validation.

    Args:
        config: Path of a config of this project.
        folders: Where the videos are; files that are none are left out.
        work_dir: Of the runs; the annotation list is written there.
        lines: Of the list. Videos come again until it is full.
        options: As ``--cfg-options``.

    Raises:
        SystemExit: There are no videos.
    """
    videos = [
        path.resolve()
        for folder in folders
        for path in find_files(folder).paths
        if path.suffix in ('.mp4', '.avi', '.mkv', '.webm')
    ]
    if not videos:
        raise SystemExit(f'No videos in {[str(folder) for folder in folders]}.')
    work_dir.mkdir(parents=True, exist_ok=True)
    annotations = work_dir / 'videos.txt'
    annotations.write_text(
        ''.join(f'{videos[i % len(videos)]} {i % 2}\n' for i in range(lines))
    )
    made = Config.fromfile(config)
    for loader in ('train_dataloader', 'test_dataloader'):
        made[loader].dataset.update(ann_file=str(annotations))
    made.val_dataloader = made.val_cfg = made.val_evaluator = None
    made.work_dir = str(work_dir)
    made.merge_from_dict(dict(options or {}))
    return made


def clips_a_video(config: Config) -> int:
    """Clips that the training pipeline takes from a video."""
    return next(
        step.num_clips
        for step in config.train_dataloader.dataset.pipeline
        if step.type == 'SampleFrames'
    )
