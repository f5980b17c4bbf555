import dataclasses

import pytest
from mmaction.registry import TRANSFORMS
from mmengine.config import Config
from support import ROOT

from dem_mmaction.datasets.motion_probe import ProbeSpec
from dem_mmaction.studies.catalogue import STUDIES, find_study
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.presets import FullSize, SmallScale, choose_preset, presets_of
from dem_mmaction.studies.running import run_study
from dem_mmaction.studies.study import Experiment, Small
from dem_mmaction.utils import FolderInUseError, locked

PROBE = dataclasses.replace(
    INSTRUMENTS['probe'], videos=dict(motion_probe=ProbeSpec(train=48, val=16, test=16))
)
EXPERIMENT = Experiment(
    'net', Small(dict(dem_stages=['conv1']), rate=2), 'r3d_minik.py'
)


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


def test_data_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    real = SmallScale(tmp_path / 'runs', dataclasses.replace(PROBE, videos={}))
    for preset, folder in (
        (real, 'motion_probe'),
        (FullSize(tmp_path / 'runs'), 'minikinetics'),
    ):
        with pytest.raises(
            FileNotFoundError, match=f"No annotation list 'data/{folder}/train.txt'"
        ) as error:
            preset.prepare([EXPERIMENT])
        assert f'tools/data/prepare.py {folder}' in str(error.value)
    with pytest.raises(FileNotFoundError):
        run_study(STUDIES['4.3'], real, [0], tmp_path / 'records')
    assert not list(tmp_path.iterdir())


def test_a_folder_that_another_process_trains_in_is_refused(tmp_path):
    small = dataclasses.replace(PROBE, transfer=None)
    preset = SmallScale(tmp_path, small)
    folder = next(preset.folders('none', 0)).path
    folder.mkdir(parents=True)
    with (
        locked(folder),
        pytest.raises(FolderInUseError, match=f'Another call is writing to {folder}'),
    ):
        run_study(STUDIES['4.3'], preset, [0], tmp_path / 'records')
    assert not (folder / 'settings.json').exists()


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
    for preset in (SmallScale(tmp_path, PROBE), FullSize(tmp_path)):
        assert preset.settings(EXPERIMENT) != preset.settings(other)
        assert preset.root == tmp_path / preset.name
    longer = SmallScale(tmp_path, PROBE, epochs=9)
    assert SmallScale(tmp_path, PROBE).settings(EXPERIMENT) != longer.settings(
        EXPERIMENT
    )


def test_which_presets_a_study_has(tmp_path):
    for name, study in STUDIES.items():
        some = dict(demo=['probe'], hosts=['words', 'probe'])
        small = some.get(name, list(INSTRUMENTS))
        ours = ('claims', 'formulation', 'forms', 'rivals', 'hosts', 'demo')
        full = [] if name in ours else ['full']
        assert presets_of(study) == small + full, name
    assert isinstance(choose_preset(STUDIES['4.1'], None, tmp_path, 4), FullSize)
    words = choose_preset(STUDIES['4.1'], 'words', tmp_path, parallel=1)
    assert words.name == 'words' and words.parallel == 1
    first = choose_preset(STUDIES['formulation'], None, tmp_path)
    assert isinstance(first, SmallScale) and first.name == 'probe'


def test_what_cannot_be_run_is_refused(tmp_path):
    with pytest.raises(ValueError, match="--preset tiny: study '4.1' has probe,"):
        choose_preset(STUDIES['4.1'], 'tiny', tmp_path)
    with pytest.raises(ValueError, match="--preset full: study 'formulation' has pro"):
        choose_preset(STUDIES['formulation'], 'full', tmp_path)
    with pytest.raises(ValueError, match='--gpus 2: small networks train on one'):
        choose_preset(STUDIES['4.1'], 'probe', tmp_path, 2)
    assert not list(tmp_path.iterdir())


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


@pytest.mark.parametrize(
    'study, preset, host, message',
    [
        ('4.3', 'weizmann', 'p3d', "No host 'p3d' on weizmann; there are r2p1d"),
        ('4.3', 'words', 'c3d', "No host 'c3d' on words; there are r2p1d, r3d"),
        ('hosts', 'words', 'p3d', 'names its hosts itself'),
        ('4.3', 'full', 'p3d', 'configs/hosts'),
    ],
)
def test_hosts_that_there_are_not_are_named(study, preset, host, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        choose_preset(find_study(study), preset, tmp_path, host=host)
