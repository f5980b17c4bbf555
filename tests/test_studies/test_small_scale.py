import dataclasses

import pytest
from few_videos import EXPERIMENT, PROBE
from mmaction.registry import TRANSFORMS
from mmengine.config import Config
from support import ROOT

from dem_mmaction.studies.catalogue import find_study
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.presets import choose_preset, presets_of
from dem_mmaction.studies.small_scale import SmallScale
from dem_mmaction.studies.study import Experiment, Small


@pytest.mark.parametrize('part', ['val', 'test'])
def test_small_networks_change_what_they_must(tmp_path, part):
    preset = SmallScale(tmp_path, PROBE, epochs=3)
    config = preset.config(EXPERIMENT, part=part)
    own = Config.fromfile(ROOT / 'configs/probe/r2p1d_dem_probe.py')
    assert config.model.backbone == dict(own.model.backbone, dem_stages=['conv1'])
    for loader, listed in (('train', 'train'), ('val', 'val'), ('test', part)):
        dataset = config[f'{loader}_dataloader'].dataset
        assert dataset.ann_file == str(tmp_path / f'videos/motion_probe/{listed}.txt')
        steps = {step.type: step for step in dataset.pipeline}
        assert steps['SampleFrames'].frame_interval == 2
        clips = dict(train=1, val=1, test=4)[loader]
        assert steps['SampleFrames'].num_clips == clips
    assert config.train_cfg.max_epochs == 3
    assert preset.settings(EXPERIMENT)['rate'] == 2
    assert preset.settings(EXPERIMENT)['epochs'] == 3
    preset.prepare([EXPERIMENT])
    assert preset.steps(EXPERIMENT) == 9  # 48 videos, 16 a step


@pytest.mark.parametrize('instrument', ['dots', 'words'])
def test_a_rival_samples_its_training_where_the_instrument_does(tmp_path, instrument):
    preset = SmallScale(tmp_path, INSTRUMENTS[instrument])
    rival = Small(sampling=dict(type='SampleMultiRate', rates=[1, 2]))
    plain, own = (preset.config(Experiment('net', small)) for small in (Small(), rival))
    for loader in ('val', 'test'):
        assert own[f'{loader}_dataloader'] == plain[f'{loader}_dataloader']
    changed = [
        (dict(was), dict(now))
        for was, now in zip(
            plain.train_dataloader.dataset.pipeline,
            own.train_dataloader.dataset.pipeline,
            strict=True,
        )
        if was != now
    ]
    ((was, now),) = changed
    del was['type'], was['frame_interval']
    assert now == dict(rival.sampling, **was)
    TRANSFORMS.build(now)  # takes all of them
    assert preset.settings(Experiment('net', rival))['sampling'] == rival.sampling


def test_trainings_of_one_seed_are_paired(tmp_path):
    preset = SmallScale(tmp_path, PROBE)
    started = dataclasses.replace(EXPERIMENT, start='other')
    for experiment, prefixes in ((EXPERIMENT, ['']), (started, ['cls_head'])):
        assert preset.config(experiment).custom_hooks == [
            dict(type='PairedStartHook', prefixes=prefixes)
        ]
        assert preset.config(experiment).default_hooks.reseed == dict(
            type='ReseedEpochHook'
        )


def test_each_fold_has_lists_and_folders_of_its_own(tmp_path):
    folds = dataclasses.replace(PROBE, folds=('anna', 'bert'))
    preset = SmallScale(tmp_path, folds)
    config = preset.config(EXPERIMENT, 'bert')
    assert config.train_dataloader.dataset.ann_file.endswith('/train_bert.txt')
    assert config.test_dataloader.dataset.ann_file.endswith('/test_bert.txt')
    folders = [folder.path for folder in preset.folders('net', 1)]
    assert folders == [tmp_path / 'probe/net/seed1' / fold for fold in folds.folds]


def test_an_instrument_has_what_its_rates_and_classes_allow(tmp_path):
    preset = SmallScale(tmp_path, dataclasses.replace(PROBE, transfer=None))
    assert preset.has(EXPERIMENT)
    assert not preset.has(Experiment('fast', Small(rate=3)))
    assert not preset.has(Experiment('other', Small(transfer=True)))
    assert not preset.has(Experiment('large', full='r3d_minik.py'))


@pytest.mark.parametrize('data, rates', [('words', [1, 2, 3]), ('dots', [1, 2, 4])])
def test_rivals_train_at_the_rates_of_the_instrument(tmp_path, data, rates):
    study = find_study('rivals')
    preset = choose_preset(study, data, tmp_path)
    by_name = {own.name: own for own in study.experiments}
    place = preset.config(by_name['none']).train_dataloader.dataset.pipeline[0]
    ffn, rts = (preset.config(by_name[name]) for name in ('ffn', 'rts'))
    assert ffn.model.type == 'FrameFlexibleRecognizer3D' and ffn.model.rates == rates
    many, skipping = (own.train_dataloader.dataset.pipeline[0] for own in (ffn, rts))
    assert (many['type'], many['rates']) == ('SampleMultiRate', rates)
    assert skipping['type'] == 'RandomTemporalSkipping'
    assert skipping['max_interval'] == rates[-1]
    for key in {'clip_len', 'centre', 'jitter', 'num_clips'} & set(place):
        assert many[key] == skipping[key] == place[key]
    assert preset.settings(by_name['ffn'])['changes']['model']['rates'] == rates


def test_another_host_carries_dem(tmp_path):
    study = find_study('4.3')
    preset = choose_preset(study, 'words', tmp_path, host='p3d')
    assert preset.root == tmp_path / 'words_p3d' and '(p3d)' in preset.text
    found = [own.name for own in study.experiments if preset.has(own)]
    assert found == ['none', 'conv2_x', 'conv3_x', 'conv4_x', 'all']
    by_name = {own.name: own for own in study.experiments}
    own = Config.fromfile(ROOT / 'configs/words/p3d_dem_words.py').model
    for name, stages in (('none', []), ('conv3_x', ['conv3_x']), ('all', None)):
        model = preset.config(by_name[name]).model
        assert model.backbone.get('dem_stages') == stages
        assert model.backbone.type == 'P3DDEM' and model.cls_head == own.cls_head
    rivals = find_study('rivals').experiments
    assert {own.name for own in rivals if not preset.has(own)} == {'ffn'}
    assert not any(preset.has(own) for own in find_study('4.1').experiments)
    assert not any(preset.has(own) for own in find_study('4.4').experiments[3:])


def test_the_study_of_hosts_has_its_own(tmp_path):
    study = find_study('hosts')
    assert presets_of(study) == ['words', 'probe']
    preset = choose_preset(study, 'probe', tmp_path)
    kinds = {
        own.name: preset.config(own).model.backbone.type for own in study.experiments
    }
    assert kinds['s3d_none'] == kinds['s3d_dem'] == 'S3DDEM'
    assert kinds['none'] == kinds['r3d_dem'] == 'R2Plus1DDEM'
    assert preset.settings(study.experiments[-1])['host'] == 's3d'
    assert 'host' not in preset.settings(study.experiments[0])


def test_s3d_learns_on_the_probe_before_it_learns_words(tmp_path):
    preset = choose_preset(find_study('hosts'), 'words', tmp_path)
    by_name = {own.name: own for own in find_study('hosts').experiments}
    earlier = preset.earlier(by_name['s3d_dem'])
    assert (earlier.name, earlier.root) == ('probe', tmp_path / 'probe')
    assert (
        earlier.has(by_name['s3d_dem']) and earlier.earlier(by_name['s3d_dem']) is None
    )
    assert preset.settings(by_name['s3d_dem'])['start'] == 'probe'
    (paired,) = preset.config(by_name['s3d_dem']).custom_hooks
    assert paired.prefixes == ['cls_head']
    assert preset.earlier(by_name['p3d_dem']) is None
    alone = choose_preset(find_study('4.3'), 'words', tmp_path, host='s3d')
    stage = next(own for own in find_study('4.3').experiments if alone.has(own))
    assert alone.earlier(stage).name == 'probe_s3d'
