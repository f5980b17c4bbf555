"""Checkpoints that are there whole, and a resume that takes one that is."""

import functools
import logging
import os
import re
import zipfile
from pathlib import Path

# What mmengine calls the checkpoints of a run, best ones aside.
_SAVED = re.compile(r'(?:epoch|iter)_(\d+)\.pth')


def write_files_whole() -> None:
    """Let mmengine's local backend write aside, to the disk, and then rename.

    A kill while a checkpoint is written, also in the place of an older one, leaves the
    older one, or none.
    """
    from mmengine.fileio import LocalBackend

    from ..utils import written_aside

    put = LocalBackend.put
    if hasattr(put, '__wrapped__'):
        return

    @functools.wraps(put)
    def put_whole(self, obj, filepath):
        with written_aside(Path(filepath)) as aside:
            put(self, obj, aside)
            with open(aside, 'rb') as file:
                os.fsync(file.fileno())

    LocalBackend.put = put_whole


def resume_from_whole_checkpoints() -> None:
    """Let ``--resume`` pass over checkpoints that are torn, and say which.

    The one that ``last_checkpoint`` names comes first, then the others of the folder,
    the newest first.
    """
    from mmengine import runner
    from mmengine.logging import print_log
    from mmengine.runner import checkpoint
    from mmengine.runner import runner as runner_module

    find = checkpoint.find_latest_checkpoint
    if hasattr(find, '__wrapped__'):
        return

    @functools.wraps(find)
    def find_whole(path):
        last = find(path)
        if last is None or '://' in last:
            return last
        others = [own for own in Path(path).iterdir() if _SAVED.fullmatch(own.name)]
        others.sort(key=_number, reverse=True)
        for own in dict.fromkeys([*([last] if last else []), *map(str, others)]):
            if zipfile.is_zipfile(own):
                return own
            print_log(
                f"'{own}' is not there or was cut off while it was written: resuming "
                'from the one before, if there is one.',
                logger='current',
                level=logging.WARNING,
            )
        return None

    for module in (checkpoint, runner, runner_module):
        module.find_latest_checkpoint = find_whole


def _number(path: Path) -> int:
    """The epoch or the iteration of a checkpoint."""
    return int(_SAVED.fullmatch(path.name)[1])
