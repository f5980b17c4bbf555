import dataclasses
import time

import pytest
import torch
from support import ROOT

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe
from dem_mmaction.robustness import RateResults
from dem_mmaction.studies.catalogue import find_study
from dem_mmaction.studies.jobs import Job, JobError
from dem_mmaction.studies.presets import FullSize, Probe
from dem_mmaction.studies.report import write_report
from dem_mmaction.studies.running import run_study
from dem_mmaction.studies.study import (
    Cell,
    Experiment,
    OnProbe,
    ProbeVideos,
    Study,
    Table,
)
from dem_mmaction.studies.tables import NOT_RUN

SMALL = dict(backbone=dict(base_channels=4), cls_head=dict(in_channels=32))
COMMON = dict(train=32, test=16, frames=40, size=(40, 40))
SINGLE = ProbeVideos('single', ProbeSpec(**COMMON))
OTHER = ProbeVideos('other', ProbeSpec(classes='compound', **COMMON))
CONFIG = 'probe/r2p1d_dem_probe.py'
NET = Experiment(
    'net', OnProbe(CONFIG, SINGLE, dict(model=SMALL)), 'r2p1d_minik.py', rates=(1, 2)
)
FROZEN = dict(SMALL, backbone=dict(base_channels=4, frozen_stages=3))
TUNED = Experiment(
    'tuned', OnProbe(CONFIG, OTHER, dict(model=FROZEN)), 'r2p1d_minik.py', start='net'
)


def study(*experiments):
    rows = tuple(
        ((e.name,), (Cell((e.name,), 1, 'video/top1', 50.0),)) for e in experiments
    )
    return Study('one', 'one', experiments, Table(('network',), ('top-1',), rows))


def weights(preset, name, epoch):
    path = preset.folder(name, 0).path / f'epoch_{epoch}.pth'
    return torch.load(path)['state_dict']


def test_a_run_that_was_killed_ends_the_same(tmp_path, monkeypatch):
    presets = {name: Probe(tmp_path / name, epochs=4) for name in ('whole', 'killed')}
    for name, preset in presets.items():
        if name == 'killed':
            start, note = Job.start, preset.folder('net', 0).path / 'last_checkpoint'

            def start_and_kill(self, threads, start=start, note=note):
                start(self, threads)
                if self.tool == 'train.py':
                    while not note.is_file():
                        assert self.process.poll() is None
                        time.sleep(0.01)
                    self.process.kill()

            monkeypatch.setattr(Job, 'start', start_and_kill)
            with pytest.raises(JobError, match='train.py failed'):
                run_study(study(NET), preset, [0])
            monkeypatch.setattr(Job, 'start', start)
        run_study(study(NET), preset, [0])
    whole, killed = (weights(preset, 'net', 4) for preset in presets.values())
    for key, value in whole.items():
        assert torch.equal(value, killed[key]), key
    texts = [write_report(study(NET), preset, [0]).text for preset in presets.values()]
    assert texts[0] == texts[1] and NOT_RUN not in texts[0]

    # A finished run is left alone, and one that starts from it has its weights below
    # conv5_x, whose batch statistics have not moved.
    started, start, preset = [], Job.start, presets['whole']
    monkeypatch.setattr(
        Job,
        'start',
        lambda self, threads: (
            started.append(self.work_dir.parent.name),
            start(self, threads),
        ),
    )
    run_study(study(NET, TUNED), preset, [0])
    assert started == ['tuned', 'seed0'], 'one training, one test'
    with pytest.raises(ValueError, match='net/seed0 was made with epochs=4, not 1'):
        run_study(study(NET), Probe(tmp_path / 'whole', epochs=1), [0])
    tuned = weights(preset, 'tuned', 4)
    changed = {key for key in whole if not torch.equal(whole[key], tuned[key])}
    assert {key.split('.')[1] for key in changed} == {'layer4', 'fc_cls'}
    classes = preset.folder('tuned', 0).results().rates[1].classes
    assert classes['0']['name'] == 'left_up'


def test_those_that_others_start_from_come_first(tmp_path, monkeypatch):
    monkeypatch.setattr(
        'dem_mmaction.studies.presets.generate_probe', lambda folder, spec: None
    )
    waves = []

    def run_jobs(jobs, name, unit, parallel):
        waves.append([(job.tool, job.work_dir.parent.name) for job in jobs])
        for job in jobs:
            job.work_dir.mkdir(parents=True, exist_ok=True)
            (job.work_dir / 'last_checkpoint').write_text('/moved/last.pth')
            (job.work_dir / 'last.pth').touch()
            cfg = job.config.model.backbone.get('init_cfg')
            assert job.config.randomness.seed == 5
            if job.work_dir.parent.name == 'tuned':
                assert cfg.checkpoint.endswith('net/seed5/last.pth')
                assert (cfg.type, cfg.prefix) == ('Pretrained', 'backbone.')

    monkeypatch.setattr('dem_mmaction.studies.running.run_jobs', run_jobs)
    run_study(study(NET, TUNED), Probe(tmp_path, epochs=1), [5])
    assert waves == [
        [('train.py', 'net')],
        [('train.py', 'tuned')],
        [('test_rates.py', 'seed5')] * 2,
    ]


def test_a_checkpoint_that_is_gone_is_named(tmp_path):
    preset = Probe(tmp_path, epochs=1)
    RateResults(1, {}).save(preset.folder('net', 0).test)
    with pytest.raises(
        FileNotFoundError, match='net/seed0/last_checkpoint.*is not there'
    ):
        run_study(study(NET, TUNED), preset, [0])


def test_full_size_reads_its_configs(tmp_path):
    lists = generate_probe(tmp_path / 'probe', SINGLE.spec, progress=False)
    config = f"""
_base_ = '{ROOT}/configs/r2p1d_minik.py'
model = dict(backbone=dict(depth=10, base_channels=4),
             cls_head=dict(num_classes=8, in_channels=32))
train_cfg = dict(max_epochs=1)
"""
    for part, split in (('train', 'train'), ('val', 'test'), ('test', 'test')):
        config += (
            f'{part}_dataloader = dict(num_workers=0, persistent_workers=False, '
            f'dataset=dict(num_classes=8, ann_file="{lists[split]}"))\n'
        )
    (tmp_path / 'net.py').write_text(config)
    (tmp_path / 'tuned.py').write_text(
        "_base_ = 'net.py'\nmodel = dict(backbone=dict(frozen_stages=3))\n"
    )
    net, tuned = (
        dataclasses.replace(e, full=str(tmp_path / f'{e.name}.py'))
        for e in (NET, TUNED)
    )
    whole, full = study(net, tuned), FullSize(tmp_path)
    run_study(whole, full, [0])
    # Called again between training and test, it does not train on.
    (full.folder('net', 0).test / RateResults.FILE).unlink()
    run_study(whole, full, [0])
    text = write_report(whole, full, [0]).text
    assert 'Full size.' in text and NOT_RUN not in text
    states = [weights(full, name, 1) for name in ('net', 'tuned')]
    changed = {key for key in states[0] if not torch.equal(*(s[key] for s in states))}
    assert {key.split('.')[1] for key in changed} == {'layer4', 'fc_cls'}
    log = (full.folder('net', 0).path / 'train.log').read_text()
    assert 'Scaling the original LR' in log  # for one process instead of four GPUs


def test_the_demo_trains_tests_and_goes_on(tmp_path):
    demo = find_study('demo')
    experiments = tuple(
        dataclasses.replace(e, probe=dataclasses.replace(e.probe, videos=SINGLE))
        for e in demo.experiments
    )
    small = dataclasses.replace(demo, experiments=experiments[1:2])
    preset = Probe(tmp_path, epochs=1)
    run_study(small, preset, [0])
    text = write_report(small, preset, [0]).text
    assert text.count('| DEM in conv2_x |    905,440 |') == 3
    assert text.count('not run') == 6 * 7  # two other networks, three rates
    log = preset.folder(small.experiments[0].name, 0)
    assert not [entry for entry in log.logged() if 'epoch' not in entry]  # validations
    trained = (log.path / 'epoch_1.pth').stat().st_mtime_ns
    run_study(small, preset, [0])
    assert (log.path / 'epoch_1.pth').stat().st_mtime_ns == trained
    assert write_report(small, preset, [0]).text == text
