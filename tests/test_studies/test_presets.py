import dataclasses

import pytest
from few_videos import EXPERIMENT, PROBE
from mmengine.config import Config
from support import ROOT

from dem_mmaction.studies.catalogue import STUDIES, find_study
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.presets import FullSize, choose_preset, presets_of
from dem_mmaction.studies.running import run_study
from dem_mmaction.studies.small_scale import SmallScale
from dem_mmaction.utils import FolderInUseError, locked


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
