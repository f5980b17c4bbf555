import pickle

import numpy as np
import pytest
import torch
from fresh_process import python
from mmaction.registry import PARAM_SCHEDULERS
from mmengine.logging import HistoryBuffer
from torch import nn


@pytest.fixture
def checkpoint(tmp_path):
    buffer = HistoryBuffer()
    for value in (1.5, 2, np.float64(3)):
        buffer.update(value)
    content = dict(
        state_dict=dict(weight=torch.ones(2)),
        message_hub=dict(
            log_scalars=dict(loss=buffer),
            runtime_info=dict(
                best=np.float64(0.5), epoch=np.int64(3), flag=np.bool_(1)
            ),
        ),
    )
    torch.save(content, tmp_path / 'epoch_1.pth')
    return tmp_path / 'epoch_1.pth'


def test_checkpoints_of_mmengine_load_safely(checkpoint):
    loaded = torch.load(checkpoint, weights_only=True)
    buffer = loaded['message_hub']['log_scalars']['loss']
    assert buffer.mean() == pytest.approx(6.5 / 3) and buffer.current() == 3
    assert loaded['message_hub']['runtime_info']['best'] == 0.5


SCHEDULERS = dict(
    ConstantLR=dict(),
    CosineAnnealingLR=dict(T_max=5),
    ExponentialLR=dict(gamma=0.9),
    LinearLR=dict(),
    MultiStepLR=dict(milestones=[2]),
    PolyLR=dict(),
    OneCycleLR=dict(eta_max=1.0, total_steps=9),
    ReduceOnPlateauLR=dict(monitor='loss'),
    StepLR=dict(step_size=2),
)


@pytest.mark.parametrize('name', SCHEDULERS)
def test_schedules_of_mmengine_load_safely(name, tmp_path):
    optimizer = torch.optim.Adam(nn.Linear(2, 2).parameters(), lr=1.0)
    schedule = PARAM_SCHEDULERS.build(
        dict(type=name, optimizer=optimizer, **SCHEDULERS[name])
    )
    torch.save(schedule.state_dict(), tmp_path / 'schedule.pth')
    loaded = torch.load(tmp_path / 'schedule.pth', weights_only=True)
    assert loaded == schedule.state_dict()


def test_the_gap_is_there_without_the_package(checkpoint):
    refuses = tuple(int(v) for v in torch.__version__.split('.')[:2]) >= (2, 6)
    printed = python(
        f'import torch, mmengine; torch.load({str(checkpoint)!r})', fails=refuses
    )
    assert ('UnpicklingError' in printed) == refuses


class Exploit:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


@pytest.mark.parametrize(
    'call',
    [
        (print, 'code ran'),
        (getattr, nn.Module, 'forward'),
        (getattr, HistoryBuffer, '__init__'),
    ],
)
def test_anything_else_stays_refused(call, tmp_path, capsys):
    torch.save(dict(meta=Exploit(*call)), tmp_path / 'bad.pth')
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / 'bad.pth', weights_only=True)
    assert capsys.readouterr().out == ''
