"""Trainings and tests as processes of the command line tools, several at a time."""

import os
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import STDOUT, Popen

from mmengine.config import Config
from tqdm import tqdm

from dem_mmaction.utils import end_with_parent

from .folders import MIM, RunFolder


class JobError(RuntimeError):
    """A training or a test that failed."""


@dataclass
class Job:
    """One call of a tool with a config.

    Attributes:
        tool: File name below ``tools/``, e.g. ``'train.py'``.
        config: The config, kept as ``config.py`` in the working folder.
        work_dir: The working folder, where the output is kept in ``TOOL.log``.
        args: Arguments of the tool after the config.
        steps: Training iterations to come; 1 for a test.
        processes: Number of processes, started by torchrun where there are several.
        marker: A file to leave once the tool has ended well.
    """

    tool: str
    config: Config
    work_dir: Path
    args: Sequence[object] = ()
    steps: int = 1
    processes: int = 1
    marker: Path | None = None
    process: Popen | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        """Where the output of the tool goes."""
        return self.work_dir / f'{Path(self.tool).stem}.log'

    def start(self, threads: int) -> None:
        """Write the config and start the process.

        Args:
            threads: Number of threads for arithmetic.
        """
        self.work_dir.mkdir(parents=True, exist_ok=True)
        config = self.work_dir / 'config.py'
        self.config.dump(config)
        command = [sys.executable]
        if self.processes > 1:
            command += [
                '-m',
                'torch.distributed.run',
                f'--nproc_per_node={self.processes}',
            ]
        command += map(str, (MIM / 'tools' / self.tool, config, *self.args))
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
            self.process = Popen(
                command,
                stdout=log,
                stderr=STDOUT,
                env=environment,
                preexec_fn=end_with_parent,
            )

    def done(self) -> int:
        """Steps done so far."""
        if self.process is None:
            return 0
        if self.process.poll() == 0:
            return self.steps
        if self.tool != 'train.py' or self.steps == 1:
            return 0
        steps = (entry['step'] for entry in RunFolder(self.work_dir).logged())
        return min(self.steps, max(steps, default=0))

    def check(self) -> None:
        """Leave the marker if the process has ended well, raise if it has failed.

        Raises:
            JobError: With the last lines that the tool printed.
        """
        if self.process is None or self.process.poll() is None:
            return
        if self.process.returncode == 0:
            if self.marker is not None:
                self.marker.touch()
        else:
            lines = self.log.read_text(encoding='utf-8').splitlines()
            raise JobError(
                f'{self.tool} failed (exit code {self.process.returncode}); all it '
                f'said is in {self.log}. The end of it:\n' + '\n'.join(lines[-12:])
            )


def run_jobs(jobs: Sequence[Job], name: str, unit: str, parallel: int) -> None:
    """Run jobs with one progress bar.

    Args:
        jobs: What to run, in this order.
        name: What stands before the progress bar.
        unit: What a step is.
        parallel: Number of jobs at a time; they share the cores, unless
            ``OMP_NUM_THREADS`` says how many threads each may have.

    Raises:
        JobError: One of them failed; the others are ended.
    """
    if not jobs:
        return
    parallel = min(parallel, len(jobs))
    cores = (os.cpu_count() or 1) // max(1, parallel)
    threads = int(os.environ.get('OMP_NUM_THREADS', max(1, cores)))
    waiting, running = deque(jobs), []
    steps = sum(job.steps for job in jobs)
    pause = 0.1 if sys.stderr.isatty() else 30  # seconds between lines of a log
    try:
        with tqdm(total=steps, desc=name, unit=unit, mininterval=pause) as bar:
            while waiting or running:
                while waiting and len(running) < parallel:
                    running.append(waiting.popleft())
                    running[-1].start(threads)
                time.sleep(0.5)
                for job in running:
                    job.check()
                running = [job for job in running if job.process.poll() is None]
                bar.update(sum(job.done() for job in jobs) - bar.n)
    finally:
        for job in running:
            if job.process is not None and job.process.poll() is None:
                job.process.terminate()
                job.process.wait()
