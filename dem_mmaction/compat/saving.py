"""Checkpoints that are there whole, and a resume that takes one that is."""

import functools
import logging
import os
import re
import zipfile
from pathlib import Path


def write_files_whole() -> None:
    """Let mmengine's local backend write aside, to the disk, and then rename.

    A kill while a checkpoint is written, also in the place of an older one, leaves the
    older one, or none.
    """
    from mmengine.fileio import LocalBackend

    put = LocalBackend.put
    if hasattr(put, '__wrapped__'):
        return

    @functools.wraps(put)
    def put_whole(self, obj, filepath):
        aside = Path(f'{filepath}.part')
        try:
            put(self, obj, aside)
            with open(aside, 'rb') as file:
                os.fsync(file.fileno())
            aside.replace(filepath)
        finally:
            aside.unlink(missing_ok=True)

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
        others = sorted(Path(path).glob('*_[0-9]*.pth'), key=_number, reverse=True)
        others = [own for own in map(str, others) if not Path(own).name.startswith('b')]
        for own in dict.fromkeys([*([last] if last else []), *others]):
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
    return int(re.search(r'(\d+)\.pth$', path.name)[1])
