"""What tests share: the root of the checkout, calls of the command line tools."""

import functools
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import forked
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from dem_mmaction.models import DEM

ROOT = Path(__file__).resolve().parents[1]
#: The configs that can be run; those of MMAction2's own networks apart.
LEAVES = sorted(
    path for path in (ROOT / 'configs').rglob('*.py') if '_base_' not in path.parts
)
COMPARED = [path for path in LEAVES if path.parent.name == 'mmaction2']
CONFIGS = [path for path in LEAVES if path not in COMPARED]
#: Their paths below the checkout.
NAMES = [str(path.relative_to(ROOT)) for path in CONFIGS]


def run_command(
    *command: object,
    cwd: Path,
    fails: bool = False,
    timeout: float = 300,
    **environment: str,
) -> str:
    """Run a command in a process of its own; Pythons in it find the package.

    Args:
        command: The program and its arguments.
        cwd: Its working folder.
        fails: Whether it must fail; otherwise it must end well.
        timeout: Seconds it may take.
        environment: Variables to set beside those of this process.

    Returns:
        What it printed, its errors at the end.
    """
    own = dict(
        PYTHON=sys.executable,
        PYTHONPATH=str(ROOT),
        PYTHONWARNINGS='ignore',
        OMP_NUM_THREADS='1',
    )
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **own, **environment},
    )
    printed = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, printed[-4000:]
    return printed


def run_python(*args: object, **kwargs: object) -> str:
    """Run this Python: a script and its arguments, or ``-m``, or ``-c``.

    See :func:`run_command` for the keyword arguments.
    """
    return run_command(sys.executable, *args, **kwargs)


def run_tool(
    tool: object,
    *args: object,
    cwd: Path,
    fails: bool = False,
    timeout: float = 300,
    ranks: int = 1,
) -> str:
    """Run a tool below ``tools/`` in a process that has the package imported already.

    That saves the seconds of the import. ``tests/test_tools/test_launchers.py`` starts
    the tools as a user does.

    Args:
        tool: Path of the script below ``tools/``, or its full path.
        args: Its arguments.
        cwd: Its working folder, from which it can import.
        fails: Whether it must fail; otherwise it must end well.
        timeout: Seconds it may take.
        ranks: Number of processes, with the variables that torchrun would set.

    Returns:
        What it printed, its errors at the end; rank after rank.
    """
    command = [str(ROOT / 'tools' / tool), *map(str, args)]
    with tempfile.TemporaryDirectory() as folder:
        variables = [{}] if ranks == 1 else _ranks(ranks)
        outputs = [
            [Path(folder) / f'{name}{rank}' for name in ('stdout', 'stderr')]
            for rank in range(ranks)
        ]
        processes = [
            _fork(command, cwd, {**os.environ, 'PYTHONPATH': str(cwd), **own}, paths)
            for own, paths in zip(variables, outputs, strict=True)
        ]
        end = time.monotonic() + timeout
        for process in processes:
            process.join(max(0, end - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
        written = [path for paths in outputs for path in paths if path.exists()]
        printed = ''.join(path.read_text() for path in written)
    for process in processes:
        code = process.exitcode
        assert code >= 0, f'ended by signal {-code}: {printed[-4000:]}'
        assert (code != 0) == fails, printed[-4000:]
    return printed


def free_port() -> str:
    """Return a port that no other process, of another checkout's tests, listens to."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        return str(free.getsockname()[1])


def _ranks(number: int) -> list[dict[str, str]]:
    """Return the variables by which the processes of one training find each other."""
    common = dict(
        MASTER_ADDR='127.0.0.1', MASTER_PORT=free_port(), WORLD_SIZE=str(number)
    )
    ranks = map(str, range(number))
    return [dict(common, RANK=rank, LOCAL_RANK=rank) for rank in ranks]


def start_tool(tool: object, *args: object, cwd: Path) -> BaseProcess:
    """Start a tool as :func:`run_tool` does; the leader of its own process group.

    Args:
        tool: Path of the script below ``tools/``, or its full path.
        args: Its arguments.
        cwd: Its working folder, from which it can import.

    Returns:
        The process; what it prints is lost.
    """
    command = [str(ROOT / 'tools' / tool), *map(str, args)]
    variables = {**os.environ, 'PYTHONPATH': str(cwd)}
    return _fork(command, cwd, variables, [Path(os.devnull)] * 2)


class ForkedPopen:
    """A :class:`subprocess.Popen` as far as the package uses it, forked as tools are.

    Args:
        command: This Python, the script and its arguments.
        stdout: The open file that gets all that is printed.
        env: All variables.
        others: Further arguments of ``Popen`` make no difference.
    """

    def __init__(self, command, stdout, env, **others):
        assert command[0] == sys.executable
        paths = [Path(stdout.name)] * 2
        self._process = _fork(command[1:], Path.cwd(), env, paths)
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int:
        self._process.join()
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()


def _fork(command, cwd, environment, outputs):
    """Start a script in a process that is forked from the server."""
    process = _server().Process(
        target=forked.run_script, args=(command, cwd, environment, outputs)
    )
    process.start()
    return process


@functools.cache
def _server() -> BaseContext:
    """Start the process that is forked for each tool."""
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['forked'])
    before = dict(os.environ)
    path = os.pathsep.join(map(str, (ROOT, ROOT / 'tests')))
    os.environ.update(PYTHONPATH=path, PYTHONWARNINGS='ignore', OMP_NUM_THREADS='1')
    try:
        forkserver.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return context


def conv_weights(module: nn.Module) -> int:
    """Count the weights of all convolutions in a module; biases are no weights."""
    return sum(
        part.weight.numel()
        for part in module.modules()
        if isinstance(part, (nn.Conv1d, nn.Conv2d, nn.Conv3d))
    )


def datasets(config):
    """The config of the data set of each loader."""
    for name in ('train', 'val', 'test'):
        if config.get(f'{name}_dataloader'):
            yield config[f'{name}_dataloader'].dataset


def trained(module):
    """With batch statistics, affine parameters and scales as after some training."""
    generator = torch.Generator().manual_seed(0)
    for part in module.modules():
        if isinstance(part, _BatchNorm):
            part.running_mean.normal_(generator=generator)
            part.running_var.uniform_(0.5, 2, generator=generator)
            nn.init.uniform_(part.weight, 0.5, 2, generator=generator)
            nn.init.normal_(part.bias, generator=generator)
        if isinstance(part, DEM):
            nn.init.normal_(part.scale, generator=generator)
    return module.eval()
