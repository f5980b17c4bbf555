"""What tests share: the root of the checkout, calls of the command line tools."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_python(
    *args: object,
    cwd: Path,
    fails: bool = False,
    timeout: float = 300,
    **environment: str,
) -> str:
    """Run this Python in a process of its own that finds the package.

    Args:
        args: Of the interpreter: a script and its arguments, or ``-m``, or ``-c``.
        cwd: Its working folder.
        fails: Whether it must fail; otherwise it must end well.
        timeout: Seconds it may take.
        environment: Variables to set beside those of this process.

    Returns:
        What it printed, its errors at the end.
    """
    done = subprocess.run(
        [sys.executable, *map(str, args)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=dict(
            os.environ,
            PYTHONPATH=str(ROOT),
            PYTHONWARNINGS='ignore',
            OMP_NUM_THREADS='1',
            **environment,
        ),
    )
    printed = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, printed[-4000:]
    return printed


def run_tool(tool: str, *args: object, **kwargs: object) -> str:
    """Run a tool below ``tools/``, see :func:`run_python`."""
    return run_python(ROOT / 'tools' / tool, *args, **kwargs)
