import os
from pathlib import Path
from unittest import mock

import pytest
import torch
from mmengine.fileio import LocalBackend
from mmengine.runner import Runner, find_latest_checkpoint, save_checkpoint
from mmengine.runner import runner as runner_module


def test_a_kill_in_a_save_leaves_the_checkpoint_before(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    save_checkpoint(dict(state_dict=dict(a=torch.ones(3))), str(path))
    with (
        mock.patch('os.fsync', side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        save_checkpoint(dict(state_dict=dict(a=torch.zeros(3))), str(path))
    assert torch.load(path)['state_dict']['a'].tolist() == [1, 1, 1]
    assert os.listdir(tmp_path) == ['epoch_1.pth']
    LocalBackend().put(b'new', tmp_path / 'a' / 'b.txt')
    assert (tmp_path / 'a/b.txt').read_bytes() == b'new'


def save(folder, *names):
    for name in names:
        save_checkpoint(dict(state_dict={}), str(folder / name))


@pytest.mark.parametrize(
    'note, torn, expected',
    [
        ('epoch_10.pth', [], 'epoch_10.pth'),
        ('epoch_9.pth', [], 'epoch_9.pth'),
        ('epoch_10.pth', ['epoch_10.pth'], 'epoch_9.pth'),
        ('epoch_11.pth', [], 'epoch_10.pth'),  # it is not there
        ('', [], 'epoch_10.pth'),
        ('epoch_10.pth', ['epoch_10.pth', 'epoch_9.pth', 'epoch_8.pth'], None),
    ],
)
def test_resumes_from_the_newest_that_is_whole(tmp_path, caplog, note, torn, expected):
    save(tmp_path, 'epoch_8.pth', 'epoch_9.pth', 'epoch_10.pth')
    save(tmp_path, 'best_top1_epoch_99.pth', 'swa_2_final.pth', 'epoch_99.part.pth')
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / note) if note else '')
    for name in torn:
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    for find in (find_latest_checkpoint, runner_module.find_latest_checkpoint):
        found = find(str(tmp_path))
        assert (found and Path(found).name) == expected


def test_without_a_note_nothing_is_resumed(tmp_path):
    save(tmp_path, 'epoch_1.pth')
    assert find_latest_checkpoint(str(tmp_path)) is None


def test_a_runner_goes_on_from_it(tmp_path):
    save(tmp_path, 'epoch_1.pth', 'epoch_2.pth')
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_2.pth'))
    (tmp_path / 'epoch_2.pth').write_bytes(b'')
    net = torch.nn.Linear(1, 1)
    runner = Runner(
        net,
        str(tmp_path),
        experiment_name='resume',
        resume=True,
        default_scope='mmaction',  # of the tests that follow, too
    )
    with mock.patch.object(Runner, 'resume') as resume:
        runner.load_or_resume()
    resume.assert_called_once_with(str(tmp_path / 'epoch_1.pth'))
