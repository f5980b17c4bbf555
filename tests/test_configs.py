"""Every config builds, and each network of them takes a step on real frames."""

import math
import shutil
from pathlib import Path

import pytest
import torch
from mmaction.registry import DATASETS, METRICS, MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.runner import Runner
from support import CONFIGS, NAMES, ROOT, datasets

from dem_mmaction.datasets.preparation.prepare import prepare
from dem_mmaction.datasets.preparation.sources import SOURCES
from dem_mmaction.models import R2Plus1DDEM
from dem_mmaction.models.midplanes import STAGES


@pytest.fixture(autouse=True)
def unformatted(monkeypatch):
    """Formatting its config three times takes a runner longer than all else."""
    monkeypatch.setattr(
        'mmengine.config.config.FormatCode', lambda text, **options: (text, True)
    )


def name_classes(dataset, folder):
    """Make a file of class names for a data set that reads one of its own."""
    if 'metainfo' in dataset:
        names = folder / 'names.txt'
        names.write_text(''.join(f'{i}\n' for i in range(dataset.num_classes)))
        dataset.metainfo.classes = str(names)


def step(pipeline, kind):
    """The one step of a type in a pipeline."""
    (found,) = (step for step in pipeline if step.type == kind)
    return found


def shrink(config):
    """Give a config a network of fewer channels, which takes no time."""
    backbone, head = config.model.backbone, config.model.cls_head
    if backbone.type == 'X3D':
        backbone.gamma_w, backbone.gamma_d = 1 / 3, 1
        head.in_channels //= 3
        return config
    head.in_channels = head.in_channels * 8 // backbone.get('base_channels', 64)
    backbone.base_channels = 8
    return config


@pytest.mark.parametrize('path', CONFIGS, ids=NAMES)
def test_builds_everything(path, tmp_path):
    config = shrink(Config.fromfile(path))
    config.work_dir = str(tmp_path / 'work')
    (tmp_path / 'list.txt').write_text('v.mp4 0\n' * 24)
    for dataset in datasets(config):
        dataset.ann_file = str(tmp_path / 'list.txt')
        dataset.pop('in_memory', None)  # there is no video to decode
        name_classes(dataset, tmp_path)
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
    config = shrink(Config.fromfile(path))
    video = data / 'mmaction2_assets' / 'demo.mp4'
    (tmp_path / 'list.txt').write_text(f'{video} 1 centre=99.5\n' * 2)
    dataset_cfg = next(datasets(config))
    for sampling in dataset_cfg.pipeline:
        if 'num_clips' in sampling:
            sampling.num_clips = 1  # full size takes its time
    dataset_cfg.ann_file = str(tmp_path / 'list.txt')
    name_classes(dataset_cfg, tmp_path)
    if 'probe' in path.parts[-2]:  # its videos have the size of the network's input
        dataset_cfg.in_memory = (32, 32)
    dataset = DATASETS.build(dataset_cfg)
    config.model.backbone.pop('init_cfg', None)  # weights that are not here
    model = MODELS.build(config.model)
    model.init_weights()
    model.train()
    # The small P3D ends in a single pixel, of which a norm needs two.
    videos = 2 if path.name.startswith('p3d') else 1
    batch = model.data_preprocessor(pseudo_collate([dataset[0]] * videos), True)
    sizes = dict(probe=(32, 32), words=(24, 32), weizmann=(34, 42))
    size = sizes.get(path.parts[-2], (112, 112))
    frames = 16 * len(config.model.get('rates', [1]))
    assert batch['inputs'].shape == (videos, 1, 3, frames, *size)
    losses = model(**batch, mode='loss')
    sum(value for name, value in losses.items() if 'loss' in name).backward()
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
    videos = config.train_dataloader.batch_size * 4
    clips = step(config.train_pipeline, 'SampleFrames')
    assert videos == config.auto_scale_lr.base_batch_size
    assert videos * clips.num_clips * optim.accumulative_counts == 192
    assert config.sync_bn == 'torch'
    schedule = config.param_scheduler
    assert (schedule.type, schedule.monitor, schedule.factor) == (
        'ReduceOnPlateauLR',
        'loss',
        0.1,
    )
    assert config.custom_hooks == [dict(type='StopBelowLRHook', min_lr=4e-7)]
    warp = step(config.train_pipeline, 'ClipWarp')
    assert repr(TRANSFORMS.build(warp)) == (
        'ClipWarp(size=112, scale=(171, 128), jitter=(1.0, 1.2), max_angle=15.0, '
        'flip_ratio=0.5)'
    )
    tests = step(config.test_pipeline, 'SampleFrames')
    assert (clips.num_clips, tests.num_clips) == (4, 10)


def rates(name, tmp_path, **options):
    """The learning rate of every step of a training, two steps an epoch."""
    (tmp_path / 'list.txt').write_text('v.mp4 0\n' * 32)
    config = Config.fromfile(ROOT / 'configs' / name)
    config.train_dataloader.dataset.pop('in_memory', None)
    config.merge_from_dict(
        {
            'model.backbone.depth': 10,
            'model.backbone.base_channels': 4,
            'train_dataloader.batch_size': 16,
            'train_dataloader.dataset.ann_file': str(tmp_path / 'list.txt'),
            'work_dir': str(tmp_path / 'work'),
            'log_level': 'ERROR',
            **{key.replace('__', '.'): value for key, value in options.items()},
        }
    )
    runner = Runner.from_cfg(config)
    runner.optim_wrapper = runner.build_optim_wrapper(config.optim_wrapper)
    runner._train_loop = runner.build_train_loop(config.train_cfg)
    (schedule,) = runner.build_param_scheduler(config.param_scheduler)
    seen = []
    for _ in range(runner.max_iters):
        seen += runner.optim_wrapper.get_lr()['lr']
        runner.optim_wrapper.optimizer.step()
        schedule.step()
    return seen


@pytest.mark.parametrize(
    'name, key, epochs',
    [
        ('custom/r2p1d_dem_custom.py', 'param_scheduler__T_max', 50),
        ('probe/r2p1d_dem_probe.py', 'param_scheduler__total_steps', 11),
        ('words/r2p1d_dem_words.py', 'param_scheduler__total_steps', 14),
        ('weizmann/r2p1d_dem_weizmann.py', 'param_scheduler__total_steps', 100),
        ('probe/r2p1d_dem_dots.py', 'param_scheduler__total_steps', 16),
    ],
)
def test_one_number_sets_the_length_of_the_schedule(name, key, epochs, tmp_path):
    for length in (epochs, 3):
        by_one = rates(name, tmp_path, train_cfg__max_epochs=length)
        by_two = rates(name, tmp_path, train_cfg__max_epochs=length, **{key: length})
        assert len(by_one) == 2 * length and by_one == by_two
    assert rates(name, tmp_path) == rates(name, tmp_path, train_cfg__max_epochs=epochs)
    assert by_one[-1] < 0.1 * max(by_one)  # the schedule is over with the third epoch


def test_the_cosine_falls_over_the_run(tmp_path):
    seen = rates('custom/r2p1d_dem_custom.py', tmp_path, train_cfg__max_epochs=3)
    cosine = [0.0005 * (1 + math.cos(math.pi * i / 6)) for i in range(6)]
    assert seen == pytest.approx(cosine)


def test_one_number_sets_the_size_of_the_custom_network(tmp_path):
    template = (ROOT / 'configs/custom/r2p1d_dem_custom.py').read_text()
    template = template.replace("'../_base_", f"'{ROOT}/configs/_base_")
    smaller = template.replace('base_channels = 64', 'base_channels = 4')
    assert smaller != template
    (tmp_path / 'mine.py').write_text(smaller)
    model = MODELS.build(Config.fromfile(tmp_path / 'mine.py').model)
    logits = model.cls_head(model.backbone(torch.rand(1, 3, 8, 32, 32)))
    assert logits.shape == (1, 2) and model.backbone.conv1.out_channels == 4


def test_steps_are_found_wherever_they_stand(tmp_path):
    """Another step in front of them must not take the place of the one meant."""
    shutil.copytree(ROOT / 'configs', tmp_path / 'configs')
    base = tmp_path / 'configs/_base_/datasets/clips_16x112.py'
    opening = "    dict(type='VideoInit'),\n"
    assert base.read_text().count(opening) == 3
    base.write_text(base.read_text().replace(opening, opening + opening))
    for path in CONFIGS:
        if path.parent.name in ('probe', 'words', 'weizmann'):
            continue  # they have pipelines of their own
        moved = Config.fromfile(tmp_path / path.relative_to(ROOT))
        for dataset, before in zip(
            datasets(moved), datasets(Config.fromfile(path)), strict=True
        ):
            assert dataset.pipeline.pop(0).type == 'VideoInit'
            assert dataset.pipeline == before.pipeline


@pytest.mark.parametrize('dem', ['', 'dem_'])
@pytest.mark.parametrize('layers', ['', '_full'])
def test_transfer_says_what_it_lacks(dem, layers):
    path = ROOT / f'configs/transfer/r2p1d_{dem}hmdb51_split1{layers}.py'
    config = Config.fromfile(path)
    assert config.model.backbone.init_cfg.prefix == 'backbone.'
    backbone = MODELS.build(dict(config.model.backbone, base_channels=4))
    with pytest.raises(FileNotFoundError, match='set model.backbone.init_cfg.check'):
        backbone.init_weights()


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
    testing = config.test_dataloader.dataset.pipeline
    assert step(testing, 'SampleFrames').num_clips == 3
    assert config.test_pipeline == testing
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
    for dataset, name in zip(datasets(config), ('train', 'val', 'test'), strict=True):
        assert step(dataset.pipeline, 'SampleFrames').frame_interval == rate
        assert config[f'{name}_pipeline'] == dataset.pipeline
    backbone = MODELS.build(config.model.backbone)
    assert backbone.conv1.conv.midplanes == stem
    assert bool(list(backbone.dems())) == bool(dem)


def test_the_rows_of_the_ablation_differ_in_where_dem_stands():
    rows = {'r2p1d_minik.py': [], 'r2p1d_dem_minik.py': None}
    for stage in STAGES:
        rows[f'ablation/r2p1d_dem_{stage}_minik.py'] = [stage]
    found = {path.name for path in (ROOT / 'configs/ablation').glob('*.py')}
    assert found == {Path(name).name for name in rows if '/' in name}
    rest = []
    for name, stages in rows.items():
        config = Config.fromfile(ROOT / 'configs' / name).to_dict()
        assert config['model']['backbone'].pop('dem_stages', None) == stages
        rest.append(config)
    assert all(config == rest[0] for config in rest)
