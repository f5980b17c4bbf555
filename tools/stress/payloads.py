"""Files that would execute, or write elsewhere, if a loader or a tool let them."""

import builtins
import codecs
import functools
import importlib
import io
import operator
import os
import pickle
import runpy
import subprocess
import tempfile
import timeit
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.logging.history_buffer import HistoryBuffer
from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler
from mmengine.runner import find_latest_checkpoint
from mmengine.runner.checkpoint import CheckpointLoader
from scenario import Outcome

from dem_mmaction.evaluation import evaluate_dump
from dem_mmaction.robustness import RateResults
from dem_mmaction.utils import claim_folder, read_names


class _Call:
    """Pickles as a call."""

    def __init__(self, function: Callable, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> tuple:
        return self.call


def payloads(mark: Path) -> dict[str, Any]:
    """Objects whose pickles leave a file ``mark`` when they are executed."""
    touch, script = f'touch {mark}', mark.with_name('payload.py')
    script.write_text(f'open({str(mark)!r}, "w")\n')
    code = f'open({str(mark)!r}, "w")'
    call = _Call
    return {
        'os.system': call(os.system, touch),
        'os.popen': call(os.popen, touch),
        'os.mkdir': call(os.mkdir, str(mark)),
        'os.open': call(os.open, str(mark), os.O_CREAT),
        'os.execvp': call(os.spawnvp, os.P_WAIT, 'touch', ['touch', str(mark)]),
        'subprocess.Popen': call(subprocess.Popen, ['touch', str(mark)]),
        'subprocess.run': call(subprocess.run, ['touch', str(mark)]),
        'subprocess.getoutput': call(subprocess.getoutput, touch),
        'eval': call(eval, code),
        'exec': call(exec, code),
        'open': call(open, str(mark), 'w'),
        '__import__': call(builtins.__import__, 'payload'),
        'getattr of a class': call(getattr, subprocess.Popen, 'communicate'),
        'getattr of the allow-list': call(getattr, HistoryBuffer, '__init__'),
        'getattr of a schedule': call(getattr, OneCycleParamScheduler, '__globals__'),
        'a call of a call': call(functools.partial(eval, code)),
        'importlib': call(importlib.import_module, 'payload'),
        'runpy': call(runpy.run_path, str(script)),
        'timeit': call(timeit.timeit, code),
        'functools.partial': call(functools.partial, eval, code),
        'operator.methodcaller': call(operator.methodcaller('touch'), mark),
        'Path.touch': call(Path.touch, mark),
        'io.FileIO': call(io.FileIO, str(mark), 'w'),
        'codecs.open': call(codecs.open, str(mark), 'w'),
        'Config.fromfile': call(Config.fromfile, str(script)),
        'np.memmap': call(np.memmap, str(mark), np.uint8, 'w+', 0, 4),
        'torch.save': call(torch.save, 1, str(mark)),
        'zipfile': call(zipfile.ZipFile, str(mark), 'w'),
        'nested torch.load': call(torch.storage._load_from_bytes, _evil_bytes(touch)),
    }


def _evil_bytes(command: str) -> bytes:
    file = io.BytesIO()
    torch.save(_Call(os.system, command), file)
    return file.getvalue()


def _loaders() -> dict[str, Callable[[Path], Any]]:
    def resume(path: Path) -> Any:
        (path.parent / 'last_checkpoint').write_text(str(path))
        found = find_latest_checkpoint(str(path.parent))
        return CheckpointLoader.load_checkpoint(found, map_location='cpu')

    return {
        'load_checkpoint': lambda path: CheckpointLoader.load_checkpoint(
            str(path), map_location='cpu'
        ),
        'torch.load': torch.load,
        '--resume': resume,
        'evaluate_dump': evaluate_dump,
    }


def pickles() -> Iterator[Outcome]:
    """Every payload, as a bare pickle and as a zip archive, through every loader."""
    with tempfile.TemporaryDirectory() as name:
        mark = Path(name) / 'executed'
        for what, payload in payloads(mark).items():
            executed, refused, tries = False, 0, 0
            for zipped in (True, False):
                for inside in (
                    payload,
                    {'state_dict': {'a': payload}},
                    [{'a': payload}],
                ):
                    path = Path(name) / 'epoch_1.pth'
                    if zipped:
                        torch.save(inside, path)
                    else:
                        path.write_bytes(pickle.dumps(inside))
                    for load in _loaders().values():
                        tries += 1
                        try:
                            load(path)
                        except Exception:
                            refused += 1
                        if mark.exists():
                            executed = True
                            mark.rmdir() if mark.is_dir() else mark.unlink()
            yield Outcome(
                f'payload {what}',
                f'{tries} of {tries} refused, nothing executed',
                f'{refused} refused, executed: {executed}',
                lost=refused != tries,
                executed=executed,
            )


PATHS = ['..', '../x', '/abs', 'a;touch executed', '$(touch executed)', '`id`', 'a\tb']
PATHS += [
    'a\x1b[31m',
    'a\rb',
    'a\x00b',
    "a'b",
    'a"b',
    'a\\b',
    '-rf',
    '~',
    'a|b',
    'a\u2028b',
]


def texts() -> Iterator[Outcome]:
    """Lists, CSV files and class names that lead elsewhere."""
    from videos import write_video

    from dem_mmaction.datasets.preparation.copies import CopySettings
    from dem_mmaction.datasets.preparation.prepare import prepare
    from dem_mmaction.datasets.preparation.settings import CheckSettings
    from dem_mmaction.datasets.preparation.sources import SOURCES

    for odd in PATHS:
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            videos = root / 'in/videos'
            for i in range(4):
                write_video(videos / f'{i}.mp4')
            (root / 'in/l.csv').write_text(
                'path,label\n'
                + ''.join(
                    f'{i}.mp4,"{name}"\n'
                    for i, name in enumerate(['b', odd.replace('"', '""')] * 2)
                )
            )
            before = _tree(root)
            out = root / 'out/data'
            try:
                prepare(
                    SOURCES['folder'](),
                    out,
                    videos,
                    root / 'in/l.csv',
                    CopySettings(short_side=32),
                    CheckSettings(workers=1),
                )
                seen = 'taken'
            except ValueError as error:
                seen = f'refused: {error}'[:120]
            outside = {
                own
                for own in _tree(root) - before
                if not own.startswith('out/data') and own != 'out'
            }
            lines = out / 'classes.txt'
            shifted = lines.is_file() and len(read_names(lines)) != 2
            list_seen = _a_list(root, odd)
            yield Outcome(
                f'class and path {odd!r}',
                'taken or refused by name, nothing outside --out, classes.txt in step',
                f'{seen}; outside: {sorted(outside)}; {list_seen}',
                lost=shifted,
                executed=bool(outside) or (Path.cwd() / 'executed').exists(),
            )


def _a_list(root: Path, odd: str) -> str:
    path = root / 'list.txt'
    path.write_bytes(f'{odd} 0\n'.encode())
    try:
        dataset = DATASETS.build(
            dict(type='VideoListDataset', ann_file=str(path), pipeline=[])
        )
        return f'list: {len(dataset)} entry'
    except ValueError as error:
        return f'list refused: {str(error)[-60:]}'


def _tree(root: Path) -> set[str]:
    return {str(own.relative_to(root)) for own in root.rglob('*')}


def planted() -> Iterator[Outcome]:
    """Python files and damaged records in the folders that reports and resumes read."""
    with tempfile.TemporaryDirectory() as name:
        root, mark = Path(name), Path(name) / 'executed'
        for file in ('config.py', 'settings.py', 'conftest.py', 'torch.py', 'rates.py'):
            (root / file).write_text(f'open({str(mark)!r}, "w")\n')
        for content in (
            '',
            '[]',
            'null',
            '{',
            '\ufeff{}',
            '__import__("os")',
            '{"rates": 3}',
        ):
            for what, read in (
                ('rates.json', lambda: RateResults.load(root)),
                (
                    'settings.json',
                    lambda: claim_folder(root / 'settings.json', dict(a=1)),
                ),
            ):
                (root / what).write_text(content)
                try:
                    read()
                    seen = 'taken'
                except ValueError as error:
                    named = what in str(error) or str(root) in str(error)
                    seen = f'refused by name: {named}'
                yield Outcome(
                    f'{what} of {content!r}, beside planted Python files',
                    'refused by name',
                    seen,
                    lost='True' not in seen,
                    executed=mark.exists(),
                )
