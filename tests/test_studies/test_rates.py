import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.fileio import load

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe
from dem_mmaction.evaluation import evaluate_dump
from dem_mmaction.studies.rates import at_rates, by_rate, own_rate, report

ROOT = Path(__file__).resolve().parents[2]

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


def run(tool, *args, cwd):
    done = subprocess.run(
        [sys.executable, str(ROOT / 'tools' / tool), *map(str, args)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        env=dict(
            os.environ,
            PYTHONPATH=str(ROOT),
            PYTHONWARNINGS='ignore',
            OMP_NUM_THREADS='1',
        ),
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout + done.stderr


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
    output = run(
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
    written = json.loads((tmp_path / 'rates' / 'rates.json').read_text())
    assert written['own_rate'] == 1
    for rate in (1, 2, 4):
        dump = tmp_path / f'{rate}.pkl'
        run(
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
        measured = written['rates'][str(rate)]['metrics']
        assert measured == pytest.approx(expected, rel=1e-6)
        by_class = json.loads((tmp_path / f'classes_sr{rate}.json').read_text())
        assert sum(entry['videos'] for entry in by_class.values()) == 24
        assert 24 * measured['video/top1'] == pytest.approx(
            sum(entry['videos'] * entry['video'] for entry in by_class.values())
        )
    assert [entry['too_short'] for entry in written['rates'].values()] == [0, 0, 24]
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
    output = run(
        'test_rates.py', config, checkpoint, '--work-dir', 'rates', cwd=tmp_path
    )
    written = json.loads((tmp_path / 'rates' / 'rates.json').read_text())
    assert list(written['rates']) == ['2', '4', '8'] and written['own_rate'] == 2
    assert all(len(load(tmp_path / f'scores_sr{rate}.pkl')) == 24 for rate in (2, 4, 8))
    assert 'acc/top1' in written['rates']['2']['metrics'] and '| 2 (own) |' in output


def test_delta_is_the_difference_to_the_own_rate():
    metrics = {'sr1/top1': 0.5, 'sr1/too_short': 0}
    metrics |= {'sr2/top1': 0.75, 'sr2/too_short': 1}
    results = by_rate(metrics, [1, 2], reference=2)
    assert results[1] == dict(
        metrics=dict(top1=0.5), too_short=0, delta=dict(top1=-0.25)
    )
    assert '0.5000 | -0.2500' in report(results, 2)
    assert '2 (own) | 0.7500 | +0.0000' in report(results, 2)
    assert 'delta' not in by_rate(metrics, [1, 2], reference=4)[1]
    assert 'not tested' in report(by_rate(metrics, [1, 2], reference=4), 4)


# Tables 4.1 and 4.2 of the thesis: accuracy by training rate and network, at the test
# rates 1, 2 and 4, and the Delta printed there.
THESIS = [
    (1, (52.52, 51.63, 47.27), (0.00, -0.89, -5.25)),
    (1, (53.53, 53.13, 49.36), (0.00, -0.40, -4.17)),
    (2, (50.50, 52.24, 50.66), (-1.74, 0.00, -1.58)),
    (2, (54.30, 55.85, 54.75), (-1.55, 0.00, -1.10)),
    (4, (48.22, 53.67, 55.26), (-7.04, -1.59, 0.00)),
    (4, (49.00, 54.26, 56.27), (-7.27, -2.01, 0.00)),
    (1, (40.45, 40.25, 38.04), (0.00, -0.20, -2.41)),
    (1, (42.30, 42.45, 40.61), (0.00, 0.15, -1.69)),
    (2, (38.69, 41.42, 41.77), (-2.73, 0.00, 0.35)),
    (2, (41.90, 44.69, 45.19), (-2.79, 0.00, 0.50)),
    (4, (36.35, 41.63, 45.44), (-9.09, -3.81, 0.00)),
    (4, (36.81, 42.56, 46.10), (-9.29, -3.54, 0.00)),
]


@pytest.mark.parametrize('trained_at, accuracies, deltas', THESIS)
def test_deltas_of_the_thesis(trained_at, accuracies, deltas):
    metrics = {}
    for rate, accuracy in zip((1, 2, 4), accuracies, strict=True):
        metrics |= {f'sr{rate}/top1': accuracy, f'sr{rate}/too_short': 0}
    results = by_rate(metrics, [1, 2, 4], trained_at)
    for rate, delta in zip((1, 2, 4), deltas, strict=True):
        assert results[rate]['delta']['top1'] == pytest.approx(delta, abs=1e-9)


def probe_config():
    return Config.fromfile(ROOT / 'configs/probe/r2p1d_dem_probe.py')


@pytest.mark.parametrize('rates', [[], [0, 1], [2, 2]])
def test_bad_rates_are_named(rates):
    with pytest.raises(ValueError, match=r'rates=\['):
        at_rates(probe_config(), rates)


def test_pipeline_without_intervals_is_named():
    config = probe_config()
    assert own_rate(config) == 1
    config.test_dataloader.dataset.pipeline[1].type = 'UniformSample'
    with pytest.raises(ValueError, match='needs SampleFrames.*UniformSample'):
        at_rates(config, [1, 2])
