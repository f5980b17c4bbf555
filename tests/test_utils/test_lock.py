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
