"""The process from which :func:`support.run_tool` forks one for each tool."""

import gc
import multiprocessing
import os
import runpy
import sys
import warnings
from pathlib import Path

import matplotlib.pyplot  # noqa: F401  what every runner imports
import mmaction.apis  # noqa: F401  what most of the tools import

import dem_mmaction  # noqa: F401  the same

#: The process that has imported all of this.
IMPORTED_IN = os.getpid()
# MMEngine's data sets collect garbage when built: most of a second among all of these.
gc.freeze()


def run_script(
    command: list[str], cwd: Path, environment: dict[str, str], outputs: list[Path]
) -> None:
    """Run a script as ``python SCRIPT ARGS...`` does.

    Args:
        command: Path of the script and its arguments.
        cwd: Its working folder.
        environment: All of its variables.
        outputs: Files to write, of what it prints and of its errors; they may be one.
    """
    assert os.getpid() != IMPORTED_IN, 'the server did not import this module'
    os.setsid()  # one can be killed together with all that it has started
    for stream, path in zip((sys.stdout, sys.stderr), outputs, strict=True):
        stream.flush()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        os.dup2(os.open(path, flags), stream.fileno())
    # As in any process on Linux; here it is that of the server, which imports anew.
    multiprocessing.set_start_method('fork', force=True)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    warnings.simplefilter('ignore')
    sys.argv = command
    sys.path[0] = os.path.dirname(command[0])
    sys.path[1:1] = filter(None, environment.get('PYTHONPATH', '').split(os.pathsep))
    runpy.run_path(command[0], run_name='__main__')
