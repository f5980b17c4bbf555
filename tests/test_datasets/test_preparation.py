"""From a folder of videos to lists, by the tool and by its parts."""

import json
import os
import re
import resource
import runpy
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mmaction.registry import DATASETS
from preparation_videos import (
    contents,
    listed,
    run_prepare,
    salt,
    write_kinetics,
    write_video,
)
from support import ROOT

from dem_mmaction.datasets.preparation.lists import ListError
from dem_mmaction.datasets.preparation.outcome import write_all
from dem_mmaction.datasets.preparation.prepare import prepare
from dem_mmaction.datasets.preparation.record import Record
from dem_mmaction.datasets.preparation.report import summary
from dem_mmaction.datasets.preparation.settings import CheckSettings
from dem_mmaction.datasets.preparation.sources import SOURCES
from dem_mmaction.utils import FolderInUseError

TWO = CheckSettings(workers=2)


def test_a_salted_folder(tmp_path):
    videos, out = tmp_path / 'videos', tmp_path / 'out'
    said = salt(videos / 'damaged')
    write_video(videos / 'damaged' / 'one_frame.mp4', frames=1)
    said['one_frame.mp4'] = 'only 1 frame'
    (videos / 'whole').mkdir()
    for i in range(4):
        write_video(videos / 'whole' / f'{i}.mp4', frames=20 + i)
    (videos / 'whole' / 'back').symlink_to(videos)
    started = time.monotonic()
    output = run_prepare(
        'folder', '--videos', videos, '--out', out, '--limit', 20, fails=True
    )
    assert time.monotonic() - started < 60
    assert f'{len(said)} damaged' in output
    report = json.loads((out / 'report.json').read_text())
    reasons = {
        Path(entry['file']).name: entry['reason']
        for entry in report['damaged'].values()
    }
    assert sorted(reasons) == sorted(said)
    page = (out / 'report.md').read_text()
    for name, reason in reasons.items():
        assert re.search(said[name], reason), (name, reason)
        assert f'{name}: {reason}' in page
    names = [Path(path).name for path in sum(listed(out, 'train', 'val').values(), [])]
    assert sorted(names) == sorted(
        [
            '0.mp4',
            '1.mp4',
            '2.mp4',
            '3.mp4',
            'whole.avi',
            'whole.mkv',
            'whole.mp4',
            'whole_faststart.mp4',
        ]
    )
    assert report['loops'] == [str(videos / 'whole' / 'back')]
    usable = sum(counts['usable'] for counts in report['lists'].values())
    assert usable == 8 and (out / 'report.png').is_file()
    short = [counts['too_short'] for counts in report['lists'].values()]
    # 16 frames at SR 2 need 31, at SR 4 61: of 20 to 23 frames and of 60.
    assert [sum(s[rate] for s in short) for rate in '124'] == [0, 4, 8]


def test_missing_duplicate_and_unlisted_videos_are_told(tmp_path):
    lists, videos = write_kinetics(tmp_path)
    out = tmp_path / 'out'
    outcome = prepare(SOURCES['kinetics400'](), out, videos, lists, checks=TWO)
    known = summary(outcome)
    assert known['lists']['train'] == dict(
        expected=4,
        found=3,
        missing=1,
        damaged=0,
        usable=3,
        too_short={'1': 0, '2': 0, '4': 3},
    )
    assert known['missing'] == ['train_____3'] and known['unlisted'] == 1
    assert len(known['duplicates']['train_____0']) == 2
    assert known == json.loads((out / 'report.json').read_text())
    assert (out / 'classes.txt').read_text() == 'air drumming\nyoga\n'
    # The lists name files where they are, and the data set reads them, blanks or not.
    dataset = DATASETS.build(
        dict(
            type='VideoListDataset',
            ann_file=str(out / 'train.txt'),
            num_classes=2,
            pipeline=[dict(type='VideoInit')],
        )
    )
    assert [dataset[i]['label'] for i in range(3)] == [0, 1, 0]
    assert any('air drumming' in dataset[i]['filename'] for i in range(3))


def test_what_was_checked_is_not_checked_again(tmp_path):
    lists, videos = write_kinetics(tmp_path)
    out = tmp_path / 'out'

    def frames():
        """Frames of each video that can be used, and the reasons against others."""
        outcome = prepare(SOURCES['kinetics400'](), out, videos, lists, checks=TWO)
        return {
            name: fact if isinstance(fact, str) else fact.frames
            for name, fact in outcome.facts.items()
        }

    first = frames()
    assert sorted(first.values()) == [40, 40, 41, 41, 42]
    before = contents(out)
    assert frames() == first and contents(out) == before
    # What is on record counts, as long as the file stays as it is.
    record = out / 'checked.jsonl'
    record.write_text(record.read_text().replace('"frames": 41', '"frames": 99'))
    assert sorted(frames().values()) == [40, 40, 42, 99, 99]
    changed = videos / 'val' / 'air drumming' / 'val_____0--.mp4'
    changed.write_bytes(b'nothing')
    assert frames()['val_____0--'] == 'Invalid data found when processing input'
    assert sorted(map(str, frames().values()))[:4] == ['40', '42', '99', '99']
    # It is looked at each time, as the reason may pass; and one file under two names
    # once.
    source = videos / 'val' / 'yoga' / 'val_____1--_000000_000001.mp4'
    changed.unlink()
    os.link(source, changed)
    assert sorted(frames().values()) == [40, 42, 99, 99, 99]


def test_every_frame_is_another_check(tmp_path):
    lists, videos = write_kinetics(tmp_path)
    out, every = tmp_path / 'out', CheckSettings(every_frame=True, workers=2)
    prepare(SOURCES['kinetics400'](), out, videos, lists, checks=TWO)
    record = out / 'checked.jsonl'
    record.write_text(record.read_text().replace('"frames": 41', '"frames": 99'))
    outcome = prepare(SOURCES['kinetics400'](), out, videos, lists, checks=every)
    assert 99 not in {fact.frames for fact in outcome.facts.values()}


def test_lists_only(data, tmp_path):
    out = tmp_path / 'out'
    args = 'ucf101', '--lists', data / 'lists/ucf101', '--lists-only', '--out', out
    output = run_prepare(*args)
    assert 'train_split1.txt: 9,537 expected\n' in output
    assert len(listed(out, 'test_split3')['test_split3']) == 3696
    assert 'no video has been looked at' in (out / 'report.md').read_text()
    (out / 'report.json').write_text('{"checked": true}')
    error = run_prepare(*args, fails=True)
    assert 'has lists of checked videos: give another --out' in error


def test_the_lists_are_written_by_one_call_at_a_time(tmp_path):
    lists, videos = write_kinetics(tmp_path)
    inside, go_on = threading.Event(), threading.Event()

    class Slow(SOURCES['kinetics400']):
        def keys(self, path):
            inside.set()
            assert go_on.wait(60)
            return super().keys(path)

    def call(source):
        return prepare(source, tmp_path / 'out', videos, lists, checks=TWO)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(call, Slow())
        try:
            assert inside.wait(60)
            with pytest.raises(FolderInUseError, match='Another call is writing to'):
                call(SOURCES['kinetics400']())
        finally:
            go_on.set()
        assert len(first.result().paths) == 5


def test_names_that_no_list_can_hold(tmp_path):
    for i in range(4):
        write_video(tmp_path / 'videos' / 'ab'[i % 2] / f'{i}.mp4', 20)
    os.rename(tmp_path / 'videos/a/0.mp4', tmp_path / 'videos/a/new\nline.mp4')
    os.rename(
        os.fsencode(tmp_path / 'videos/b/1.mp4'),
        os.fsencode(tmp_path / 'videos/b/caf') + b'\xe9.mp4',
    )
    for i in (4, 5):
        write_video(tmp_path / 'videos' / 'ab'[i % 2] / f'{i}.mp4', 20)
    run_prepare(
        'folder', '--videos', tmp_path / 'videos', '--out', tmp_path / 'out', fails=True
    )
    page = (tmp_path / 'out' / 'report.md').read_text()
    assert 'line break' in page and 'its name is not UTF-8' in page
    names = sum(listed(tmp_path / 'out', 'train', 'val').values(), [])
    assert len(names) == 4


def files(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_list_that_cannot_be_written_leaves_the_old_ones(tmp_path):
    old = {'train.txt': 'old', 'val.txt': 'old', 'classes.txt': 'old'}
    write_all(tmp_path, old)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # as a full disk does
    try:
        with pytest.raises(OSError, match=f'File too large.*{tmp_path}/val.txt'):
            write_all(
                tmp_path,
                {'train.txt': 'new', 'val.txt': 2000 * 'n', 'classes.txt': 'new'},
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert files(tmp_path) == old


def test_a_kill_while_lists_are_replaced_leaves_no_old_beside_new(
    tmp_path, monkeypatch
):
    names = 'train.txt', 'val.txt', 'classes.txt'
    write_all(tmp_path, dict.fromkeys(names, 'old'))
    replace, calls = Path.replace, []

    def killed(self, target):
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, 'replace', killed)
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, dict.fromkeys(names, 'new'))
    assert files(tmp_path) == {calls[0].name: 'new'}


def test_nothing_usable_writes_nothing(tmp_path):
    for name in ('a/1.mp4', 'a/2.mp4'):
        (tmp_path / 'videos' / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / 'videos' / name).write_text('no')
    with pytest.raises(ListError, match='val.txt: of 2 videos 2 were found, 2 of them'):
        prepare(SOURCES['folder'](), tmp_path / 'out', tmp_path / 'videos', checks=TWO)
    assert not list((tmp_path / 'out').glob('*.txt'))
    assert 'Invalid data' in (tmp_path / 'out' / 'report.md').read_text()


def test_record_survives_a_torn_line(tmp_path):
    path = tmp_path / 'record.jsonl'
    with Record(path) as record:
        record.add('a', 1)
        record.add('b', dict(x=2))
    path.write_text(path.read_text() + '["c", {"x')
    with Record(path) as record:
        assert record.known == dict(a=1, b=dict(x=2))
        record.add('c', 3)
    assert Record(path).known == dict(a=1, b=dict(x=2), c=3)


@pytest.mark.parametrize(
    'args, message',
    [
        (
            ['ucf101', '--videos', '/no', '--lists', '{lists}'],
            '--videos /no is not a f',
        ),
        (
            ['ucf101', '--videos', '{here}', '--lists', '/no'],
            '--lists /no is not a folder',
        ),
        (
            ['folder', '--videos', '{here}', '--val-fraction', '1.5'],
            '--val-fraction 1.5',
        ),
        (
            ['folder', '--videos', '{here}', '--transcode', '--quality', '99'],
            '--quality 99 must be',
        ),
        (['folder', '--videos', '{here}', '--workers', '0'], '--workers 0 must be 1'),
        (['folder', '--videos', '{here}', '--min-frames', '0'], '--min-frames 0 must'),
        (['folder', '--videos', '{here}', '--limit', '0'], '--limit 0.0 must be 0.001'),
    ],
)
def test_bad_input_is_one_line(args, message, data, tmp_path):
    args = [arg.format(here=tmp_path, lists=data / 'lists' / 'ucf101') for arg in args]
    error = run_prepare(*args, '--out', tmp_path / 'out', fails=True)
    assert error.startswith('prepare: ') and message in error
    assert error.count('\n') == 1


@pytest.mark.parametrize('damaged, code', [(0, 0), (1, 2), (5, 1)])
def test_the_exit_code_tells_of_damage_and_of_errors(
    damaged, code, tmp_path, monkeypatch
):
    for i in range(5):
        path = write_video(tmp_path / 'videos' / 'ab'[i % 2] / f'{i}.mp4', 20)
        if i < damaged:
            path.write_bytes(b'nothing')
    tool = ROOT / 'tools' / 'data' / 'prepare.py'
    args = 'folder', '--videos', tmp_path / 'videos', '--out', tmp_path / 'out'
    monkeypatch.setattr(sys, 'argv', list(map(str, (tool, *args))))
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(tool), run_name='__main__')
    # Python ends with code 1 after it has printed a message.
    assert ended.value.code == code or (code == 1 and 'No usable' in ended.value.code)
