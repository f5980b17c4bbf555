"""Trainings and tests as processes of the command line tools, several at a time."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

# configs/ and tools/, in a clone as in an installed package
MIM = Path(__file__).resolve().parents[1] / '.mim'

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class RunError(RuntimeError):
    """A training or a test that failed."""


@dataclass
class Run:
    """One call of a tool.

    Attributes:
        tool: File name below ``tools/``, e.g. ``'train.py'``.
        args: Its arguments.
        work_dir: Its working folder, where its output is kept in ``TOOL.log``.
        steps: Training iterations to come; 1 for a test.
        processes: Started by torchrun where there are several.
        marker: A file to leave once it has ended well.
    """

    tool: str
    args: Sequence[object]
    work_dir: Path
    steps: int = 1
    processes: int = 1
    marker: Path | None = None
    process: subprocess.Popen | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        """Where the output of the tool goes."""
        return self.work_dir / f'{Path(self.tool).stem}.log'

    def start(self, threads: int) -> None:
        """Start the process, with so many threads for arithmetic."""
        self.work_dir.mkdir(parents=True, exist_ok=True)
        command = [sys.executable]
        if self.processes > 1:
            command += [
                '-m',
                'torch.distributed.run',
                f'--nproc_per_node={self.processes}',
            ]
        command += [str(MIM / 'tools' / self.tool), *map(str, self.args)]
        command += ['--work-dir', str(self.work_dir)]
        if self.processes > 1:
            command += ['--launcher', 'pytorch']
        environment = dict(
            os.environ,
            OMP_NUM_THREADS=str(threads),
            MKL_NUM_THREADS=str(threads),
            PYTHONWARNINGS='ignore',
            PYTHONPATH=os.pathsep.join(filter(None, sys.path)),
        )
        with open(self.log, 'w', encoding='utf-8') as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                preexec_fn=_end_with_parent,
            )

    def done(self) -> int:
        """Steps done so far."""
        if self.process is None:
            return 0
        if self.process.poll() == 0:
            return self.steps
        if self.tool != 'train.py' or self.steps == 1:
            return 0
        steps = (entry['step'] for entry in logged(self.work_dir))
        return min(self.steps, max(steps, default=0))

    def check(self) -> None:
        """Leave the marker if the process has ended well, raise if it has failed.

        Raises:
            RunError: With the last lines that the tool printed.
        """
        if self.process is None or self.process.poll() is None:
            return
        if self.process.returncode == 0:
            if self.marker is not None:
                self.marker.touch()
        else:
            lines = self.log.read_text(encoding='utf-8').splitlines()
            raise RunError(
                f'{self.tool} failed (exit code {self.process.returncode}); all it '
                f'said is in {self.log}. The end of it:\n' + '\n'.join(lines[-12:])
            )


def _end_with_parent() -> None:
    """End this process when the one that started it is killed, on Linux.

    It would go on, and a second one be started beside it.
    """
    if sys.platform == 'linux':
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def claim(folder: Path, settings: Mapping[str, Any]) -> None:
    """Note the settings of runs in their folder, or refuse a folder of others.

    Args:
        folder: Made where there is none.
        settings: What the results depend on, beside the code.

    Raises:
        ValueError: The folder is of runs with other settings.
    """
    path = folder / 'settings.json'
    text = json.dumps(settings, indent=1) + '\n'
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return
    found = json.loads(path.read_text())
    for key, value in json.loads(text).items():  # where a tuple is a list
        if found.get(key) != value:
            raise ValueError(
                f'{folder} is of a run with {key}={found.get(key)}, not {value}: '
                'take another --work-dir, or delete it.'
            )


def logged(work_dir: Path) -> Iterator[dict[str, float]]:
    """What a training has logged in its working folder, in the order of time.

    Entries of training iterations have the ``epoch``, those of validations none; both
    have the ``step``, which is the epoch for a validation.
    """
    for path in sorted(work_dir.glob('*/vis_data/scalars.json')):
        for line in path.read_text(encoding='utf-8').splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue  # the line is being written
            if 'step' in entry:
                yield entry


def run_all(runs: Sequence[Run], name: str, unit: str, parallel: int) -> None:
    """Run them, so many at a time, with one progress bar.

    Args:
        runs: What to run, in this order.
        name: Of the progress bar.
        unit: What a step is.
        parallel: Processes at a time; they share the cores.

    Raises:
        RunError: One of them failed; the others are ended.
    """
    if not runs:
        return
    parallel = min(parallel, len(runs))
    threads = max(1, (os.cpu_count() or 1) // max(1, parallel))
    waiting, running = deque(runs), []
    try:
        with tqdm(total=sum(run.steps for run in runs), desc=name, unit=unit) as bar:
            while waiting or running:
                while waiting and len(running) < parallel:
                    running.append(waiting.popleft())
                    running[-1].start(threads)
                time.sleep(0.5)
                for run in running:
                    run.check()
                running = [run for run in running if run.process.poll() is None]
                bar.update(sum(run.done() for run in runs) - bar.n)
    finally:
        for run in running:
            if run.process is not None and run.process.poll() is None:
                run.process.terminate()
                run.process.wait()
