"""Copies that decode fast: what they hold, and when they are made."""

import os
import signal
import struct
import time
from pathlib import Path

import cv2
import decord
import numpy as np
import pytest
from preparation_videos import (
    contents,
    listed,
    run_prepare,
    write_kinetics,
    write_video,
)
from support import ROOT, run_python, start_tool

from dem_mmaction.datasets.preparation import copies
from dem_mmaction.datasets.preparation.check import (
    DamagedVideo,
    VideoFacts,
    check_video,
)
from dem_mmaction.datasets.preparation.copies import segment_of
from dem_mmaction.datasets.preparation.lists import Entry, ListError
from dem_mmaction.datasets.preparation.prepare import prepare
from dem_mmaction.datasets.preparation.settings import CheckSettings, CopySettings
from dem_mmaction.datasets.preparation.sources import SOURCES
from dem_mmaction.datasets.preparation.transcode import copy_size, transcode
from dem_mmaction.utils import written_aside

TOOL = ROOT / 'tools' / 'data' / 'prepare.py'
TWO = CheckSettings(workers=2)


def test_copies_are_small_and_the_same_frame_by_frame(data, tmp_path):
    out, videos = tmp_path / 'out', data / 'torchvision_assets'
    table = tmp_path / 'mine.csv'
    names = sorted(
        path.name for path in videos.iterdir() if path.suffix in ('.mp4', '.avi')
    )
    table.write_text(
        'path,label,split\n'
        + ''.join(
            f'{name},{"ab"[i % 2]},{"train" if i < 6 else "val"}\n'
            for i, name in enumerate(names)
        )
    )
    before = {path: path.stat().st_mtime_ns for path in videos.iterdir()}
    run_prepare(
        'folder',
        '--videos',
        videos,
        '--lists',
        table,
        '--out',
        out,
        '--transcode',
        '--workers',
        2,
    )
    assert before == {path: path.stat().st_mtime_ns for path in videos.iterdir()}
    made = listed(out, 'train', 'val')
    assert len(made['train']) == 6 and len(made['val']) == len(names) - 6
    for name, copy in zip(names, sum(made.values(), []), strict=True):
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
        wanted = np.stack(
            [
                cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)
                for frame in original[: len(copied) : 9]
            ]
        )
        assert np.abs(shown - wanted).mean() < 5


def test_copies_are_read_right_where_decord_seeks_wrong(data, tmp_path):
    # Most frames of the original, asked for alone, are other frames (docs/data.md).
    name = 'RATRACE_wave_f_nm_np1_fr_goo_37.avi'
    copy = tmp_path / 'copy.mp4'
    frames = transcode(data / 'torchvision_assets' / name, copy, CopySettings()).frames
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
        outcome = prepare(
            SOURCES['folder'](),
            out / 'videos' / 'prepared',
            out / 'videos',
            copies=CopySettings(),
        )
        assert len(outcome.paths) == outcome.expected == 4


def test_a_copy_is_made_again_when_it_is_not_what_is_asked_for(tmp_path, monkeypatch):
    videos, out = tmp_path / 'videos', tmp_path / 'out'
    for i in range(4):
        write_video(videos / 'ab'[i % 2] / f'{i}.mp4', 20, size=(120, 90))

    def stamps():
        return {path: path.stat().st_mtime_ns for path in out.glob('copies/*/*.mp4')}

    def sizes(short_side, out=out):
        """Heights of the copies, and how many were written."""
        before, settings = stamps(), CopySettings(short_side=short_side)
        outcome = prepare(SOURCES['folder'](), out, videos, None, settings, TWO)
        assert len(outcome.paths) == 4
        heights = {check_video(path).height for path in outcome.paths.values()}
        return heights, len(stamps().items() - before.items())

    assert sizes(64) == ({64}, 4)
    assert sizes(32) == ({32}, 4)
    assert sizes(64) == ({64}, 4)
    assert sizes(64) == ({64}, 0)
    copy = out / 'copies' / 'a' / '0.mp4'
    copy.write_bytes(copy.read_bytes()[:3000])
    assert sizes(64) == ({64}, 1)
    monkeypatch.chdir(tmp_path)
    assert sizes(64, Path('out')) == ({64}, 0)


def test_no_copy_is_where_another_one_is_being_written(tmp_path):
    videos, out = tmp_path / 'videos', tmp_path / 'out'
    for i, name in enumerate(('x.avi', 'x.part.avi', 'y.part.mp4', 'y.mp4')):
        codec = 'mpeg4' if name.endswith('avi') else 'libx264'
        for folder in 'ab':
            write_video(videos / folder / name, 20 + i, codec=codec)
    for _ in range(2):
        outcome = prepare(
            SOURCES['folder'](), out, videos, copies=CopySettings(), checks=TWO
        )
        assert len(set(outcome.paths.values())) == 8
        frames = sorted(check_video(path).frames for path in outcome.paths.values())
        assert frames == [20, 20, 21, 21, 22, 22, 23, 23]


def test_a_copy_that_takes_too_long_leaves_nothing(tmp_path, monkeypatch):
    videos, out = tmp_path / 'videos', tmp_path / 'out'
    for i in range(4):
        write_video(videos / 'ab'[i % 2] / f'{i}.mp4', 30)
    prepare(SOURCES['folder'](), out, videos, checks=TWO)

    def hang(source, target, *args):
        if source.name == '0.mp4':
            with written_aside(target) as aside:
                aside.write_text('half a copy')
                time.sleep(300)
        return transcode(source, target, *args)

    monkeypatch.setattr(copies, 'transcode', hang)
    checks = CheckSettings(workers=2, limit=0.5)
    outcome = prepare(
        SOURCES['folder'](), out, videos, copies=CopySettings(), checks=checks
    )
    assert outcome.damaged == {'a/0.mp4': 'took longer than 5 s'}
    left = sorted(path.name for path in out.glob('copies/*/*'))
    assert left == ['1.mp4', '2.mp4', '3.mp4']


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
    content[place : place + 36] = struct.pack(
        '>9i', 0, 1 << 16, 0, -(1 << 16), 0, 0, 64 << 16, 0, 1 << 30
    )
    turned.write_bytes(content)
    facts = check_video(turned)
    assert (facts.width, facts.height) == (64, 96)
    copied = transcode(turned, tmp_path / 'copy.mp4', CopySettings())
    assert (copied.width, copied.height, copied.frames) == (64, 96, 20)
    shown, wanted = (
        decord.VideoReader(str(path))[7].asnumpy().astype(int)
        for path in (tmp_path / 'copy.mp4', turned)
    )
    assert np.abs(shown - wanted).mean() < np.abs(shown - wanted[::-1, ::-1]).mean() / 2


@pytest.mark.parametrize(
    'stem, seconds, expected',
    [
        ('full', 300.0, (100.0, 110.0)),
        ('full', 50.0, None),
        ('full', 10.5, None),
        ('ID_000100_000110', 300.0, None),
    ],
)
def test_what_has_been_cut_is_not_cut_again(stem, seconds, expected):
    entry = Entry('v', 0, (), 'list:1', (100.0, 110.0))
    facts = VideoFacts(int(25 * seconds), 96, 64, 25.0)
    segment = segment_of(entry, Path(f'{stem}.mp4'), facts, CopySettings(trim=True))
    assert segment == expected


def test_trimming_keeps_the_segment(tmp_path):
    lists, videos = write_kinetics(tmp_path)
    for path in videos.rglob('*.mp4'):  # 4 s each
        write_video(path, 100, size=(120, 90))
    for path in lists.glob('*.csv'):
        path.write_text(path.read_text().replace(',0,1,', ',1,2,'))
    outcome = prepare(
        SOURCES['kinetics400'](),
        tmp_path / 'out',
        videos,
        lists,
        CopySettings(trim=True, short_side=64),
        TWO,
    )
    # Those whose name says that they have been cut stay whole.
    assert {
        path.stem: outcome.facts[name].frames
        for name, path in outcome.found.paths.items()
    } == {
        'train_____0': 25,
        'train_____1_000000_000001': 100,
        'train_____2': 25,
        'val_____0--': 25,
        'val_____1--_000000_000001': 100,
    }
    assert {(fact.width, fact.height) for fact in outcome.facts.values()} == {(86, 64)}
    assert all(
        ' ' not in str(path.relative_to(tmp_path)) for path in outcome.paths.values()
    )


@pytest.mark.parametrize(
    'size, expected',
    [
        ((340, 256), (204, 154)),
        ((240, 320), (154, 206)),
        ((128, 96), (128, 96)),
        ((121, 91), (120, 90)),
        ((1920, 1080), (274, 154)),
    ],
)
def test_size_of_copies(size, expected):
    assert copy_size(*size, 154) == expected


@pytest.mark.parametrize(
    'values', [dict(short_side=16), dict(key_frames=0), dict(quality=60)]
)
def test_bad_settings_are_named(values):
    name, value = next(iter(values.items()))
    with pytest.raises(ValueError, match=f'--{name.replace("_", "-")} {value}'):
        CopySettings(**values)


def finished(out):
    """Number of copies that are there."""
    names = [path.name for path in out.glob('copies/*/*.mp4')]
    return sum(not name.endswith('.part.mp4') for name in names)


def test_a_killed_run_ends_as_an_undisturbed_one(tmp_path):
    videos = tmp_path / 'videos'
    for i in range(12):
        write_video(videos / 'ab'[i % 2] / f'{i}.mp4', 40 + i, size=(320, 240))
    (videos / 'a' / 'cut.mp4').write_bytes(
        (videos / 'a' / '0.mp4').read_bytes()[:20000]
    )
    args = ['folder', '--videos', videos, '--transcode', '--workers', '2']
    run_prepare(*args, '--out', tmp_path / 'whole', fails=True)
    out = tmp_path / 'killed'
    kills = 0
    for wanted in (1, 4, 8):  # copies that are there when it is killed
        process = start_tool(TOOL, *args, '--out', out, cwd=tmp_path)
        while process.is_alive() and finished(out) < wanted:
            time.sleep(0.005)
        if process.is_alive():
            kills += 1
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        assert not (out / 'train.txt').exists()
    assert kills == 3
    run_prepare(*args, '--out', out, fails=True)
    whole, killed = contents(tmp_path / 'whole'), contents(out)
    assert list(whole) == list(killed)
    for path, content in whole.items():
        assert content == killed[path], path
    assert not list(out.rglob('*.part*'))


def test_a_full_disk_is_told_in_a_line(tmp_path):
    videos, out = tmp_path / 'videos', tmp_path / 'out'
    for i in range(4):
        write_video(videos / 'ab'[i % 2] / f'{i}.mp4', 60, size=(320, 240))
    args = 'folder', '--videos', videos, '--out', out, '--transcode'
    # As a disk of 50 kB for each file.
    code = (
        'import resource, runpy, sys\n'
        'resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))\n'
        'sys.argv = sys.argv[1:]\n'
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    error = run_python('-c', code, TOOL, *args, cwd=tmp_path, fails=True)
    assert f'prepare: {out}/copies/' in error and 'File too large' in error
    assert 'the same command goes on' in error.replace('\n', ' ')
    assert not list(out.rglob('*.mp4')) and not (out / 'train.txt').exists()
    run_prepare(*args)
    assert not list(out.rglob('*.part*'))
