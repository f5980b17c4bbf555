import dataclasses
import resource
import runpy
import sys
import time
from pathlib import Path

import pytest
import torch
from support import ROOT, ForkedPopen
from tiny_study import MODEL, NET, PLAIN, PROBE, TUNED, VIDEOS, study

from dem_mmaction.datasets.motion_probe import generate_probe
from dem_mmaction.robustness import RateResults
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.jobs import Job, JobError
from dem_mmaction.studies.presets import FullSize
from dem_mmaction.studies.records import RunRecord, record_path
from dem_mmaction.studies.report import write_report
from dem_mmaction.studies.running import run_study
from dem_mmaction.studies.small_scale import SmallScale
from dem_mmaction.studies.tables import NOT_RUN


@pytest.fixture(autouse=True)
def forked_jobs(monkeypatch):
    """Jobs save the seconds of an import; test_jobs.py starts them as they are."""
    monkeypatch.setattr('dem_mmaction.studies.jobs.Popen', ForkedPopen)


def weights(preset, name, epoch):
    folder = next(preset.folders(name, 0))
    return torch.load(folder.path / f'epoch_{epoch}.pth')['state_dict']


def test_a_run_that_was_killed_ends_the_same(tmp_path, monkeypatch):
    presets = {
        name: SmallScale(tmp_path / name, PROBE, epochs=3)
        for name in ('whole', 'killed')
    }
    records = {name: tmp_path / name / 'records' for name in presets}
    for name, preset in presets.items():
        if name == 'killed':
            start = Job.start
            note = next(preset.folders('net', 0)).path / 'last_checkpoint'

            def start_and_kill(self, threads, start=start, note=note):
                start(self, threads)
                if self.tool == 'train.py':
                    while not note.is_file():
                        assert self.process.poll() is None
                        time.sleep(0.01)
                    self.process.kill()

            monkeypatch.setattr(Job, 'start', start_and_kill)
            with pytest.raises(JobError, match='train.py failed'):
                run_study(study(NET), preset, [0], records[name])
            monkeypatch.setattr(Job, 'start', start)
        run_study(study(NET), preset, [0], records[name])
    whole, killed = (weights(preset, 'net', 3) for preset in presets.values())
    for key, value in whole.items():
        assert torch.equal(value, killed[key]), key
    found = [
        RunRecord.load(record_path(records[name], 'probe', 'net', 0))
        for name in presets
    ]
    assert found[0].parts == found[1].parts
    curves = [
        dict(zip(own.curves[0].step, own.curves[0].top1, strict=True)) for own in found
    ]
    # The kill comes before the validation of the first epoch, or after it.
    assert len(curves[0]) == 3 and curves[0].items() >= curves[1].items()
    assert len(curves[1]) >= 2
    test = found[0].parts['test']
    assert [len(test.rates[rate].right) for rate in (1, 2)] == [16, 16]

    # A recorded run is left alone, and one that starts from it has its weights below
    # conv5_x, whose batch statistics have not moved.
    started, start, preset = [], Job.start, presets['whole']
    monkeypatch.setattr(
        Job,
        'start',
        lambda self, threads: (started.append(self.work_dir), start(self, threads)),
    )
    run_study(study(NET, TUNED), preset, [0], records['whole'])
    names = [path.relative_to(preset.root) for path in started]
    assert names == [Path('tuned/seed0'), Path('tuned/seed0/test')]
    shorter = SmallScale(tmp_path / 'whole', PROBE, epochs=1)
    with pytest.raises(ValueError, match='net/seed0 was made with epochs=3, not 1'):
        run_study(study(NET), shorter, [0], tmp_path / 'other')
    tuned = weights(preset, 'tuned', 3)
    changed = {key for key in whole if not torch.equal(whole[key], tuned[key])}
    assert {key.split('.')[1] for key in changed} == {'layer4', 'fc_cls'}
    # Records alone make the report: the working folders may be gone.
    text = write_report(
        study(NET, TUNED), SmallScale(tmp_path / 'new', PROBE), [0], records['whole']
    ).text
    assert NOT_RUN not in text.casefold() and '| tuned' in text


def test_networks_of_one_seed_see_the_same_clips(tmp_path):
    preset = SmallScale(tmp_path, PROBE, epochs=1, parallel=1)
    watch = tmp_path / 'watch.py'
    watch.write_text("""
import hashlib
from mmaction.registry import HOOKS
from mmengine.hooks import Hook

@HOOKS.register_module()
class WatchBatches(Hook):
    def before_train_iter(self, runner, batch_idx, data_batch=None):
        clips = b''.join(own.numpy().tobytes() for own in data_batch['inputs'])
        first = runner.model.backbone.layer4[0].downsample.conv.weight
        with open(runner.work_dir + '/batches', 'a') as file:
            print(hashlib.md5(clips).hexdigest(), float(first.sum()), file=file)
""")
    hooks = dict(
        custom_imports=dict(imports=['dem_mmaction', 'watch']),
        custom_hooks=[
            *preset.config(NET).custom_hooks,
            dict(type='WatchBatches', priority='LOWEST'),
        ],
    )
    watched = [
        dataclasses.replace(
            e, small=dataclasses.replace(e.small, changes=dict(model=MODEL, **hooks))
        )
        for e in (NET, PLAIN)
    ]
    sys.path.append(str(tmp_path))
    try:
        run_study(study(*watched), preset, [0], tmp_path / 'records')
    finally:
        sys.path.remove(str(tmp_path))
    net, plain = (
        [line.split() for line in (folder.path / 'batches').read_text().splitlines()]
        for name in ('net', 'plain')
        for folder in preset.folders(name, 0)
    )
    assert [clips for clips, _ in net] == [clips for clips, _ in plain]
    assert net[0] == plain[0]  # and start alike where they are alike
    assert len(net) == 2 and net[0] != net[1]


def test_a_checkpoint_that_is_gone_is_named(tmp_path, monkeypatch):
    preset = SmallScale(tmp_path, PROBE, epochs=1)
    monkeypatch.setattr(preset, 'prepare', lambda experiments: None)
    folder = next(preset.folders('net', 0))
    folder.path.mkdir(parents=True)
    folder.trained.touch()
    with pytest.raises(
        FileNotFoundError, match='net/seed0/last_checkpoint.*is not there'
    ):
        run_study(study(NET, TUNED), preset, [0], tmp_path)


def test_full_size_reads_its_configs(tmp_path):
    lists = generate_probe(tmp_path / 'probe', VIDEOS, progress=False)
    config = f"""
_base_ = '{ROOT}/configs/r2p1d_minik.py'
model = dict(backbone=dict(depth=10, base_channels=4),
             cls_head=dict(num_classes=8, in_channels=32))
train_cfg = dict(max_epochs=1)
"""
    for part, split in (('train', 'train'), ('val', 'test'), ('test', 'test')):
        config += f"""
{part}_pipeline = _base_.{part}_pipeline
{part}_pipeline[3].update(size=32, scale=(44, 40))
{part}_dataloader = dict(
    num_workers=0, persistent_workers=False,
    dataset=dict(num_classes=8, ann_file="{lists[split]}", pipeline={part}_pipeline))
"""
    (tmp_path / 'net.py').write_text(config)
    (tmp_path / 'tuned.py').write_text(
        "_base_ = 'net.py'\nmodel = dict(backbone=dict(frozen_stages=3))\n"
    )
    net, tuned = (
        dataclasses.replace(e, full=str(tmp_path / f'{e.name}.py'))
        for e in (NET, TUNED)
    )
    whole, full = study(net, tuned), FullSize(tmp_path)
    run_study(whole, full, [0], tmp_path)
    # Called again between training and test, it does not train on.
    for name in ('net', 'tuned'):
        record_path(tmp_path, 'full', name, 0).unlink()
    (next(full.folders('net', 0)).test('test') / RateResults.FILE).unlink()
    run_study(whole, full, [0], tmp_path)
    text = write_report(whole, full, [0], tmp_path).text
    assert 'Full size.' in text and 'thesis' in text and NOT_RUN not in text.casefold()
    states = [weights(full, name, 1) for name in ('net', 'tuned')]
    changed = {key for key in states[0] if not torch.equal(*(s[key] for s in states))}
    assert {key.split('.')[1] for key in changed} == {'layer4', 'fc_cls'}
    log = (next(full.folders('net', 0)).path / 'train.log').read_text()
    assert 'Scaling the original LR' in log  # for one process instead of four GPUs


def test_the_demo_trains_tests_and_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(INSTRUMENTS, 'probe', PROBE)
    arguments = ['demo.py', '--epochs', '1', '--work-dir', str(tmp_path)]
    for seeds, trainings in (([0], 2), ([0], 0)):
        monkeypatch.setattr(sys, 'argv', [*arguments, '--seeds', *map(str, seeds)])
        started, start = [], Job.start
        with monkeypatch.context() as patch:
            patch.setattr(
                Job,
                'start',
                lambda self, threads, own=started, start=start: (
                    own.append(self.tool),
                    start(self, threads),
                ),
            )
            runpy.run_path(str(ROOT / 'tools/demo.py'), run_name='__main__')
        assert started.count('train.py') == trainings
        printed = capsys.readouterr().out
        assert printed.count('| DEM in conv2_x |    905,440 |') == 2
        assert NOT_RUN not in printed.casefold() and 'minutes.' in printed
    assert (tmp_path / 'probe/demo.png').is_file()


def test_a_full_disk_is_told_in_a_line(tmp_path, monkeypatch):
    monkeypatch.setitem(INSTRUMENTS, 'probe', PROBE)
    monkeypatch.setattr(sys, 'argv', ['demo.py', '--work-dir', str(tmp_path)])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, limits[1]))  # a file
    try:
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(ROOT / 'tools/demo.py'), run_name='__main__')
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    said = str(ended.value)
    assert said.startswith(str(tmp_path)) and said.endswith('is the disk full?')
    assert '\n' not in said


def test_a_folder_that_cannot_be_made_is_told_in_a_line(tmp_path, monkeypatch):
    (tmp_path / 'file').touch()
    arguments = (
        'run',
        '4.1',
        '--preset',
        'probe',
        '--work-dir',
        str(tmp_path / 'file/work'),
    )
    monkeypatch.setattr(sys, 'argv', ['study.py', *map(str, arguments)])
    with pytest.raises(SystemExit, match='file.*: Not a directory. Once that is mend'):
        runpy.run_path(str(ROOT / 'tools/study.py'), run_name='__main__')
