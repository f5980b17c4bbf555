"""Training configs that read the videos of given folders, to time runs of them."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from alternating import ROOT
from mmengine.config import Config, DictAction

from dem_mmaction.datasets.preparation.files import find_files


def parser(description: str) -> argparse.ArgumentParser:
    """Make a parser with the options of every benchmark that runs a config."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument('videos', type=Path, nargs='+', help='folders')
    made.add_argument('--config', default=str(ROOT / 'configs/r2p1d_dem_minik.py'))
    made.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='e.g. train_dataloader.num_workers=16 model.backbone.base_channels=8',
    )
    return made


def on_videos(
    config: str,
    folders: Sequence[Path],
    work_dir: Path,
    lines: int,
    options: Mapping | None = None,
) -> Config:
    """Let a config read real videos with made-up labels, without validation.

    Args:
        config: Path of a config of this project.
        folders: Folders of videos; other files in them are left out.
        work_dir: Folder of the runs, where the annotation list is written, too.
        lines: Length of the list. Videos are repeated until it is full.
        options: Options as of ``--cfg-options``.

    Returns:
        The changed config.

    Raises:
        SystemExit: There are no videos in the folders.
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
    """Return how many clips the training pipeline takes from a video."""
    return next(
        step.num_clips
        for step in config.train_dataloader.dataset.pipeline
        if step.type == 'SampleFrames'
    )
