"""Transfer trains conv5_x and the classifier and nothing else."""

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.runner import Runner
from support import ROOT

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe


@pytest.mark.parametrize(
    'name, frozen',
    [
        ('r2p1d_dem_hmdb51_split1', True),
        ('r2p1d_hmdb51_split1', True),
        ('r2p1d_dem_hmdb51_split1_full', False),
    ],
)
def test_what_an_epoch_changes(name, frozen, tmp_path):
    lists = generate_probe(
        tmp_path / 'probe',
        ProbeSpec(train=16, test=8, frames=24, size=(40, 40)),
        workers=1,
        progress=False,
    )
    config = Config.fromfile(ROOT / f'configs/transfer/{name}.py')
    config.merge_from_dict(
        {
            'model.backbone.depth': 10,
            'model.backbone.base_channels': 4,
            'model.cls_head.in_channels': 32,
            'train_cfg.max_epochs': 1,
            'optim_wrapper.optimizer.lr': 0.1,
            'model.backbone.init_cfg.checkpoint': str(tmp_path / 'trained.pth'),
        }
    )
    config.work_dir = str(tmp_path / 'work')
    config.log_level = 'ERROR'
    for split in ('train', 'val'):
        loader = config[f'{split}_dataloader']
        loader.num_workers, loader.persistent_workers = 0, False
        loader.dataset.ann_file = str(lists['train' if split == 'train' else 'test'])
        loader.dataset.pipeline[3].update(scale=(44, 40), size=32)

    trained = MODELS.build(config.model)
    for tensor in trained.state_dict().values():
        if tensor.ndim > 1:  # weights that let nothing overflow
            tensor.uniform_(-0.1, 0.1)
        elif tensor.is_floating_point():
            tensor.uniform_(0.5, 1)
    torch.save(dict(state_dict=trained.state_dict()), tmp_path / 'trained.pth')

    runner = Runner.from_cfg(config)
    runner.train()
    changed = {
        key
        for key, value in runner.model.backbone.state_dict().items()
        if not torch.equal(value, trained.backbone.state_dict()[key])
    }
    assert any(key.startswith('layer4') for key in changed)
    assert any('running_mean' in key for key in changed)
    below = [key for key in changed if not key.startswith('layer4')]
    assert bool(below) != frozen, below
