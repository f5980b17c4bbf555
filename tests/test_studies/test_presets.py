import dataclasses

import pytest
from mmengine.config import Config
from support import ROOT

from dem_mmaction.datasets.motion_probe import ProbeSpec
from dem_mmaction.studies.catalogue import STUDIES
from dem_mmaction.studies.presets import FullSize, Probe, choose_preset, presets_of
from dem_mmaction.studies.study import Experiment, OnProbe, ProbeVideos

VIDEOS = ProbeVideos('some', ProbeSpec(train=48))
CHANGES = dict(model=dict(backbone=dict(dem_stages=['conv1'])))
EXPERIMENT = Experiment(
    'net', OnProbe('probe/r2p1d_dem_probe.py', VIDEOS, CHANGES, rate=2), 'r3d_minik.py'
)


def test_the_probe_changes_what_it_must(tmp_path):
    preset = Probe(tmp_path, epochs=3)
    config = preset.config(EXPERIMENT)
    own = Config.fromfile(ROOT / 'configs/probe/r2p1d_dem_probe.py')
    assert config.model.backbone == dict(own.model.backbone, dem_stages=['conv1'])
    for split, part in (('train', 'train'), ('val', 'test'), ('test', 'test')):
        dataset = config[f'{split}_dataloader'].dataset
        assert dataset.ann_file == str(tmp_path / f'probe_videos/some/{part}.txt')
        steps = {step.type: step for step in dataset.pipeline}
        assert steps['SampleFrames'].frame_interval == 2
        clips = dict(train=1, val=1, test=4)[split]
        assert steps['SampleFrames'].num_clips == clips
    assert config.train_cfg.max_epochs == 3
    assert preset.steps(EXPERIMENT) == 9  # 48 videos, 16 a step
    assert preset.settings(EXPERIMENT)['changes'] == CHANGES


def test_full_size_is_the_config_with_its_rate_scaled(tmp_path):
    preset = FullSize(tmp_path, processes=2)
    config = preset.config(EXPERIMENT)
    own = Config.fromfile(ROOT / 'configs/r3d_minik.py')
    assert config.auto_scale_lr.enable and not own.auto_scale_lr.enable
    own.auto_scale_lr.enable = True
    assert config.to_dict() == own.to_dict()
    assert preset.processes == 2 and preset.parallel == 1


def test_what_the_results_depend_on_is_on_record(tmp_path):
    other = dataclasses.replace(EXPERIMENT, start='other')
    for preset in (Probe(tmp_path), FullSize(tmp_path)):
        assert preset.settings(EXPERIMENT) != preset.settings(other)
        assert preset.root == tmp_path / preset.name
    assert Probe(tmp_path).settings(EXPERIMENT) != Probe(tmp_path, 9).settings(
        EXPERIMENT
    )


def test_a_study_without_configs_at_full_size_is_for_the_probe(tmp_path):
    for name, study in STUDIES.items():
        small = name in ('formulation', 'demo')
        assert list(presets_of(study)) == (['probe'] if small else ['probe', 'full'])
    assert isinstance(choose_preset(STUDIES['4.1'], None, tmp_path, 4), FullSize)
    assert isinstance(choose_preset(STUDIES['4.1'], 'probe', tmp_path), Probe)
    assert isinstance(choose_preset(STUDIES['demo'], None, tmp_path), Probe)


def test_what_cannot_be_run_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match="--preset tiny: study '4.1' has probe and full"
    ):
        choose_preset(STUDIES['4.1'], 'tiny', tmp_path)
    with pytest.raises(
        ValueError, match="--preset full: study 'formulation' has probe"
    ):
        choose_preset(STUDIES['formulation'], 'full', tmp_path)
    with pytest.raises(ValueError, match='--gpus 2: the probe trains on one'):
        choose_preset(STUDIES['4.1'], 'probe', tmp_path, 2)
    assert not list(tmp_path.iterdir())
