"""What a study runs and in which order, with jobs that do nothing."""

import dataclasses

import pytest
from tiny_study import NET, PLAIN, PROBE, TUNED, study

from dem_mmaction.robustness import ConditionResult, RateResults
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.records import Part, RunRecord, record_path
from dem_mmaction.studies.running import run_study
from dem_mmaction.studies.small_scale import SmallScale


@pytest.fixture
def waves(monkeypatch, tmp_path):
    """The jobs that would have been run, by tool, experiment and folder."""
    monkeypatch.setattr(SmallScale, 'prepare', lambda self, experiments: None)
    monkeypatch.setattr(SmallScale, 'steps', lambda self, experiment: 1)
    waves = []

    def run_jobs(jobs, name, unit, parallel):
        if jobs:
            waves.append([(job.tool, *job.work_dir.parts[-2:]) for job in jobs])
        for job in jobs:
            job.work_dir.mkdir(parents=True, exist_ok=True)
            cfg = job.config.model.backbone.get('init_cfg')
            assert job.config.randomness.seed == 5
            if 'tuned' in job.work_dir.parts:
                assert cfg.checkpoint.endswith('net/seed5/last.pth')
                assert (cfg.type, cfg.prefix) == ('Pretrained', 'backbone.')
            if 'later' in job.work_dir.parts:
                name = job.work_dir.relative_to(tmp_path).parts[1]
                assert cfg.checkpoint == f'{tmp_path}/probe/{name}/seed5/last.pth'
            if job.tool == 'train.py':
                (job.work_dir / 'last_checkpoint').write_text('/moved/last.pth')
                (job.work_dir / 'last.pth').touch()
                job.marker.touch()
            else:
                RateResults(1, {1: ConditionResult({})}, 1).save(job.work_dir)

    monkeypatch.setattr('dem_mmaction.studies.running.run_jobs', run_jobs)
    return waves


def write_record(folder, preset, experiment, settings=None):
    settings = preset.settings(experiment) if settings is None else settings
    path = record_path(folder, 'probe', experiment.name, 5)
    RunRecord(settings, 1, 1, 1, '', 0, [], dict(test=Part((), {}))).save(path)


@pytest.mark.parametrize('parallel', [1, 2])
def test_those_that_others_start_from_come_first(tmp_path, waves, parallel):
    preset = SmallScale(tmp_path, PROBE, parallel=parallel)
    # A recorded network that another starts from is trained again for its weights.
    write_record(tmp_path, preset, NET)
    run_study(study(TUNED, NET, PLAIN), preset, [5], tmp_path)
    train, test = (
        [(tool, name, last) for name, last in pairs]
        for tool, pairs in (
            ('train.py', [('tuned', 'seed5'), ('plain', 'seed5')]),
            ('test_rates.py', [('seed5', 'test')] * 2),
        )
    )
    first = [('train.py', 'net', 'seed5')]
    if parallel == 2:
        assert waves == [first, train, test]
    else:  # so that there is a record after every training
        assert waves == [first, train[:1], test[:1], train[1:], test[1:]]


@pytest.fixture
def later(monkeypatch):
    """An instrument whose networks learn on the probe before."""
    monkeypatch.setitem(INSTRUMENTS, 'probe', PROBE)
    before = dict(r2p1d='probe')
    return dataclasses.replace(PROBE, name='later', learned_before=before)


def test_what_is_learned_on_another_instrument_comes_first(tmp_path, waves, later):
    preset = SmallScale(tmp_path, later)
    earlier = preset.earlier(NET)
    write_record(tmp_path, earlier, NET)  # is trained again, for its weights
    run_study(study(NET), preset, [5], tmp_path)
    train, test = ('train.py', 'net', 'seed5'), ('test_rates.py', 'seed5', 'test')
    assert waves == [[train], [train], [test]]
    folders = [next(own.folders('net', 5)) for own in (earlier, preset)]
    assert [own.trained.is_file() for own in folders] == [True, True]
    assert not folders[0].is_tested('test') and folders[1].is_tested('test')
    # What has been learned there before is learned once; the others learn together.
    folders[1].trained.unlink()
    record_path(tmp_path, 'later', 'net', 5).unlink()
    other, third = (dataclasses.replace(PLAIN, name=name) for name in ('b', 'c'))
    run_study(study(NET, other, third), preset, [5], tmp_path)
    before = [('train.py', 'b', 'seed5'), ('train.py', 'c', 'seed5')]
    assert waves[3] == before and waves[4][0] == train


def test_nothing_is_learned_before_where_the_data_is_not_there(
    tmp_path, later, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    real = dataclasses.replace(later, videos={})
    with pytest.raises(FileNotFoundError, match='No annotation list'):
        run_study(study(NET), SmallScale(tmp_path / 'runs', real), [5], tmp_path)
    assert not (tmp_path / 'runs').exists()


def test_a_network_starts_from_what_it_has_learned_before(tmp_path, later):
    preset = SmallScale(tmp_path, later, epochs=1)
    run_study(study(NET), preset, [0], tmp_path / 'records')
    before = next(preset.earlier(NET).folders('net', 0)).last_checkpoint()
    log = (next(preset.folders('net', 0)).path / 'train.log').read_text()
    assert before.is_file() and f'from path: {before}' in log


def test_a_part_that_is_tested_later_joins_the_others(tmp_path, waves):
    preset = SmallScale(tmp_path, PROBE)
    for parts in (['val'], ['test'], ['val', 'test']):
        run_study(study(NET), preset, [5], tmp_path, parts)
    assert waves == [
        [('train.py', 'net', 'seed5')],
        [('test_rates.py', 'seed5', 'val')],
        [('test_rates.py', 'seed5', 'test')],
    ]
    record = RunRecord.load(record_path(tmp_path, 'probe', 'net', 5))
    assert list(record.parts) == ['val', 'test']


def test_a_record_is_not_overwritten_without_its_training(tmp_path, waves):
    preset = SmallScale(tmp_path, PROBE)
    write_record(tmp_path, preset, NET)
    with pytest.raises(ValueError, match='net_seed5.json has no test on the val part'):
        run_study(study(NET), preset, [5], tmp_path, ['val', 'test'])
    assert not waves


def test_a_record_of_other_settings_is_refused(tmp_path, waves):
    preset = SmallScale(tmp_path, PROBE)
    write_record(tmp_path, preset, NET)
    shorter = SmallScale(tmp_path, PROBE, epochs=1)
    with pytest.raises(ValueError, match='net_seed5.json was made with epochs=11, not'):
        run_study(study(NET), shorter, [5], tmp_path)
    assert not waves
