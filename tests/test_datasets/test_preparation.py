"""From a folder of videos to lists, by the tool and by its parts."""
import errno
import json
import os
import re
import resource
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import cv2
import decord
import numpy as np
import pytest
from mmaction.registry import DATASETS
from preparation_videos import salt, write_video

from dem_mmaction.datasets.preparation import prepare as preparing
from dem_mmaction.datasets.preparation.check import (
    DamagedVideo,
    VideoFacts,
    check_video,
)
from dem_mmaction.datasets.preparation.lists import Entry, ListError
from dem_mmaction.datasets.preparation.outcome import write_all
from dem_mmaction.datasets.preparation.prepare import prepare
from dem_mmaction.datasets.preparation.record import Record
from dem_mmaction.datasets.preparation.report import summary
from dem_mmaction.datasets.preparation.sources import SOURCES
from dem_mmaction.datasets.preparation.transcode import (
    CopySettings,
    copy_size,
    transcode,
)

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / 'tools' / 'data' / 'prepare.py'
ENVIRONMENT = dict(os.environ, PYTHONPATH=str(ROOT), PYTHONWARNINGS='ignore',
                   OMP_NUM_THREADS='1')


def run_tool(*args, code=0, **kwargs):
    done = subprocess.run([sys.executable, TOOL, *map(str, args)], env=ENVIRONMENT,
                          capture_output=True, text=True, timeout=300, **kwargs)
    assert done.returncode == code, done.stdout + done.stderr
    assert 'Traceback' not in done.stderr, done.stderr
    return done.stdout, done.stderr


def listed(out, *stems):
    return {stem: [line.rsplit(' ', 1)[0] for line in
                   (out / f'{stem}.txt').read_text().splitlines()] for stem in stems}


def contents(folder):
    return {path.relative_to(folder): path.read_bytes()
            for path in sorted(folder.rglob('*')) if path.is_file()
            and path.suffix in ('.txt', '.mp4', '.json')}


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
    output, _ = run_tool('folder', '--videos', videos, '--out', out, '--limit', 20,
                         code=2)
    assert time.monotonic() - started < 60
    assert f'{len(said)} damaged' in output
    report = json.loads((out / 'report.json').read_text())
    reasons = {Path(entry['file']).name: entry['reason']
               for entry in report['damaged'].values()}
    assert sorted(reasons) == sorted(said)
    page = (out / 'report.md').read_text()
    for name, reason in reasons.items():
        assert re.search(said[name], reason), (name, reason)
        assert f'{name}: {reason}' in page
    names = [Path(path).name for path in sum(listed(out, 'train', 'val').values(), [])]
    assert sorted(names) == sorted(
        ['0.mp4', '1.mp4', '2.mp4', '3.mp4', 'whole.avi', 'whole.mkv', 'whole.mp4',
         'whole_faststart.mp4'])
    assert report['loops'] == [str(videos / 'whole' / 'back')]
    usable = sum(counts['usable'] for counts in report['lists'].values())
    assert usable == 8 and (out / 'report.png').is_file()
    short = [counts['too_short'] for counts in report['lists'].values()]
    # 16 frames at SR 2 need 31, at SR 4 61: of 20 to 23 frames and of 60.
    assert [sum(s[rate] for s in short) for rate in '124'] == [0, 4, 8]


@pytest.fixture
def kinetics(tmp_path):
    """A tree with train and val, names of both kinds, a blank in a class."""
    lists, videos = tmp_path / 'lists', tmp_path / 'videos'
    lists.mkdir()
    for part, count in (('train', 4), ('val', 2)):
        rows = [(f'{part}{i:_>6}'.ljust(11, '-')[:11], ('air drumming', 'yoga')[i % 2])
                for i in range(count)]
        lines = [f'{label},{name},0,1,{part},0' for name, label in rows]
        (lists / f'{part}.csv').write_text(
            'label,youtube_id,time_start,time_end,split,is_cc\n' + '\n'.join(lines))
        for i, (name, label) in enumerate(rows):
            stem = f'{name}_000000_000001' if i % 2 else name
            if (part, i) != ('train', 3):
                write_video(videos / part / label / f'{stem}.mp4', 40 + i,
                            size=(120, 90))
    write_video(videos / 'train' / f'{"train_____0"}.mp4', 33)
    write_video(videos / 'train' / 'yoga' / 'something else.mp4', 33)
    return lists, videos


def test_missing_duplicate_and_unlisted_videos_are_told(kinetics, tmp_path):
    lists, videos = kinetics
    out = tmp_path / 'out'
    outcome = prepare(SOURCES['kinetics400'](), out, videos, lists, workers=2)
    known = summary(outcome)
    assert known['lists']['train'] == dict(
        expected=4, found=3, missing=1, damaged=0, usable=3,
        too_short={'1': 0, '2': 0, '4': 3})
    assert known['missing'] == ['train_____3'] and known['unlisted'] == 1
    assert len(known['duplicates']['train_____0']) == 2
    assert known == json.loads((out / 'report.json').read_text())
    assert (out / 'classes.txt').read_text() == 'air drumming\nyoga\n'
    # The lists name files where they are, and the data set reads them, blanks or not.
    dataset = DATASETS.build(dict(
        type='VideoListDataset', ann_file=str(out / 'train.txt'), num_classes=2,
        pipeline=[dict(type='VideoInit')]))
    assert [dataset[i]['label'] for i in range(3)] == [0, 1, 0]
    assert any('air drumming' in dataset[i]['filename'] for i in range(3))


def test_what_was_checked_is_not_checked_again(kinetics, tmp_path, monkeypatch):
    lists, videos = kinetics
    out = tmp_path / 'out'
    prepare(SOURCES['kinetics400'](), out, videos, lists, workers=1)
    before = contents(out)
    asked = []
    run = preparing.run_in_processes
    monkeypatch.setattr(preparing, 'run_in_processes', lambda function, tasks, *args: (
        asked.append(list(tasks)) or run(function, asked[-1], *args)))
    prepare(SOURCES['kinetics400'](), out, videos, lists, workers=1)
    assert asked == [[]] and contents(out) == before
    # A file that has changed is.
    changed = videos / 'val' / 'air drumming' / 'val_____0--.mp4'
    assert changed.is_file(), sorted(videos.rglob('*.mp4'))
    changed.write_bytes(b'nothing')
    outcome = prepare(SOURCES['kinetics400'](), out, videos, lists, workers=1)
    assert asked[1] == [changed] and list(outcome.damaged.values()) == [
        'Invalid data found when processing input']
    # It is looked at each time, as the reason may pass; and one file under two names
    # once.
    source = videos / 'val' / 'yoga' / 'val_____1--_000000_000001.mp4'
    changed.unlink()
    os.link(source, changed)
    outcome = prepare(SOURCES['kinetics400'](), out, videos, lists, workers=1)
    assert asked[2] == [] and not outcome.damaged


def test_lists_only(data, tmp_path):
    out = tmp_path / 'out'
    output, _ = run_tool('ucf101', '--lists', data / 'lists/ucf101', '--lists-only',
                         '--out', out)
    assert 'train_split1.txt: 9,537 expected\n' in output
    assert len(listed(out, 'test_split3')['test_split3']) == 3696
    assert 'no video has been looked at' in (out / 'report.md').read_text()
    (out / 'report.json').write_text('{"checked": true}')
    _, error = run_tool('ucf101', '--lists', data / 'lists/ucf101', '--lists-only',
                        '--out', out, code=1)
    assert 'has lists of checked videos: give another --out' in error


def test_copies_are_small_and_the_same_frame_by_frame(data, tmp_path):
    out, videos = tmp_path / 'out', data / 'torchvision_assets'
    table = tmp_path / 'mine.csv'
    names = sorted(path.name for path in videos.iterdir()
                   if path.suffix in ('.mp4', '.avi'))
    table.write_text('path,label,split\n' + ''.join(
        f'{name},{"ab"[i % 2]},{"train" if i < 6 else "val"}\n'
        for i, name in enumerate(names)))
    before = {path: path.stat().st_mtime_ns for path in videos.iterdir()}
    run_tool('folder', '--videos', videos, '--lists', table, '--out', out,
             '--transcode', '--workers', 2)
    assert before == {path: path.stat().st_mtime_ns for path in videos.iterdir()}
    copies = listed(out, 'train', 'val')
    assert len(copies['train']) == 6 and len(copies['val']) == len(names) - 6
    for name, copy in zip(names, sum(copies.values(), []), strict=True):
        assert copy == f'copies/{"ab"[names.index(name) % 2]}/{Path(name).stem}.mp4'
        # Read in order: decord seeks to wrong frames in some AVI files.
        original = decord.VideoReader(str(videos / name))
        original = original.get_batch(range(len(original))).asnumpy()
        copied = decord.VideoReader(str(out / copy))
        # The decoder counts one packet of these AVI files that holds no frame.
        assert len(original) - len(copied) in (0, name.endswith('avi'))
        height, width = copied[0].shape[:2]
        assert (width, height) == copy_size(*original.shape[2:0:-1], 154)
        assert min(width, height) == 154
        assert max(np.diff(copied.get_key_indices())) <= 16
        shown = copied.get_batch(range(0, len(copied), 9)).asnumpy().astype(int)
        wanted = np.stack([
            cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
            for frame in original[:len(copied):9]])
        assert np.abs(shown - wanted).mean() < 5


def test_copies_are_read_right_where_decord_seeks_wrong(data, tmp_path):
    # Most frames of the original, asked for alone, are other frames (docs/data.md).
    name = 'RATRACE_wave_f_nm_np1_fr_goo_37.avi'
    copy = tmp_path / 'copy.mp4'
    frames = transcode(
        data / 'torchvision_assets' / name, copy, CopySettings()).frames
    in_order = decord.VideoReader(str(copy)).get_batch(range(frames)).asnumpy()
    for i in reversed(range(frames)):
        alone = decord.VideoReader(str(copy))[i].asnumpy()
        np.testing.assert_array_equal(alone, in_order[i])


def test_originals_are_never_the_place_of_copies(tmp_path):
    out = tmp_path / 'data'
    for i in range(4):
        write_video(out / 'copies' / 'ab'[i % 2] / f'{i}.mp4', 20)
        write_video(out / 'videos' / 'ab'[i % 2] / f'{i}.mp4', 20)
    with pytest.raises(ListError, match='are the copies of --out .*: give the orig'):
        prepare(SOURCES['folder'](), out, out / 'copies', copies=CopySettings())
    # Copies below the videos are not taken for originals.
    for _ in range(2):
        outcome = prepare(SOURCES['folder'](), out / 'videos' / 'prepared',
                          out / 'videos', copies=CopySettings())
        assert len(outcome.paths) == outcome.expected == 4


def test_a_copy_is_made_again_when_it_is_not_what_is_asked_for(tmp_path, monkeypatch):
    videos, out = tmp_path / 'videos', tmp_path / 'out'
    for i in range(4):
        write_video(videos / 'ab'[i % 2] / f'{i}.mp4', 20, size=(120, 90))
    made = []
    make = preparing.run_in_processes
    monkeypatch.setattr(preparing, 'run_in_processes', lambda function, tasks, *args: (
        made.append(len(tasks)) or make(function, tasks, *args)))

    def sizes(short_side, out=out):
        made.clear()
        outcome = prepare(SOURCES['folder'](), out, videos, workers=1,
                          copies=CopySettings(short_side=short_side))
        assert len(outcome.paths) == 4
        return {check_video(path).height for path in outcome.paths.values()}, made[1]

    assert sizes(64) == ({64}, 4)
    assert sizes(32) == ({32}, 4)
    assert sizes(64) == ({64}, 4)
    assert sizes(64) == ({64}, 0)
    copy = out / 'copies' / 'a' / '0.mp4'
    copy.write_bytes(copy.read_bytes()[:3000])
    assert sizes(64) == ({64}, 1)
    monkeypatch.chdir(tmp_path)
    assert sizes(64, Path('out')) == ({64}, 0)


def test_copies_that_would_lack_frames_are_told(tmp_path):
    path = write_video(tmp_path / 'inside.mp4', 40, movflags='faststart')
    with pytest.raises(DamagedVideo, match='only 40 of 50 frames can be decoded'):
        transcode(path, tmp_path / 'copy.mp4', CopySettings(), frames=50)
    assert sorted(p.name for p in tmp_path.iterdir()) == ['inside.mp4']


def test_copies_of_phone_videos_are_upright(tmp_path):
    source = write_video(tmp_path / 'plain.mp4', 20, size=(96, 64))
    turned = tmp_path / 'turned.mp4'
    content = bytearray(source.read_bytes())
    # The matrix of the track: 90 degrees.
    place = content.index(b'tkhd') + 4 + 40
    content[place:place + 36] = struct.pack(
        '>9i', 0, 1 << 16, 0, -(1 << 16), 0, 0, 64 << 16, 0, 1 << 30)
    turned.write_bytes(content)
    facts = check_video(turned)
    assert (facts.width, facts.height) == (64, 96)
    copied = transcode(turned, tmp_path / 'copy.mp4', CopySettings())
    assert (copied.width, copied.height, copied.frames) == (64, 96, 20)
    shown, wanted = (decord.VideoReader(str(path))[7].asnumpy().astype(int)
                     for path in (tmp_path / 'copy.mp4', turned))
    assert np.abs(shown - wanted).mean() < np.abs(shown - wanted[::-1, ::-1]).mean() / 2


def test_a_second_call_at_once_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(preparing, '_PATIENCE', 0)
    with preparing._alone(tmp_path), pytest.raises(
            ListError, match=f'Another call is writing to {tmp_path}'):
        with preparing._alone(tmp_path):
            pass


@pytest.mark.parametrize('stem, seconds, expected', [
    ('full', 300., (100., 110.)), ('full', 50., None), ('full', 10.5, None),
    ('ID_000100_000110', 300., None)])
def test_what_has_been_cut_is_not_cut_again(stem, seconds, expected):
    entry = Entry('v', 0, (), 'list:1', (100., 110.))
    facts = VideoFacts(int(25 * seconds), 96, 64, 25.)
    segment = preparing.segment_of(
        entry, Path(f'{stem}.mp4'), facts, CopySettings(trim=True))
    assert segment == expected


def test_names_that_no_list_can_hold(tmp_path):
    for i in range(4):
        write_video(tmp_path / 'videos' / 'ab'[i % 2] / f'{i}.mp4', 20)
    os.rename(tmp_path / 'videos/a/0.mp4', tmp_path / 'videos/a/new\nline.mp4')
    os.rename(os.fsencode(tmp_path / 'videos/b/1.mp4'),
              os.fsencode(tmp_path / 'videos/b/caf') + b'\xe9.mp4')
    for i in (4, 5):
        write_video(tmp_path / 'videos' / 'ab'[i % 2] / f'{i}.mp4', 20)
    output, _ = run_tool('folder', '--videos', tmp_path / 'videos', '--out',
                         tmp_path / 'out', code=2)
    page = (tmp_path / 'out' / 'report.md').read_text()
    assert 'line break' in page and 'its name is not UTF-8' in page
    names = sum(listed(tmp_path / 'out', 'train', 'val').values(), [])
    assert len(names) == 4


def test_trimming_keeps_the_segment(kinetics, tmp_path):
    lists, videos = kinetics
    for path in videos.rglob('*.mp4'):  # 4 s each
        write_video(path, 100, size=(120, 90))
    for path in lists.glob('*.csv'):
        path.write_text(path.read_text().replace(',0,1,', ',1,2,'))
    outcome = prepare(SOURCES['kinetics400'](), tmp_path / 'out', videos, lists,
                      CopySettings(trim=True, short_side=64), workers=2)
    # Those whose name says that they have been cut stay whole.
    assert {path.stem: outcome.facts[name].frames
            for name, path in outcome.found.paths.items()} == {
        'train_____0': 25, 'train_____1_000000_000001': 100, 'train_____2': 25,
        'val_____0--': 25, 'val_____1--_000000_000001': 100}
    assert {(fact.width, fact.height) for fact in outcome.facts.values()} == {(86, 64)}
    assert all(' ' not in str(path.relative_to(tmp_path))
               for path in outcome.paths.values())


@pytest.mark.parametrize('size, expected', [
    ((340, 256), (204, 154)), ((240, 320), (154, 206)), ((128, 96), (128, 96)),
    ((121, 91), (120, 90)), ((1920, 1080), (274, 154))])
def test_size_of_copies(size, expected):
    assert copy_size(*size, 154) == expected


@pytest.mark.parametrize('values', [
    dict(short_side=16), dict(key_frames=0), dict(quality=60)])
def test_bad_settings_are_named(values):
    name, value = next(iter(values.items()))
    with pytest.raises(ValueError, match=f'--{name.replace("_", "-")} {value}'):
        CopySettings(**values)


def test_a_killed_run_ends_as_an_undisturbed_one(tmp_path):
    videos = tmp_path / 'videos'
    for i in range(24):
        write_video(videos / 'ab'[i % 2] / f'{i}.mp4', 40 + i, size=(320, 240))
    (videos / 'a' / 'cut.mp4').write_bytes(
        (videos / 'a' / '0.mp4').read_bytes()[:20000])
    args = ['folder', '--videos', videos, '--transcode', '--workers', '2']
    run_tool(*args, '--out', tmp_path / 'whole', code=2)
    out = tmp_path / 'killed'
    kills = 0
    for wanted in (1, 4, 9, 15, 21):  # copies that are there when it is killed
        process = subprocess.Popen(
            [sys.executable, TOOL, *map(str, args), '--out', out], env=ENVIRONMENT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        while process.poll() is None and len(
                list(out.glob('copies/*/*.mp4'))) < wanted:
            time.sleep(0.005)
        if process.poll() is None:
            kills += 1
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not (out / 'train.txt').exists()
    assert kills == 5
    run_tool(*args, '--out', out, code=2)
    whole, killed = contents(tmp_path / 'whole'), contents(out)
    assert list(whole) == list(killed)
    for path, content in whole.items():
        assert content == killed[path], path
    assert not list(out.rglob('*.part'))


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
        'train.txt': 'old', 'val.txt': 'old'}


def test_a_full_disk_is_told_in_a_line(tmp_path):
    videos, out = tmp_path / 'videos', tmp_path / 'out'
    for i in range(4):
        write_video(videos / 'ab'[i % 2] / f'{i}.mp4', 60, size=(320, 240))
    _, error = run_tool(
        'folder', '--videos', videos, '--out', out, '--transcode', code=1,
        # As a disk of 50 kB for each file.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000)))
    assert f'prepare: {out}/copies/' in error and 'File too large' in error
    assert 'the same command goes on' in error.replace('\n', ' ')
    assert not list(out.rglob('*.mp4')) and not (out / 'train.txt').exists()
    run_tool('folder', '--videos', videos, '--out', out, '--transcode')
    assert not list(out.rglob('*.part'))


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


@pytest.mark.parametrize('args, message', [
    (['ucf101', '--videos', '/no', '--lists', '{lists}'], '--videos /no is not a f'),
    (['ucf101', '--videos', '{here}', '--lists', '/no'], '--lists /no is not a folder'),
    (['folder', '--videos', '{here}', '--val-fraction', '1.5'], '--val-fraction 1.5'),
    (['folder', '--videos', '{here}', '--transcode', '--quality', '99'],
     '--quality 99 must be'),
])
def test_bad_input_is_one_line(args, message, data, tmp_path):
    args = [arg.format(here=tmp_path, lists=data / 'lists' / 'ucf101') for arg in args]
    _, error = run_tool(*args, '--out', tmp_path / 'out', code=1)
    assert error.startswith('prepare: ') and message in error
    assert error.count('\n') == 1
