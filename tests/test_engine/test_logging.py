"""What the default runtime logs."""

import json

import numpy as np
import pytest
from mmengine.config import Config
from small_training import small_runner
from support import ROOT


def test_validation_loss_is_that_of_the_epoch_and_training_loss_is_smoothed(tmp_path):
    config = Config.fromfile(ROOT / 'configs/probe/r2p1d_probe.py')
    runner = small_runner(
        tmp_path,
        None,
        None,
        max_epochs=2,
        val=[3.0, 1.0],
        default_hooks=dict(logger=dict(type='LoggerHook', interval=1)),
        log_processor=config.log_processor,
        visualizer=config.visualizer,
    )
    runner.train()
    (log,) = tmp_path.glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line['loss'] for line in lines if 'lr' not in line] == [3, 1]
    losses = runner.model.losses
    assert [line['loss_cls'] for line in lines if 'lr' in line] == pytest.approx(
        [np.mean(losses[: i + 1]) for i in range(len(losses))], rel=1e-4
    )
