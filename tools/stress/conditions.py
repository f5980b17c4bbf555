"""The test of robustness: many videos and conditions, and kills in its middle."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from typing import Any, ClassVar

import torch
from forks import forked
from mmaction.registry import MODELS
from mmengine.config import Config
from resident import of_family
from scenario import Outcome
from videos import write_video

from dem_mmaction.robustness import ConditionResults, measure_robustness, suite

ROOT = Path(__file__).resolve().parents[2]
VIDEOS = 20  # read over and over


@MODELS.register_module()
class Watched(MODELS.get('Recognizer3D')):
    """A recognizer that notes the memory of its processes at every batch of clips."""

    seen: ClassVar[list[float]] = []

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """The predictions."""
        self.seen.append(of_family())
        return super().predict(*args, **kwargs)


def conditions(count: int = 1000, few: int = 60) -> Iterator[Outcome]:
    """Flat memory over 1,000 videos; the same file after kills."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i in range(VIDEOS):
            write_video(folder / f'{i}.mp4', 24)
        yield _with_flat_memory(folder, count)
        yield _killed(folder, few)


def _with_flat_memory(folder: Path, count: int) -> Outcome:
    config = _config(folder, count)
    config.model.type = Watched.__name__
    thirty = _thirty(config)
    Watched.seen.clear()
    start = time.monotonic()
    results = measure_robustness(config, thirty, folder / 'many')
    fifth = len(Watched.seen) // 5
    growth = max(Watched.seen[fifth:]) - max(Watched.seen[:fifth])
    tested = min(len(own.ranks) for own in results.results.values())
    return Outcome(
        f'{count:,} videos, {len(thirty)} conditions',
        'memory grows by less than 50 MB after a fifth',
        f'{growth:+.0f} MB, {max(Watched.seen):.0f} MB at most, {tested} videos '
        f'tested, {time.monotonic() - start:.0f} s',
        lost=growth > 50 or tested != count,
    )


def _killed(folder: Path, count: int) -> Outcome:
    def measure(where: str) -> None:
        config = _config(folder, count)
        measure_robustness(config, _thirty(config), folder / where, title='net')

    log = folder / 'log'
    start = time.monotonic()
    code = forked(lambda: measure('whole'), log)
    took = time.monotonic() - start
    kills = [
        forked(lambda: measure('killed'), log, kill_after=share * took) == -SIGKILL
        for share in (0.9, 0.5, 0.7)
    ]
    again = forked(lambda: measure('killed'), log)
    files = [folder / own / ConditionResults.FILE for own in ('whole', 'killed')]
    there = [file.read_bytes() for file in files if file.exists()]
    same = len(there) == 2 and there[0] == there[1]
    return Outcome(
        f'{count} videos, killed in the middle',
        'the file of a call that was not',
        f'{sum(kills)} kills, codes {code} and {again}, '
        f'{"the same" if same else "another"} file',
        lost=not (same and any(kills)),
        hung=again is None,
    )


def _thirty(config: Config) -> list:
    return suite('temporal', config.test_dataloader.dataset.pipeline)[:30]


def _config(folder: Path, count: int) -> Config:
    """A small network with weights of its own, the same each time, and its list."""
    config = Config.fromfile(ROOT / 'configs/probe/r2p1d_probe.py')
    config.model.backbone.update(base_channels=2)
    config.model.cls_head.update(in_channels=16)
    ann_file = folder / f'{count}.txt'
    ann_file.write_text(
        ''.join(f'{i % VIDEOS}.mp4 {i % 8} motion=steady\n' for i in range(count))
    )
    loader = config.test_dataloader
    loader.dataset.ann_file = str(ann_file)
    loader.batch_size = 8
    for step in loader.dataset.pipeline:
        if 'num_clips' in step:
            step.update(num_clips=1, clip_len=8)
        if 'meta_keys' in step:
            step.meta_keys = ('img_shape', 'filename', 'frame_interval')
    config.test_evaluator = dict(type='ClipVideoAccuracy')
    torch.manual_seed(0)
    weights = MODELS.build(config.model).state_dict()
    torch.save(dict(state_dict=weights), folder / 'net.pth')
    config.load_from, config.work_dir = str(folder / 'net.pth'), str(folder / 'logs')
    config.log_level = 'ERROR'
    return config
