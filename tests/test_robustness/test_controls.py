"""Trainings on clips without the order of their frames."""

import pytest
from mmengine.config import Config
from support import ROOT, run_tool

from dem_mmaction.datasets.motion_probe import DotsSpec, generate_probe
from dem_mmaction.robustness import (
    CLIPS,
    config_of_control,
    controls_table,
    train_and_test,
)

SPLITS = ('train', 'val', 'test')
SMALL = {
    'model.backbone.base_channels': 2,
    'model.cls_head.in_channels': 16,
    'train_cfg.max_epochs': 1,
    'train_dataloader.batch_size': 6,
}


@pytest.fixture(scope='module')
def lists(tmp_path_factory):
    spec = DotsSpec(train=12, test=8, frames=20)
    folder = tmp_path_factory.mktemp('dots')
    return generate_probe(folder, spec, workers=1, progress=False)


@pytest.fixture
def config(lists):
    config = Config.fromfile(ROOT / 'configs/probe/r2p1d_dots.py')
    config.merge_from_dict(SMALL)
    for split in SPLITS:
        part = 'train' if split == 'train' else 'test'
        config[f'{split}_dataloader'].dataset.ann_file = str(lists[part])
    return config


def pipelines(config):
    return [
        [step['type'] for step in config[f'{split}_dataloader'].dataset.pipeline]
        for split in SPLITS
    ]


def test_the_order_goes_right_after_the_sampling_in_all_loaders(config):
    before = config.to_dict()
    for control in ('one_frame', 'shuffled'):
        changed = config_of_control(config, control)
        for split, kinds in zip(SPLITS, pipelines(changed), strict=True):
            assert kinds.count('RemoveOrder') == 1
            place = kinds.index('RemoveOrder')
            assert place == kinds.index('SampleFrames') + 1
            step = changed[f'{split}_dataloader'].dataset.pipeline.pop(place)
            assert step['control'] == control
        assert changed.to_dict() == before
    assert config_of_control(config, 'as_they_are').to_dict() == before
    assert config.to_dict() == before


def test_what_cannot_be_a_control_is_refused(config):
    with pytest.raises(ValueError, match="'reversed' must be one of as_they_are, one"):
        config_of_control(config, 'reversed')
    config.val_dataloader.dataset.pipeline.pop(0)
    with pytest.raises(ValueError, match='needs a step of type .*SampleFrames'):
        config_of_control(config, 'shuffled')


def test_a_control_is_trained_and_tested(config, tmp_path):
    metrics = train_and_test(config, 'one_frame', 3, tmp_path)
    assert metrics['videos'] == 8
    assert 0 <= metrics['video/top1'] <= 1 and 0 <= metrics['clip/top1'] <= 1
    assert (tmp_path / 'epoch_1.pth').is_file()
    again = train_and_test(config, 'one_frame', 3, tmp_path / 'again')
    assert again == metrics


def test_the_table_has_means_and_what_guessing_gives():
    def run(video, clip):
        return {'video/top1': video, 'clip/top1': clip, 'videos': 200}

    results = dict(
        as_they_are=[run(0.9, 0.8), run(0.7, 0.6)], one_frame=[run(0.2, 0.3)]
    )
    lines = controls_table(results, 4).splitlines()
    cells = [[cell.strip() for cell in line.split('|')[1:-1]] for line in lines]
    assert cells[0] == ['clips', 'video/top1', 'clip/top1']
    assert cells[2:] == [
        ['as_they_are', '80.0', '70.0'],
        ['one_frame', '20.0', '30.0'],
        ['guessing', '25.0 ± 4.2', ''],  # 1.96 sqrt(0.25 * 0.75 / 400)
    ]


def test_tool_measures_the_controls_it_is_asked_for(config, tmp_path):
    config.dump(tmp_path / 'small.py')
    options = '--clips', 'shuffled', 'one_frame', '--cfg-options', 'log_level=ERROR'
    printed = run_tool('controls.py', 'small.py', *options, cwd=tmp_path)
    table = (tmp_path / 'work_dirs/controls/small/controls.md').read_text()
    assert table in printed
    names = [line.split('|')[1].strip() for line in table.splitlines()[2:]]
    assert names == ['shuffled', 'one_frame', 'guessing']
    assert set(names[:2]) < set(CLIPS)
