"""Every config builds; those for miniKinetics also take a step on real frames."""

from pathlib import Path

import pytest
import torch
import yaml
from mmaction.registry import DATASETS, METRICS, MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.runner import Runner

from dem_mmaction.datasets.preparation.prepare import prepare
from dem_mmaction.datasets.preparation.sources import SOURCES
from dem_mmaction.models import R2Plus1DDEM

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = sorted(
    path for path in (ROOT / 'configs').rglob('*.py') if '_base_' not in path.parts
)
NAMES = [str(path.relative_to(ROOT)) for path in CONFIGS]


def datasets(config):
    """The config of the data set of each loader."""
    for name in ('train', 'val', 'test'):
        if config.get(f'{name}_dataloader'):
            yield config[f'{name}_dataloader'].dataset


@pytest.mark.parametrize('path', CONFIGS, ids=NAMES)
def test_builds_everything(path, tmp_path):
    config = Config.fromfile(path)
    config.work_dir = str(tmp_path / 'work')
    (tmp_path / 'list.txt').write_text('v.mp4 0\n' * 24)
    for dataset in datasets(config):
        dataset.ann_file = str(tmp_path / 'list.txt')
    config.log_level = 'ERROR'
    runner = Runner.from_cfg(config)
    assert len(runner.build_dataloader(config.train_dataloader)) >= 1
    wrapper = runner.build_optim_wrapper(config.optim_wrapper)
    runner.optim_wrapper = wrapper
    runner._train_loop = runner.build_train_loop(config.train_cfg)
    assert runner.build_param_scheduler(config.param_scheduler)
    for evaluator in (config.get('val_evaluator'), config.test_evaluator):
        if evaluator:
            METRICS.build(evaluator)
    classes = {dataset.num_classes for dataset in datasets(config)}
    assert classes == {config.model.cls_head.num_classes}


def distinct():
    """A config for each combination of network and training pipeline."""
    seen = {}
    for path in CONFIGS:
        config = Config.fromfile(path)
        backbone = {
            key: value
            for key, value in config.model.backbone.items()
            if key != 'init_cfg'
        }
        seen.setdefault(str((backbone, next(datasets(config)).pipeline)), path)
    return list(seen.values())


@pytest.mark.parametrize('path', distinct(), ids=lambda p: str(p.relative_to(ROOT)))
def test_takes_a_step_on_real_frames(path, data, tmp_path):
    config = Config.fromfile(path)
    video = data / 'mmaction2_assets' / 'demo.mp4'
    (tmp_path / 'list.txt').write_text(f'{video} 1\n' * 2)
    dataset_cfg = next(datasets(config))
    dataset_cfg.pipeline[1].num_clips = 1  # full size takes its time
    dataset_cfg.ann_file = str(tmp_path / 'list.txt')
    if 'probe' in path.parts[-2]:  # its videos have the size of the network's input
        dataset_cfg.pipeline.insert(
            3, dict(type='Resize', scale=(40, 40), keep_ratio=False)
        )
    dataset = DATASETS.build(dataset_cfg)
    config.model.backbone.pop('init_cfg', None)  # weights that are not here
    model = MODELS.build(config.model)
    model.init_weights()
    model.train()
    batch = model.data_preprocessor(pseudo_collate([dataset[0]]), True)
    side = 40 if 'probe' in path.parts[-2] else 112
    assert batch['inputs'].shape == (1, 1, 3, 16, side, side)
    losses = model(**batch, mode='loss')
    losses['loss_cls'].backward()
    assert torch.isfinite(losses['loss_cls'])
    assert all(p.grad is not None for p in model.parameters() if p.requires_grad)


def test_the_backbone_of_an_mmaction2_config_is_swapped_in_two_lines(tmp_path):
    base = 'recognition/r2plus1d/r2plus1d_r34_8xb8-8x8x1-180e_kinetics400-rgb.py'
    (tmp_path / 'mine.py').write_text(f"""
_base_ = 'mmaction::{base}'
custom_imports = dict(imports=['dem_mmaction'])
model = dict(backbone=dict(_delete_=True, type='R2Plus1DDEM', depth=34))
""")
    config = Config.fromfile(tmp_path / 'mine.py')
    model = MODELS.build(config.model)
    assert isinstance(model.backbone, R2Plus1DDEM)
    assert len(list(model.backbone.dems())) == 33
    model.init_weights()
    inputs = model.data_preprocessor(
        pseudo_collate(
            [
                dict(
                    inputs=torch.zeros(1, 3, 8, 56, 56, dtype=torch.uint8) + 255 * i,
                    data_samples=_sample(i),
                )
                for i in range(2)
            ]
        ),
        True,
    )
    model.train()
    model(**inputs, mode='loss')['loss_cls'].backward()
    assert all(p.grad is not None for p in model.parameters())


def _sample(label):
    from mmaction.structures import ActionDataSample

    return ActionDataSample().set_gt_label(label)


def test_dem_conv_goes_into_the_network_of_mmaction2s_zoo(tmp_path):
    # ResNet2Plus1d accepts no other unit; ResNet3d without its second pool is the same.
    (tmp_path / 'mine.py').write_text("""
_base_ = 'mmaction::_base_/models/r2plus1d_r34.py'
model = dict(backbone=dict(
    type='ResNet3d', with_pool2=False, conv_cfg=dict(type='DEMConv')))
""")
    base = "_base_ = 'mmaction::_base_/models/r2plus1d_r34.py'"
    zoo_cfg = Config.fromstring(base, '.py')
    config = Config.fromfile(tmp_path / 'mine.py')
    for cfg in (zoo_cfg, config):
        cfg.model.backbone.norm_cfg.type = 'BN3d'  # SyncBN wants a GPU
    zoo, model = (MODELS.build(cfg.model.backbone) for cfg in (zoo_cfg, config))
    for net in (zoo, model):
        net.init_weights()  # which sets every gamma to 1
    missing, unexpected = model.load_state_dict(zoo.state_dict(), strict=False)
    assert missing and not unexpected and all('.dem.' in name for name in missing)
    x = torch.randn(1, 3, 8, 32, 32)
    for net in (zoo, model):
        net.eval()
    assert torch.equal(model(x), zoo(x))


def test_the_headline_is_the_recipe_of_the_thesis():
    config = Config.fromfile(ROOT / 'configs' / 'r2p1d_dem_minik.py')
    optim = config.optim_wrapper
    assert optim.type == 'AmpOptimWrapper'
    assert (optim.optimizer.type, optim.optimizer.lr) == ('Adam', 0.004)
    assert tuple(optim.optimizer.betas) == (0.9, 0.99)
    videos, clips = config.train_dataloader.batch_size * 4, config.train_pipeline[1]
    assert videos == config.auto_scale_lr.base_batch_size
    assert videos * clips.num_clips * optim.accumulative_counts == 192
    assert config.sync_bn == 'torch'
    schedule = config.param_scheduler
    assert (schedule.type, schedule.monitor, schedule.factor) == (
        'ReduceOnPlateauLR',
        'loss',
        0.1,
    )
    assert config.custom_hooks == [dict(type='StopBelowRate', min_lr=4e-7)]
    warp = config.train_pipeline[3]
    assert TRANSFORMS.build(warp).__dict__ == dict(
        size=112, scale=(171, 128), jitter=(1.0, 1.2), max_angle=15.0, flip_ratio=0.5
    )
    assert (clips.num_clips, config.test_pipeline[1].num_clips) == (4, 10)


@pytest.mark.parametrize('path', CONFIGS, ids=NAMES)
def test_header_says_what_it_is(path):
    head = path.read_text().splitlines()[:3]
    assert all(line.startswith('# ') for line in head)
    command = head[2].split()
    assert (ROOT / command[1]).is_file()
    assert ROOT / command[2] == path


def test_every_config_is_in_the_index():
    index = yaml.safe_load((ROOT / 'configs' / 'metafile.yml').read_text())
    assert sorted(model['Config'] for model in index['Models']) == NAMES


@pytest.mark.parametrize('name', ['ucf101', 'hmdb51'])
@pytest.mark.parametrize('dem', ['', 'dem_'])
@pytest.mark.parametrize('split', [1, 2, 3])
def test_transfer_reads_its_split(name, dem, split):
    config = Config.fromfile(
        ROOT / f'configs/transfer/r2p1d_{dem}{name}_split{split}.py'
    )
    assert [dataset.ann_file for dataset in datasets(config)] == [
        f'data/{name}/{part}_split{split}.txt' for part in ('train', 'test', 'test')
    ]
    assert config.test_dataloader.dataset.pipeline[1].num_clips == 3
    assert config.model.backbone.frozen_stages == 3
    assert config.optim_wrapper.optimizer == dict(type='SGD', lr=0.0004, momentum=0.9)


@pytest.mark.parametrize(
    'name, lists, config',
    [
        ('ucf101', 'ucf101', 'transfer/r2p1d_ucf101_split{}.py'),
        ('hmdb51', 'hmdb51', 'transfer/r2p1d_hmdb51_split{}.py'),
        ('minikinetics', 'mini_kinetics200', 'r2p1d_dem_minik.py'),
    ],
)
def test_configs_read_what_the_preparation_writes(name, lists, config, data, tmp_path):
    out = tmp_path / 'data' / name
    outcome = prepare(SOURCES[name](), out, lists=data / 'lists' / lists)
    read = set()
    for split in range(1, 4 if '{}' in config else 2):
        cfg = Config.fromfile(ROOT / 'configs' / config.format(split))
        for dataset in datasets(cfg):
            assert dataset.num_classes == len(outcome.lists.classes)
            built = DATASETS.build(
                dict(dataset, ann_file=str(tmp_path / dataset.ann_file), pipeline=[])
            )
            stem = Path(dataset.ann_file).stem
            assert len(built) == len(outcome.lists.flat()[stem])
            read.add(stem)
    assert read == set(outcome.lists.flat())


@pytest.mark.parametrize('rate', [1, 2, 4])
@pytest.mark.parametrize('dem, stem', [('', 45), ('dem_', 14)])
def test_multirate_samples_at_its_rate(rate, dem, stem):
    config = Config.fromfile(ROOT / f'configs/multirate/r2p1d_{dem}sr{rate}_minik.py')
    intervals = [dataset.pipeline[1].frame_interval for dataset in datasets(config)]
    assert intervals == [rate] * 3
    backbone = MODELS.build(config.model.backbone)
    assert backbone.conv1.conv.midplanes == stem
    assert bool(list(backbone.dems())) == bool(dem)


def test_ablation_puts_dem_where_its_name_says():
    for path in (ROOT / 'configs' / 'ablation').glob('*.py'):
        where = path.stem.removeprefix('r2p1d_dem_').removesuffix('_minik')
        expected = {'none': [], 'all': None}.get(where, [where])
        assert Config.fromfile(path).model.backbone.get('dem_stages') == expected
