"""The test under many conditions: against the plain test, cut off, and refused."""

import copy
import json

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.runner import Runner
from support import ROOT, run_tool

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe
from dem_mmaction.robustness import (
    ConditionResults,
    RobustnessTestLoop,
    condition_named,
    config_of_condition,
    measure_robustness,
    named_conditions,
)

NAMES = ('sr2', 'sr0.5', 'coverage=0.5', 'frames=8', 'profile=accelerating')
NAMES += ('freeze=0.2', 'box_jumble=4', 'reverse', 'blur=3', 'shuffled')
# MMAction2's TSM for four segments.
TSM = """
_base_ = 'mmaction::_base_/default_runtime.py'
model = dict(
    type='Recognizer2D',
    backbone=dict(
        type='ResNetTSM', depth=18, num_segments=4, shift_div=8, pretrained=None,
        norm_eval=False),
    cls_head=dict(
        type='TSMHead', num_classes=8, in_channels=512, num_segments=4, is_shift=True,
        average_clips='{average}'),
    data_preprocessor=dict(
        type='ActionDataPreprocessor', mean=[0., 0., 0.], std=[255., 255., 255.],
        format_shape='NCHW'))
test_dataloader = dict(
    batch_size=3, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VideoDataset', ann_file='{list}', data_prefix=dict(video='{folder}'),
        test_mode=True, pipeline=[
            dict(type='DecordInit'),
            dict(type='SampleFrames', clip_len=1, num_clips=4, test_mode=True,
                 twice_sample=True),
            dict(type='DecordDecode'),
            dict(type='Resize', scale=(32, 32), keep_ratio=False),
            dict(type='FormatShape', input_format='NCHW'),
            dict(type='PackActionInputs')]))
test_evaluator = dict(type='AccMetric')
test_cfg = dict(type='TestLoop')
"""


@pytest.fixture(scope='module')
def probe(tmp_path_factory):
    folder = tmp_path_factory.mktemp('probe')
    spec = ProbeSpec(train=0, test=8, frames=40, size=(32, 32))
    return generate_probe(folder, spec, workers=1, progress=False)['test']


def saved(config, folder):
    """A config with weights of its own; the seed makes them the same each time."""
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    torch.save(dict(state_dict=model.state_dict()), folder / 'net.pth')
    config.load_from, config.work_dir = str(folder / 'net.pth'), str(folder / 'logs')
    return config


@pytest.fixture
def config(probe, tmp_path):
    found = Config.fromfile(ROOT / 'configs/probe/r2p1d_dem_probe.py')
    found.model.backbone.update(base_channels=4)
    found.model.cls_head.update(in_channels=32)
    loader = found.test_dataloader
    loader.dataset.ann_file = str(probe)
    loader.update(batch_size=3, num_workers=0, persistent_workers=False)
    found.test_evaluator = dict(type='ClipVideoAccuracy')
    loader.dataset.pipeline[1].num_clips = 2
    return saved(found, tmp_path)


@pytest.fixture
def tsm(probe, tmp_path):
    plain = tmp_path / 'list.txt'
    lines = (line.split()[:2] for line in probe.read_text().splitlines())
    plain.write_text(''.join(' '.join(line) + '\n' for line in lines))
    text = TSM.replace('{list}', str(plain)).replace('{folder}', str(probe.parent))
    path = tmp_path / 'tsm.py'

    def build(average):
        path.write_text(text.replace('{average}', average))
        return saved(Config.fromfile(path), tmp_path)

    return build


def measure(config, names, folder, **settings):
    conditions, refused = named_conditions(names)
    own = copy.deepcopy(config)
    return measure_robustness(own, conditions, folder, refused, 'net', **settings)


def alone(config, name):
    own = config_of_condition(copy.deepcopy(config), condition_named(name))
    return Runner.from_cfg(own).test()


def test_one_pass_equals_each_condition_alone(config, tmp_path):
    results = measure(config, NAMES, tmp_path / 'out')
    assert list(results.results) == ['clean', *NAMES] and not results.refused
    assert len(results.labels) == 8 and results.classes
    for name in ('sr0.5', 'frames=8', 'blur=3'):
        own = results.results[name]
        expected = alone(config, name)
        assert own.metrics == pytest.approx(expected, rel=1e-5), name
        right = [int(rank == 0) for rank in own.ranks]
        assert sum(right) / 8 == pytest.approx(expected['video/top1'])
    losses = {own.metrics['loss'] for own in results.results.values()}
    assert len(losses) == 1 + len(NAMES)  # each is a condition of its own
    assert ConditionResults.load(tmp_path / 'out') == results


def test_a_call_that_was_cut_off_goes_on_to_the_same_file(
    config, tmp_path, monkeypatch
):
    names, read = ['reverse', 'box_jumble=99'], []
    whole = measure(config, names, tmp_path / 'whole')
    run_iter = RobustnessTestLoop.run_iter

    def cut_off(self, idx, data_batch):
        read.extend(data_batch['index'])
        if len(read) > 3:
            raise KeyboardInterrupt
        run_iter(self, idx, data_batch)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(RobustnessTestLoop, 'run_iter', cut_off)
        measure(config, names, tmp_path / 'out')
    (journal,) = (tmp_path / 'out').glob('*.jsonl')
    with open(journal, 'a') as file:
        file.write('{"videos": [3, 4')  # as a kill leaves it
    read.clear()
    with monkeypatch.context() as patch:
        patch.setattr(
            RobustnessTestLoop,
            'run_iter',
            lambda self, idx, batch: (
                read.extend(batch['index']),
                run_iter(self, idx, batch),
            ),
        )
        again = measure(config, names, tmp_path / 'out')
    assert read == [3, 4, 5, 6, 7]
    assert again == whole and 'at most the 16 frames' in again.refused['box_jumble=99']
    files = [tmp_path / name / 'robustness.json' for name in ('whole', 'out')]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert not list((tmp_path / 'out').glob('*.jsonl'))
    with pytest.raises(ValueError, match="conditions=.*'reverse'.*not .*'sr2'"):
        measure(config, ['sr2'], tmp_path / 'out')


@pytest.mark.parametrize(
    'sampling',
    [
        dict(type='DenseSampleFrames', num_sample_positions=2, sample_range=24),
        dict(type='UniformSample'),
    ],
    ids=lambda own: own['type'],
)
def test_other_sampling_steps(config, sampling, tmp_path):
    pipeline = config.test_dataloader.dataset.pipeline
    pipeline[1] = dict(sampling, clip_len=8, num_clips=2, test_mode=True)
    results = measure(config, ['reverse', 'freeze=0.4'], tmp_path / 'out')
    assert list(results.results) == ['clean', 'reverse', 'freeze=0.4']
    expected = {name: alone(config, name) for name in results.results}
    assert len({own['loss'] for own in expected.values()}) == 3
    for name, own in results.results.items():
        assert own.metrics == pytest.approx(expected[name], rel=1e-5), name


def test_several_processes_share_the_videos(config, tmp_path):
    config.dump(tmp_path / 'net.py')
    call = ['test_robustness.py', tmp_path / 'net.py', tmp_path / 'net.pth']
    call += ['--conditions', 'reverse', 'shuffled', '--work-dir']
    run_tool(*call, 'one', cwd=tmp_path)
    printed = run_tool(*call, 'two', '--launcher', 'pytorch', cwd=tmp_path, ranks=2)
    assert printed.count('Written: ') == 1
    one, two = (ConditionResults.load(tmp_path / name) for name in ('one', 'two'))
    assert list(two.results) == list(one.results) and two.labels == one.labels
    for name, own in two.results.items():
        # Sums in batches of other sizes are rounded elsewhere.
        assert own.metrics == pytest.approx(one.results[name].metrics, rel=1e-4)
        assert own.predictions == one.results[name].predictions


@pytest.mark.parametrize('average', ['prob', 'score'])
def test_networks_of_segments(tsm, average, tmp_path):
    config = tsm(average)
    names = ['reverse', 'jumble=2', 'frames=2', 'sr2', 'jumble=8']
    results = measure(config, names, tmp_path / 'out')
    assert list(results.results) == ['clean', 'reverse', 'jumble=2']
    refused = results.refused
    assert 'the network takes 4 frames alone (backbone' in refused['frames=2']
    assert 'lie all over the video' in refused['sr2']
    assert 'at most the 4 frames of the clip' in refused['jumble=8']
    for name in ('clean', 'reverse'):
        expected = alone(config, name)
        own = results.results[name].metrics
        assert own['video/top1'] == pytest.approx(expected['acc/top1'])
        assert own['video/top5'] == pytest.approx(expected['acc/top5'])
        assert own['video/mean_class'] == pytest.approx(_mean_class(results, name))


def _mean_class(results, name):
    own, found = results.results[name], {}
    for label, prediction in zip(results.labels, own.predictions, strict=True):
        found.setdefault(label, []).append(label == prediction)
    return sum(sum(hits) / len(hits) for hits in found.values()) / len(found)


def test_an_error_of_the_network_leaves_the_other_conditions(
    config, tmp_path, monkeypatch
):
    predict = RobustnessTestLoop.predict

    def fails_at_eight(self, clips):
        if clips['inputs'][0].shape[2] == 8:
            raise RuntimeError('size mismatch\nand more')
        return predict(self, clips)

    monkeypatch.setattr(RobustnessTestLoop, 'predict', fails_at_eight)
    results = measure(config, ['frames=8', 'reverse'], tmp_path / 'out')
    assert results.refused == {'frames=8': 'RuntimeError: size mismatch'}
    assert list(results.results) == ['clean', 'reverse']


def test_the_tool(config, tmp_path):
    config.dump(tmp_path / 'net.py')
    names = ['reverse', 'hop', 'freeze=0.2']
    printed = run_tool(
        'test_robustness.py',
        tmp_path / 'net.py',
        tmp_path / 'net.pth',
        '--conditions',
        *names,
        *('--work-dir', 'out', '--html', 'page.html', '--pictures', 1),
        cwd=tmp_path,
        fails=True,  # one condition was not tested
    )
    assert "There is no condition 'hop'. There are rate, coverage" in printed
    assert (tmp_path / 'out/robustness.md').read_text() in printed
    results = json.loads((tmp_path / 'out/robustness.json').read_text())
    assert list(results['conditions']) == ['clean', 'reverse', 'freeze=0.2']
    page = (tmp_path / 'page.html').read_text()
    assert 'How robust to time: net' in page and 'freeze=0.2' in page
    compare = ['--compare', 'out', 'out/robustness.json', '--work-dir', 'both']
    printed = run_tool('test_robustness.py', *compare, cwd=tmp_path)
    assert '| condition  |' in printed and 'both/robustness.png' in printed


def test_what_a_suite_has_and_a_model_cannot_do_is_no_error(tsm, tmp_path):
    tsm('prob')
    net = [tmp_path / name for name in ('tsm.py', 'net.pth')]
    out = ['--suite', 'rates', '--work-dir', 'out']
    printed = run_tool('test_robustness.py', *net, *out, cwd=tmp_path)
    assert 'Not tested' in printed and 'lie all over the video' in printed
