import json

import pytest
import torch
from mmaction.apis import init_recognizer
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.fileio import load
from mmengine.runner import Runner
from support import ROOT, run_tool

from dem_mmaction.datasets.motion_probe import CLASSES, ProbeSpec, generate_probe
from dem_mmaction.evaluation import evaluate_dump
from dem_mmaction.robustness import (
    RateResults,
    config_at_rates,
    measure_at_rates,
    own_rate,
)
from dem_mmaction.utils import costs

# A recognizer that uses nothing of this package
STOCK = """
_base_ = 'mmaction::_base_/default_runtime.py'
model = dict(
    type='Recognizer3D',
    backbone=dict(
        type='ResNet2Plus1d', depth=18, base_channels=4, pretrained=None,
        pretrained2d=False, conv_cfg=dict(type='Conv2plus1d'), conv1_kernel=(3, 7, 7),
        conv1_stride_t=1, pool1_stride_t=1, inflate=(1, 1, 1, 1),
        norm_cfg=dict(type='BN3d'), zero_init_residual=False),
    cls_head=dict(type='I3DHead', num_classes=8, in_channels=32, average_clips='prob'),
    data_preprocessor=dict(
        type='ActionDataPreprocessor', mean=[0., 0., 0.], std=[255., 255., 255.],
        format_shape='NCTHW'))
test_dataloader = dict(
    batch_size=4, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VideoDataset', ann_file='{list}', data_prefix=dict(video='{folder}'),
        test_mode=True, pipeline=[
            dict(type='DecordInit'),
            dict(type='SampleFrames', clip_len=8, frame_interval=2, num_clips=2,
                 test_mode=True),
            dict(type='DecordDecode'),
            dict(type='Resize', scale=(32, 32), keep_ratio=False),
            dict(type='FormatShape', input_format='NCTHW'),
            dict(type='PackActionInputs')]))
test_evaluator = [
    dict(type='AccMetric'), dict(type='DumpResults', out_file_path='scores.pkl')]
test_cfg = dict(type='TestLoop')
"""


@pytest.fixture(scope='module')
def probe(tmp_path_factory):
    folder = tmp_path_factory.mktemp('probe')
    return generate_probe(
        folder,
        ProbeSpec(train=0, test=24, frames=40, size=(40, 40)),
        workers=1,
        progress=False,
    )['test']


def save_weights(config, path):
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(config).model)
    model.init_weights()
    torch.save(dict(state_dict=model.state_dict()), path)
    return path


def test_one_pass_equals_a_run_a_rate(probe, tmp_path):
    config = tmp_path / 'small.py'
    config.write_text(
        f"_base_ = '{ROOT}/configs/probe/r2p1d_dem_probe.py'\n"
        'model = dict(backbone=dict(base_channels=4), cls_head=dict(in_channels=32))\n'
        f"test_dataloader = dict(dataset=dict(ann_file='{probe}'))\n"
    )
    checkpoint = save_weights(config, tmp_path / 'net.pth')
    output = run_tool(
        'test_rates.py',
        config,
        checkpoint,
        '--rates',
        1,
        2,
        4,
        '--work-dir',
        'rates',
        '--cfg-options',
        f'test_evaluator.per_class_file={tmp_path / "classes.json"}',
        cwd=tmp_path,
    )
    results = RateResults.load(tmp_path / 'rates')
    assert results.own_rate == 1
    assert results.parameters == sum(
        tensor.numel()
        for name, tensor in torch.load(checkpoint)['state_dict'].items()
        if 'running' not in name and 'num_batches' not in name
    )
    network = init_recognizer(str(config), device='cpu')
    clips = torch.rand(16 * 4, 3, 16, 40, 40)
    _, operations, _ = costs(network.backbone, clips)
    classifier = 64 * 32 * 8
    assert results.multiply_adds == (operations // 2 + classifier) // 16
    for rate in (1, 2, 4):
        dump = tmp_path / f'{rate}.pkl'
        run_tool(
            'test.py',
            config,
            checkpoint,
            '--dump',
            dump,
            '--cfg-options',
            f'test_dataloader.dataset.pipeline.1.frame_interval={rate}',
            cwd=tmp_path,
        )
        expected = evaluate_dump(dump, split_by='motion')
        measured = results.rates[rate]
        assert measured.metrics == pytest.approx(expected, rel=1e-6)
        by_class = json.loads((tmp_path / f'classes_sr{rate}.json').read_text())
        assert by_class == measured.classes
        assert [entry['name'] for entry in by_class.values()] == list(CLASSES)
        assert sum(entry['videos'] for entry in by_class.values()) == 24
        assert 24 * measured.metrics['video/top1'] == pytest.approx(
            sum(entry['videos'] * entry['video'] for entry in by_class.values())
        )
    assert [own.too_short for own in results.rates.values()] == [0, 0, 24]
    assert 'SR 4: 24 videos are shorter than one clip' in output
    assert (tmp_path / 'rates' / 'rates.png').is_file()
    assert (tmp_path / 'rates' / 'rates.md').read_text() in output


def test_any_mmaction2_recognizer(probe, tmp_path):
    config = tmp_path / 'stock.py'
    plain = tmp_path / 'list.txt'
    plain.write_text(
        ''.join(
            ' '.join(line.split()[:2]) + '\n' for line in probe.read_text().splitlines()
        )
    )
    config.write_text(
        STOCK.replace('{list}', str(plain)).replace('{folder}', str(probe.parent))
    )
    checkpoint = save_weights(config, tmp_path / 'net.pth')
    output = run_tool(
        'test_rates.py', config, checkpoint, '--work-dir', 'rates', cwd=tmp_path
    )
    measured = RateResults.load(tmp_path / 'rates')
    other = [*('--own-rate', 4, '--rates', 4), *('--work-dir', 'other')]
    run_tool('test_rates.py', config, checkpoint, *other, cwd=tmp_path)
    at_four = RateResults.load(tmp_path / 'other')
    assert at_four.own_rate == 4 and at_four.rates == {4: measured.rates[4]}
    written = json.loads((tmp_path / 'rates' / 'rates.json').read_text())
    assert list(written['rates']) == ['2', '4', '8'] and written['own_rate'] == 2
    assert all(len(load(tmp_path / f'scores_sr{rate}.pkl')) == 24 for rate in (2, 4, 8))
    assert 'acc/top1' in written['rates']['2']['metrics'] and '| 2 (own) |' in output


def in_memory(config, probe, folder):
    """Let a config test on clips around the field centre of videos in memory."""
    lines = probe.read_text().replace('videos', f'{probe.parent}/videos').splitlines()
    fields = [f'{line} centre={12 + i % 9}.5\n' for i, line in enumerate(lines)]
    (folder / 'list.txt').write_text(''.join(fields))
    dataset = config.test_dataloader.dataset
    dataset.update(ann_file=str(folder / 'list.txt'), in_memory=(32, 32))
    dataset.pipeline = [
        dict(type='SampleAround', clip_len=16, test_mode=True),
        dict(type='ArrayDecode'),
        *dataset.pipeline[3:],
    ]
    config.work_dir = str(folder / 'work')
    config.load_from = str(folder / 'net.pth')
    return config


def test_fractional_rates_of_videos_in_memory(probe, tmp_path):
    small = tmp_path / 'small.py'
    small.write_text(
        f"_base_ = '{ROOT}/configs/probe/r2p1d_dem_probe.py'\n"
        'model = dict(backbone=dict(base_channels=4), cls_head=dict(in_channels=32))\n'
    )
    save_weights(small, tmp_path / 'net.pth')
    config = in_memory(Config.fromfile(small), probe, tmp_path)
    config.dump(tmp_path / 'memory.py')
    rates = 0.5, 1, 2, 3
    output = run_tool(
        'test_rates.py',
        tmp_path / 'memory.py',
        tmp_path / 'net.pth',
        '--rates',
        *rates,
        cwd=tmp_path,
    )
    work = tmp_path / 'work'
    results = RateResults.load(work)
    assert list(results.rates) == [0.5, 1, 2, 3] and results.own_rate == 1
    assert {rate: own.too_short for rate, own in results.rates.items()} == {
        0.5: 0,
        1: 0,
        2: 0,
        3: 24,  # of 40 frames, and 46 are needed
    }
    assert 'SR 3: 24 videos' in output and ' 0.5 | ' in output
    for rate in rates:  # each by itself
        alone = in_memory(Config.fromfile(small), probe, tmp_path)
        alone.test_dataloader.dataset.pipeline[0].frame_interval = rate
        expected = Runner.from_cfg(alone).test()
        assert results.rates[rate].metrics == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize('host', ['r3d', 'p3d', 's3d'])
def test_one_pass_equals_a_run_a_rate_for_every_host(host, probe, tmp_path):
    path = ROOT / f'configs/probe/{host}_dem_probe.py'
    checkpoint = save_weights(path, tmp_path / 'net.pth')
    (probe.parent / 'few.txt').write_text(
        ''.join(probe.read_text().splitlines(keepends=True)[:6])
    )

    def config():
        own = Config.fromfile(path)
        own.test_dataloader.dataset.ann_file = str(probe.parent / 'few.txt')
        own.load_from, own.work_dir = str(checkpoint), str(tmp_path / 'work')
        return own

    measured = measure_at_rates(config(), [1, 2], 1)
    for rate, result in measured.rates.items():
        alone = config()
        alone.test_dataloader.dataset.pipeline[1].frame_interval = rate
        expected = Runner.from_cfg(alone).test()
        assert result.metrics == pytest.approx(expected, rel=1e-6)


def probe_config():
    return Config.fromfile(ROOT / 'configs/probe/r2p1d_dem_probe.py')


@pytest.mark.parametrize(
    'rates, words',
    [([], r'rates=\[\]'), ([0, 1], 'rate=0 must'), ([2, 2], r'rates=\[2, 2\]')],
)
def test_bad_rates_are_named(rates, words):
    with pytest.raises(ValueError, match=words):
        config_at_rates(probe_config(), rates)


def test_the_sampling_step_is_found_wherever_it_stands():
    config = probe_config()
    pipeline = config.test_dataloader.dataset.pipeline
    pipeline[1].frame_interval = 3
    pipeline.insert(0, dict(type='Rename'))
    assert own_rate(config) == 3
    before, conditions = config_at_rates(config, [3, 6]).test_dataloader.dataset[
        'pipeline'
    ][1:]
    assert before['type'] == 'VideoInit'
    steps = {name: own[0] for name, own in conditions['conditions'].items()}
    assert {name: own['frame_interval'] for name, own in steps.items()} == {
        'sr3': 3,
        'sr6': 6,
    }
    assert all(own['num_clips'] == 4 for own in steps.values())


def test_mixed_precision_stays_on():
    config = probe_config()
    assert not config_at_rates(config, [1]).test_cfg.fp16
    config = probe_config()
    config.test_cfg.fp16 = True
    assert config_at_rates(config, [1]).test_cfg.fp16


def test_a_pipeline_that_does_not_fit_is_named():
    config = probe_config()
    config.test_dataloader.dataset.pipeline.insert(2, dict(type='Late'))
    with pytest.raises(ValueError, match='decoding step right after.*it has Late'):
        config_at_rates(config, [1, 2])
    config.test_dataloader.dataset.pipeline[1].type = 'UniformSample'
    with pytest.raises(ValueError, match='decoding step right after UniformSample'):
        config_at_rates(config, [1, 2])


def test_missing_data_is_named_in_one_line(tmp_path):
    config = ROOT / 'configs/probe/r2p1d_probe.py'
    save_weights(config, tmp_path / 'net.pth')
    said = run_tool('test_rates.py', config, 'net.pth', cwd=tmp_path, fails=True)
    assert 'Traceback' not in said
    last = said.splitlines()[-1]
    assert last.startswith(
        "test_rates: No annotation list 'data/motion_probe/test.txt'"
    )
