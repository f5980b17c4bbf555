"""MMEngine's switch for torch.compile."""

import json

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from support import ROOT

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe


def test_training_with_the_switch_is_the_same(tmp_path):
    lists = generate_probe(
        tmp_path / 'probe',
        ProbeSpec(train=16, test=8, frames=24, size=(40, 40)),
        workers=1,
        progress=False,
    )
    losses = {}
    for name, switch in (('eager', None), ('compiled', dict(backend='eager'))):
        torch.compiler.reset()
        torch._dynamo.utils.counters.clear()
        config = Config.fromfile(ROOT / 'configs/probe/r2p1d_dem_probe.py')
        config.merge_from_dict(
            {
                'model.backbone.base_channels': 4,
                'model.cls_head.in_channels': 32,
                'train_dataloader.num_workers': 0,
                'randomness.seed': 0,
                'train_dataloader.persistent_workers': False,
                'train_cfg.max_epochs': 1,
                'model.backbone.dem_stages': ['conv2_x'],
                'train_dataloader.batch_size': 8,
                'param_scheduler.total_steps': 1,
                'default_hooks.logger.interval': 1,
                'train_dataloader.dataset.ann_file': str(lists['train']),
            }
        )
        config.val_dataloader = config.val_cfg = config.val_evaluator = None
        config.work_dir, config.log_level = str(tmp_path / name), 'ERROR'
        config.compile = switch
        Runner.from_cfg(config).train()
        (log,) = (tmp_path / name).glob('*/vis_data/scalars.json')
        losses[name] = [json.loads(line)['loss'] for line in open(log)]
        assert bool(torch._dynamo.utils.counters['frames']['ok']) == bool(switch)
    assert len(losses['eager']) == 2
    assert losses['compiled'] == pytest.approx(losses['eager'], rel=1e-3)
