"""What the default runtime logs."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from mmaction.registry import LOG_PROCESSORS
from mmengine.config import Config
from mmengine.logging import MessageHub

ROOT = Path(__file__).resolve().parents[2]


def test_validation_loss_is_that_of_the_epoch_and_training_loss_is_smoothed():
    config = Config.fromfile(ROOT / 'configs/probe/r2p1d_probe.py')
    processor = LOG_PROCESSORS.build(config.log_processor)
    hub = MessageHub('logging')
    for value in (3.0, 1.0):
        hub.update_scalars({'val/loss': value, 'train/loss_cls': value})
    runner = SimpleNamespace(message_hub=hub)
    assert processor._collect_scalars([], runner, 'val')['loss'] == 1
    assert processor._collect_scalars([], runner, 'train')['loss_cls'] == (
        pytest.approx(2)
    )
