import dataclasses
import time
from pathlib import Path

import pytest
import torch

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe
from dem_mmaction.studies.catalogue import STUDIES
from dem_mmaction.studies.runs import Run
from dem_mmaction.studies.study import Cell, Experiment, Study, Table
from dem_mmaction.studies.study_report import write_report
from dem_mmaction.studies.study_runs import result_file, run_folder, run_study
from dem_mmaction.studies.study_table import NOT_RUN

ROOT = Path(__file__).resolve().parents[2]
SMALL = ('model.backbone.base_channels=4', 'model.cls_head.in_channels=32')
COMMON = dict(train=32, test=16, frames=40, size=(40, 40))
PROBES = dict(single=ProbeSpec(**COMMON), other=ProbeSpec(classes='compound', **COMMON))
NET = Experiment(
    'net', 'r2p1d_minik.py', 'probe/r2p1d_dem_probe.py', SMALL, rates=(1, 2)
)
TUNED = Experiment(
    'tuned',
    'r2p1d_minik.py',
    'probe/r2p1d_dem_probe.py',
    (*SMALL, 'model.backbone.frozen_stages=3'),
    start='net',
    videos='other',
)


def study(*experiments):
    rows = tuple(
        ((e.name,), (Cell((e.name,), 1, 'video/top1', 50.0),)) for e in experiments
    )
    return Study('one', 'one', experiments, Table(('network',), ('top-1',), rows))


def weights(work_dir, name, epoch):
    path = run_folder(work_dir, 'probe', name, 0) / f'epoch_{epoch}.pth'
    return torch.load(path)['state_dict']


def test_a_run_that_was_killed_ends_the_same(tmp_path, monkeypatch):
    for name in ('whole', 'killed'):
        work_dir = tmp_path / name
        folder = run_folder(work_dir, 'probe', 'net', 0)
        if name == 'killed':
            start = Run.start

            def start_and_kill(self, threads, folder=folder, start=start):
                start(self, threads)
                if self.tool == 'train.py':
                    while not (folder / 'last_checkpoint').is_file():
                        assert self.process.poll() is None
                        time.sleep(0.01)
                    self.process.kill()

            monkeypatch.setattr(Run, 'start', start_and_kill)
            with pytest.raises(RuntimeError, match='train.py failed'):
                run_study(study(NET), 'probe', work_dir, [0], 4, PROBES)
            monkeypatch.setattr(Run, 'start', start)
        run_study(study(NET), 'probe', work_dir, [0], 4, PROBES)
    whole, killed = (weights(tmp_path / name, 'net', 4) for name in ('whole', 'killed'))
    for key, value in whole.items():
        assert torch.equal(value, killed[key]), key
    texts = [
        write_report(study(NET), 'probe', tmp_path / name, [0]).text
        for name in ('whole', 'killed')
    ]
    assert texts[0] == texts[1] and NOT_RUN not in texts[0]

    # A finished run is left alone, and one that starts from it has its weights below
    # conv5_x, whose batch statistics have not moved.
    started = []
    start = Run.start
    monkeypatch.setattr(
        Run,
        'start',
        lambda self, threads: (
            started.append(self.work_dir.parent.name),
            start(self, threads),
        ),
    )
    run_study(study(NET, TUNED), 'probe', tmp_path / 'whole', [0], 4, PROBES)
    assert started == ['tuned', 'seed0'], 'one training, one test'
    with pytest.raises(ValueError, match='net/seed0 is of a run with epochs=4, not 1'):
        run_study(study(NET), 'probe', tmp_path / 'whole', [0], 1, PROBES)
    tuned = weights(tmp_path / 'whole', 'tuned', 4)
    changed = {key for key in whole if not torch.equal(whole[key], tuned[key])}
    assert {key.split('.')[1] for key in changed} == {'layer4', 'fc_cls'}
    classes = tmp_path / 'whole/probe_videos/other/classes.txt'
    assert classes.read_text().startswith('left_up\n')


def test_those_that_others_start_from_come_first(tmp_path, monkeypatch):
    monkeypatch.setattr(
        'dem_mmaction.studies.study_runs.generate_probe', lambda folder, spec: None
    )
    waves = []

    def run_all(runs, name, unit, parallel):
        waves.append([(run.tool, run.work_dir.name) for run in runs])
        for run in runs:
            run.work_dir.mkdir(parents=True, exist_ok=True)
            (run.work_dir / 'last_checkpoint').write_text('/moved/last.pth')
            (run.work_dir / 'last.pth').touch()
            if run.tool == 'train.py':
                waves[-1][-1] += tuple(
                    arg.rsplit('/', 3)[1]
                    for arg in map(str, run.args)
                    if arg.startswith('model.backbone.init_cfg.checkpoint')
                )

    monkeypatch.setattr('dem_mmaction.studies.study_runs.run_all', run_all)
    run_study(study(NET, TUNED), 'probe', tmp_path, [5], 1, PROBES)
    assert waves == [
        [('train.py', 'seed5')],
        [('train.py', 'seed5', 'net')],
        [('test_rates.py', 'test')] * 2,
    ]


def test_a_checkpoint_that_is_gone_is_named(tmp_path):
    folder = run_folder(tmp_path, 'probe', 'net', 0)
    result_file(folder).parent.mkdir(parents=True)
    result_file(folder).write_text('{"rates": {}}')
    with pytest.raises(RuntimeError, match='net/seed0/last_checkpoint.*is not there'):
        run_study(study(NET, TUNED), 'probe', tmp_path, [0], 1, PROBES)


def test_full_size_reads_its_configs(tmp_path):
    lists = generate_probe(tmp_path / 'probe', PROBES['single'], progress=False)
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
        dataclasses.replace(e, config=str(tmp_path / f'{e.name}.py'))
        for e in (NET, TUNED)
    )
    whole = study(net, tuned)
    run_study(whole, 'full', tmp_path, [0])
    # Called again between training and test, it does not train on.
    result_file(run_folder(tmp_path, 'full', 'net', 0)).unlink()
    run_study(whole, 'full', tmp_path, [0])
    text = write_report(whole, 'full', tmp_path, [0]).text
    assert 'Full size.' in text and NOT_RUN not in text
    states = [
        torch.load(run_folder(tmp_path, 'full', name, 0) / 'epoch_1.pth')['state_dict']
        for name in ('net', 'tuned')
    ]
    changed = {key for key in states[0] if not torch.equal(*(s[key] for s in states))}
    assert {key.split('.')[1] for key in changed} == {'layer4', 'fc_cls'}


def test_presets_are_checked(tmp_path):
    with pytest.raises(ValueError, match="preset='tiny' for study 'one'.*probe.*full"):
        run_study(study(NET), 'tiny', tmp_path, [0])
    with pytest.raises(ValueError, match='--gpus 2: the probe trains on one'):
        run_study(study(NET), 'probe', tmp_path, [0], processes=2)
    with pytest.raises(ValueError, match="'full' for study 'formulation' must be one"):
        run_study(STUDIES['formulation'], 'full', tmp_path, [0])
    assert not list(Path(tmp_path).iterdir())
