"""Configs of MMAction2's own networks: each trains, and is tested for robustness."""

import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.runner import Runner
from support import COMPARED, datasets

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe
from dem_mmaction.robustness import measure_robustness, named_conditions

OF_PROBE = [path for path in COMPARED if path.stem.endswith('_probe')]
OF_WORDS = [path for path in COMPARED if path.stem.endswith('_words')]


def test_the_same_networks_on_both_data_sets():
    names = [
        [path.stem.rpartition('_')[0] for path in paths]
        for paths in (OF_PROBE, OF_WORDS)
    ]
    assert names[0] == names[1] == ['i3d', 'slowonly', 'tsm']
    for pair in zip(OF_PROBE, OF_WORDS, strict=True):
        models = [Config.fromfile(path).model.to_dict() for path in pair]
        classes = [model['cls_head'].pop('num_classes') for model in models]
        assert classes == [8, 26] and models[0] == models[1]


@pytest.fixture(scope='module')
def lists(tmp_path_factory):
    folder = tmp_path_factory.mktemp('probe')
    spec = ProbeSpec(train=8, val=8, test=8, frames=32, size=(32, 32))
    return generate_probe(folder, spec, workers=1, progress=False)


@pytest.mark.parametrize('path', OF_PROBE, ids=lambda path: path.stem)
def test_trains_and_is_tested_under_conditions(path, lists, tmp_path):
    config = Config.fromfile(path)
    for part, dataset in zip(('train', 'val', 'test'), datasets(config), strict=True):
        dataset.ann_file = str(lists[part])
    config.merge_from_dict(
        dict(
            work_dir=str(tmp_path),
            train_cfg=dict(max_epochs=2, val_interval=2),
            train_dataloader=dict(batch_size=4),
            log_level='ERROR',
        )
    )
    runner = Runner.from_cfg(config)
    before = [p.clone() for p in runner.model.parameters()]
    runner.train()
    after = runner.model.parameters()
    assert all(not torch.equal(*pair) for pair in zip(before, after, strict=True))
    config.load_from = str(tmp_path / 'epoch_2.pth')
    conditions, refused = named_conditions(['reverse', 'frames=12'])
    results = measure_robustness(config, conditions, tmp_path / 'out', refused, 'net')
    # TSM is built for its number of segments.
    tsm = path.stem.startswith('tsm')
    assert list(results.results) == ['clean', 'reverse', 'frames=12'][: 3 - tsm]
    assert len(results.labels) == 8 and bool(results.refused) == tsm


@pytest.mark.parametrize('path', OF_WORDS, ids=lambda path: path.stem)
def test_takes_a_step_on_real_frames(path, data, tmp_path):
    config = Config.fromfile(path)
    video = data / 'mmaction2_assets' / 'demo.mp4'
    (tmp_path / 'list.txt').write_text(f'{video} 1 centre=99.5\n')
    train = next(datasets(config))
    dataset = DATASETS.build(dict(train, ann_file=str(tmp_path / 'list.txt')))
    model = MODELS.build(config.model)
    model.init_weights()
    model.train()
    batch = model.data_preprocessor(pseudo_collate([dataset[0]] * 2), True)
    model(**batch, mode='loss')['loss_cls'].backward()
    assert all(p.grad is not None for p in model.parameters())
