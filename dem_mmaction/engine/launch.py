"""MMAction2's command line tools, with this package imported first."""

import difflib
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

from mmengine.utils import get_installed_path
from torch.distributed.elastic.multiprocessing.errors import record

#: Called in turn once a tool has ended without an error, before the interpreter ends.
after_tool: list[Callable[[], None]] = []


def mmaction_tools() -> list[str]:
    """The Python tools that the installed MMAction2 has, as paths below its tools/."""
    root = _tools()
    paths = sorted(path.relative_to(root) for path in root.rglob('*.py'))
    return [str(path) for path in paths]


def find_mmaction_tool(name: str) -> Path:
    """Find one of MMAction2's tools, or a script of one's own.

    Args:
        name: A path below MMAction2's ``tools/`` or its end, with or without ``.py``,
            such as ``'get_flops'``; or the path of any Python script.

    Raises:
        FileNotFoundError: There is none, or there are several; names them.
    """
    own, tools = Path(name), mmaction_tools()
    wanted = own.with_suffix('.py').parts
    found = [tool for tool in tools if Path(tool).parts == wanted]
    if not found and own.suffix == '.py' and own.is_file():
        return own
    found = found or [t for t in tools if Path(t).parts[-len(wanted) :] == wanted]
    if len(found) == 1:
        return _tools() / found[0]
    if found:
        raise FileNotFoundError(
            f"MMAction2 has several tools '{name}': {', '.join(found)}."
        )
    near = difflib.get_close_matches(own.stem, {Path(tool).stem for tool in tools})
    hint = f'; did you mean {" or ".join(near)}?' if near else ''
    raise FileNotFoundError(
        f"MMAction2 has no tool '{name}', nor is that a Python script{hint}"
    )


def _tools() -> Path:
    root = Path(get_installed_path('mmaction2')) / '.mim' / 'tools'
    if not root.is_dir():
        raise FileNotFoundError(
            f"MMAction2 is installed without its tools: no '{root}'. Install it with "
            "pip install 'mmaction2>=1.2,<2'."
        )
    return root


def run_mmaction_tool(name: str) -> None:
    """Run one of MMAction2's tools as ``__main__``, with this process's arguments.

    Flags and behaviour are those of the installed MMAction2; with ``dem_mmaction``
    imported first, its components are registered and the gaps of the stack closed
    before the config is read. It is the last thing that a process does: what
    :data:`after_tool` holds may end it.

    Args:
        name: See :func:`find_mmaction_tool`, such as ``'train.py'``.

    Raises:
        FileNotFoundError: There is no such tool, or MMAction2 is installed without.
    """
    path = str(find_mmaction_tool(name))
    sys.argv[0] = path
    # Under torchrun, the error of a process is shown last and not only its exit code.
    record(runpy.run_path)(path, run_name='__main__')
    for act in after_tool:
        act()
