"""Other processes: a worker that stands still or ends, a second call in a folder."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from forks import forked
from mmaction.registry import DATASETS
from mmengine.dataset import pseudo_collate
from scenario import Outcome
from torch.utils.data import DataLoader
from video_training import PIPELINE
from videos import write_list

from dem_mmaction.datasets import Notes, WatchedLoader, WorkerLostError
from dem_mmaction.utils import FolderInUseError, locked


def workers() -> Iterator[Outcome]:
    """Workers that are lost with a file: the wait for them ends, and names it."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            ann_file, said = write_list(folder, 6), folder / 'said'

            def read(number=number, ann_file=ann_file, said=said) -> None:
                steps = [_to_its_worker(number), *PIPELINE]
                dataset = DATASETS.build(
                    dict(
                        type='VideoListDataset', ann_file=str(ann_file), pipeline=steps
                    )
                )
                notes = Notes(1)
                dataset.guard(60.0, True, notes)
                loader = DataLoader(dataset, num_workers=1, collate_fn=pseudo_collate)
                try:
                    list(WatchedLoader(loader, notes, 5.0))
                except WorkerLostError as error:
                    said.write_text(str(error))

            start = time.monotonic()
            code = forked(read, folder / 'log')
            words = said.read_text() if said.exists() else ''
            yield Outcome(
                f'a worker gets {number.name}',
                'the wait ends, 002.mp4 named',
                f'code {code}, {time.monotonic() - start:.0f} s, {words[:90]}',
                lost='002.mp4' not in words,
                hung=code is None,
            )


def _to_its_worker(number: signal.Signals) -> Callable[[dict], dict]:
    def step(info: dict) -> dict:
        if info['filename'].endswith('002.mp4'):
            os.kill(os.getppid(), number)  # this is the child that reads for it
            time.sleep(60)
        return info

    return step


def locks() -> Iterator[Outcome]:
    """A second call in a folder is refused, and let in once the first has ended."""
    with tempfile.TemporaryDirectory() as name:
        folder, said = Path(name) / 'work', Path(name) / 'said'
        folder.mkdir()

        def call() -> None:
            try:
                with locked(folder, patience=1):
                    said.write_text('in')
            except FolderInUseError as error:
                said.write_text(str(error))

        seen = []
        with locked(folder):
            codes = [forked(call, Path(name) / 'log')]
            seen.append(said.read_text())
        codes.append(forked(call, Path(name) / 'log'))
        seen.append(said.read_text())
        yield Outcome(
            'two calls in a folder',
            'the second is refused by name, a third goes in',
            f'codes {codes}, {seen}',
            lost=str(folder) not in seen[0] or seen[1] != 'in',
            hung=None in codes,
        )
