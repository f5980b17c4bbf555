"""From a folder of videos to lists, by the tool and by its parts."""

import errno
import json
import os
import re
import time
from pathlib import Path

import pytest
from mmaction.registry import DATASETS
from preparation_videos import (
    contents,
    listed,
    run_tool,
    salt,
    write_kinetics,
    write_video,
)

from dem_mmaction.datasets.preparation import prepare as preparing
from dem_mmaction.datasets.preparation.lists import ListError
from dem_mmaction.datasets.preparation.outcome import write_all
from dem_mmaction.datasets.preparation.prepare import prepare
from dem_mmaction.datasets.preparation.record import Record
from dem_mmaction.datasets.preparation.report import summary
from dem_mmaction.datasets.preparation.sources import SOURCES


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
    output, _ = run_tool(
        'folder', '--videos', videos, '--out', out, '--limit', 20, code=2
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
    outcome = prepare(SOURCES['kinetics400'](), out, videos, lists, workers=2)
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


def test_what_was_checked_is_not_checked_again(tmp_path, monkeypatch):
    lists, videos = write_kinetics(tmp_path)
    out = tmp_path / 'out'
    prepare(SOURCES['kinetics400'](), out, videos, lists, workers=1)
    before = contents(out)
    asked = []
    run = preparing.run_in_processes
    monkeypatch.setattr(
        preparing,
        'run_in_processes',
        lambda function, tasks, *args: (
            asked.append(list(tasks)) or run(function, asked[-1], *args)
        ),
    )
    prepare(SOURCES['kinetics400'](), out, videos, lists, workers=1)
    assert asked == [[]] and contents(out) == before
    # A file that has changed is.
    changed = videos / 'val' / 'air drumming' / 'val_____0--.mp4'
    assert changed.is_file(), sorted(videos.rglob('*.mp4'))
    changed.write_bytes(b'nothing')
    outcome = prepare(SOURCES['kinetics400'](), out, videos, lists, workers=1)
    assert asked[1] == [changed] and list(outcome.damaged.values()) == [
        'Invalid data found when processing input'
    ]
    # It is looked at each time, as the reason may pass; and one file under two names
    # once.
    source = videos / 'val' / 'yoga' / 'val_____1--_000000_000001.mp4'
    changed.unlink()
    os.link(source, changed)
    outcome = prepare(SOURCES['kinetics400'](), out, videos, lists, workers=1)
    assert asked[2] == [] and not outcome.damaged


def test_lists_only(data, tmp_path):
    out = tmp_path / 'out'
    output, _ = run_tool(
        'ucf101', '--lists', data / 'lists/ucf101', '--lists-only', '--out', out
    )
    assert 'train_split1.txt: 9,537 expected\n' in output
    assert len(listed(out, 'test_split3')['test_split3']) == 3696
    assert 'no video has been looked at' in (out / 'report.md').read_text()
    (out / 'report.json').write_text('{"checked": true}')
    _, error = run_tool(
        'ucf101', '--lists', data / 'lists/ucf101', '--lists-only', '--out', out, code=1
    )
    assert 'has lists of checked videos: give another --out' in error


def test_a_second_call_at_once_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, '_PATIENCE', 0)
    with (
        preparing._alone(tmp_path),
        pytest.raises(ListError, match=f'Another call is writing to {tmp_path}'),
    ):
        with preparing._alone(tmp_path):
            pass


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
    output, _ = run_tool(
        'folder', '--videos', tmp_path / 'videos', '--out', tmp_path / 'out', code=2
    )
    page = (tmp_path / 'out' / 'report.md').read_text()
    assert 'line break' in page and 'its name is not UTF-8' in page
    names = sum(listed(tmp_path / 'out', 'train', 'val').values(), [])
    assert len(names) == 4


def test_a_list_that_cannot_be_written_leaves_the_old_ones(tmp_path, monkeypatch):
    write_all(tmp_path, {'train.txt': 'old', 'val.txt': 'old'})
    write = Path.write_text

    def full(self, text, **kwargs):
        if self.name == 'val.txt.part':
            raise OSError(errno.ENOSPC, 'No space left on device')
        return write(self, text, **kwargs)

    monkeypatch.setattr(Path, 'write_text', full)
    with pytest.raises(OSError, match=f'No space left.*{tmp_path}/val.txt.part'):
        write_all(tmp_path, {'train.txt': 'new', 'val.txt': 'new'})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        'train.txt': 'old',
        'val.txt': 'old',
    }


def test_a_kill_while_lists_are_replaced_leaves_no_old_beside_new(
    tmp_path, monkeypatch
):
    write_all(tmp_path, {'train.txt': 'old', 'val.txt': 'old'})
    replace = Path.replace

    def killed(self, target):
        if self.name == 'val.txt.part':
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, 'replace', killed)
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, {'train.txt': 'new', 'val.txt': 'new'})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        'train.txt': 'new'
    }


def test_nothing_usable_writes_nothing(tmp_path):
    for name in ('a/1.mp4', 'a/2.mp4'):
        (tmp_path / 'videos' / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / 'videos' / name).write_text('no')
    with pytest.raises(ListError, match='val.txt: of 2 videos 2 were found, 2 of them'):
        prepare(SOURCES['folder'](), tmp_path / 'out', tmp_path / 'videos', workers=1)
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
    ],
)
def test_bad_input_is_one_line(args, message, data, tmp_path):
    args = [arg.format(here=tmp_path, lists=data / 'lists' / 'ucf101') for arg in args]
    _, error = run_tool(*args, '--out', tmp_path / 'out', code=1)
    assert error.startswith('prepare: ') and message in error
    assert error.count('\n') == 1
