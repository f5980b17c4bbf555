import multiprocessing
import time

import pytest

from dem_mmaction.utils import FolderInUseError, locked


def test_a_second_call_at_once_is_refused(tmp_path):
    with (
        locked(tmp_path),
        pytest.raises(FolderInUseError, match=f'Another call is writing to {tmp_path}'),
        locked(tmp_path, patience=0),
    ):
        raise AssertionError('two calls at once')
    with locked(tmp_path, patience=0):  # the first one has let go
        pass


def test_a_child_that_was_forked_meanwhile_does_not_hold_the_folder(tmp_path):
    with locked(tmp_path):
        child = multiprocessing.get_context('fork').Process(
            target=time.sleep, args=(9,)
        )
        child.start()
    try:
        with locked(tmp_path, patience=0):
            pass
    finally:
        child.kill()
        child.join()
