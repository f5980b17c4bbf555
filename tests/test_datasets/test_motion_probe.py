"""Tests of the generated motion probe."""
import json
import runpy
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dem_mmaction.datasets.motion_probe import (
    CLASSES,
    CLUTTER,
    PROFILES,
    ProbeSpec,
    contact_sheet,
    generate,
    generate_probe,
    render_video,
    video_info,
)
from dem_mmaction.datasets.motion_probe.motion import (
    RADIUS,
    occluded,
    trajectory,
    travel,
)

TOOL = Path(__file__).parents[2] / 'tools' / 'data' / 'make_probe.py'
SMALL = dict(train=16, test=8, frames=16, size=(32, 32))


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob('*')) if path.is_file()
    }


@pytest.fixture(scope='module')
def probe(tmp_path_factory):
    folder = tmp_path_factory.mktemp('probe')
    generate_probe(folder, ProbeSpec(**SMALL), workers=1, progress=False)
    return folder


# Speed profiles


@settings(max_examples=300, deadline=None)
@given(
    profile=st.sampled_from(PROFILES),
    speed=st.floats(1e-3, 0.2499),
    frames=st.integers(16, 300),
    seed=st.integers(0, 10**6))
def test_travel_runs_forward_at_the_asked_mean_speed(profile, speed, frames, seed):
    distance = travel(profile, speed, frames, np.random.default_rng(seed))
    steps = np.diff(distance)
    assert distance.shape == (frames, )
    assert distance[0] == 0
    assert distance[-1] == pytest.approx(speed * (frames - 1))
    assert (steps >= 0).all()
    assert steps.max() < 0.5


@pytest.mark.parametrize('seed', range(5))
def test_each_profile_has_its_own_course(seed):
    speed = 0.02
    steps = {
        profile: np.diff(travel(profile, speed, 96, np.random.default_rng(seed)))
        for profile in PROFILES
    }
    np.testing.assert_allclose(steps['steady'], speed)
    np.testing.assert_allclose(steps['occlusion'], speed)
    assert (np.diff(steps['accelerating']) > 0).all()
    assert (np.diff(steps['decelerating']) < 0).all()
    assert steps['accelerating'][-1] == pytest.approx(
        3 * steps['accelerating'][0])

    resting = steps['stop_and_go'] == 0
    assert 0.2 < resting.mean() < 0.4
    assert np.ptp(steps['stop_and_go'][~resting]) < 1e-9

    slow, jump = np.sort(steps['sudden_jump'])[-2:]
    assert jump - slow == pytest.approx(0.25)
    assert 96 // 4 - 1 <= steps['sudden_jump'].argmax() <= 96 * 3 // 4


@pytest.mark.parametrize('profile', PROFILES)
def test_direction_is_unambiguous_at_every_usual_sampling(profile):
    slowest, fastest = ProbeSpec().speed
    for seed in range(50):
        distance = travel(profile, fastest, 96, np.random.default_rng(seed))
        assert (distance[4:] - distance[:-4]).max() < 0.4

        rng = np.random.default_rng(seed)
        distance = travel(profile, slowest, 96, rng)
        hidden = occluded(profile, 96, rng)
        for start in range(96 - 15):
            clip = slice(start, start + 16)
            seen = distance[clip][~hidden[clip]]
            assert len(seen) >= 4
            assert seen[-1] - seen[0] > 0.03


def test_only_occlusion_hides_the_shape_and_for_a_stretch():
    rng = np.random.default_rng(0)
    for profile in PROFILES:
        hidden = occluded(profile, 96, rng)
        assert hidden.sum() == (12 if profile == 'occlusion' else 0)
        assert not hidden[[0, -1]].any()
        assert np.abs(np.diff(hidden.astype(int))).sum() in (0, 2)


def test_unknown_profile_is_refused():
    with pytest.raises(ValueError, match="profile='wobble'.*stop_and_go"):
        travel('wobble', 0.02, 96, np.random.default_rng(0))


# What a frame tells, and what a pair of frames tells


@pytest.mark.parametrize('frame', [0, 47, 95])
def test_pose_is_distributed_alike_in_every_class(frame):
    spec = ProbeSpec()
    low, high = np.log(min(spec.size) * np.array(RADIUS))
    phases = {label: [] for label in range(len(CLASSES))}
    for index in range(400 * len(CLASSES)):
        info = video_info(spec, 'train', index)
        pose = trajectory(info, 96, spec.size, np.random.default_rng(index))
        phases[info.label].append([
            *(pose.centre[frame] / spec.size), pose.angle[frame] / (2 * np.pi),
            (np.log(pose.radius[frame]) - low) / (high - low)
        ])
    uniform = (np.arange(400) + 0.5) / 400
    for label in phases:
        # Kolmogorov-Smirnov distance; 0.1 is passed by chance once in 1500.
        distance = np.abs(np.sort(phases[label], axis=0) - uniform[:, None])
        assert distance.max() < 0.1, CLASSES[label]


def shape_pose(frame):
    """Periods of (x, y, angle, size) of a bright shape, found on its pixels."""
    mask = (frame.mean(-1) > 90).astype(float)
    centre = []
    for axis, side in ((0, mask.shape[1]), (1, mask.shape[0])):
        weights = mask.sum(axis)
        turns = np.exp(2j * np.pi * np.arange(side) / side)
        centre.append(np.angle(weights @ turns) / (2 * np.pi))
    height, width = mask.shape
    mask = np.roll(mask, (height // 2 - round(centre[1] * height),
                          width // 2 - round(centre[0] * width)), (0, 1))
    moments = cv2.moments(mask)
    # An axis, not an arrow: half a turn is the period.
    angle = 0.5 * np.arctan2(2 * moments['mu11'],
                             moments['mu20'] - moments['mu02'])
    size = 0.5 * np.log(mask.sum()) / np.log(RADIUS[1] / RADIUS[0])
    return np.array([*centre, angle / np.pi, size])


def test_motion_of_the_shape_tells_the_class():
    spec = ProbeSpec(frames=16)
    hits = []
    for index in range(160):
        if index // 8 % 2:  # varied
            continue
        frames, info = render_video(spec, 'train', index)
        change = shape_pose(frames[4]) - shape_pose(frames[0])
        change = (change + 0.5) % 1 - 0.5
        change[2] /= 2
        moved = np.abs(change).argmax()
        found = 2 * moved + (change[moved] > 0)
        # left, right, up, down, turn_left, turn_right, then grow before shrink
        expected = info.label ^ (info.label >= 6)
        hits.append(found == expected)
    assert np.mean(hits) > 0.9


def test_one_frame_does_not_tell_the_class():
    spec = ProbeSpec(frames=16)
    pictures, labels = [], []
    for index in range(960):
        frames, info = render_video(spec, 'train', index)
        pictures.append(
            cv2.resize(frames[-1].mean(-1), (14, 14),
                       interpolation=cv2.INTER_AREA).ravel())
        labels.append(info.label)
    pictures, labels = np.array(pictures), np.array(labels)
    pictures = (pictures - pictures.mean(0)) / pictures.std()
    train, test = slice(0, 640), slice(640, None)

    # Ridge regression onto the classes.
    x, y = pictures[train], np.eye(len(CLASSES))[labels[train]]
    weights = np.linalg.solve(x.T @ x + 100 * np.eye(x.shape[1]), x.T @ y)
    found = (pictures[test] @ weights).argmax(1)
    # Chance is 0.125, and 0.18 is three standard deviations above it.
    assert (found == labels[test]).mean() < 0.18


def test_occluded_frames_show_a_bar_and_no_shape():
    spec = ProbeSpec(frames=96)
    index = 8 * (1 + 2 * (PROFILES.index('occlusion') - 1))
    frames, info = render_video(spec, 'train', index)
    assert info.profile == 'occlusion'
    smooth = np.stack([cv2.blur(frame, (5, 5)) for frame in frames]).astype(int)
    still = np.abs(np.diff(smooth, axis=0)).max((1, 2, 3)) < 12
    assert still.sum() == 11  # between the 12 hidden frames
    assert frames[1:][still].max() < 150 <= frames[0].max()


def test_shape_wraps_around_at_the_borders():
    spec = ProbeSpec(frames=96, speed=(0.02, 0.02))
    frames, info = render_video(spec, 'train', CLASSES.index('right'))
    area = (frames.mean(-1) > 90).sum((1, 2))
    # One period is 50 frames. Away from it the shape is never cut off.
    assert np.ptp(area) < 0.15 * area.mean()
    before, after = (cv2.blur(frames[t], (3, 3)).astype(int) for t in (10, 60))
    assert np.abs(before - after).max() < 15


@pytest.mark.parametrize('clutter', CLUTTER)
def test_levels_of_clutter(clutter):
    frames, _ = render_video(ProbeSpec(frames=16, clutter=clutter), 'train', 1)
    # Only the shape moves.
    change = np.abs(frames[0].astype(int) - frames[-1])
    assert np.median(change) < 5 and np.percentile(change, 75) < 8
    bright = frames[0].mean(-1) > 90
    background = frames[0][~bright] if clutter != 'textured' else frames[0]
    spread = background.std(0).max()
    assert spread > 30 if clutter == 'textured' else spread < 25
    if clutter != 'textured':
        inside = cv2.erode(bright.astype(np.uint8), np.ones((3, 3))) > 0
        spread = frames[0][inside].std(0).max()
        assert spread > 20 if clutter == 'textured_shape' else spread < 15


# Balance


def test_classes_and_profiles_are_balanced():
    spec = ProbeSpec()
    for split, count in (('train', 576), ('test', 192)):
        infos = [video_info(spec, split, index) for index in range(count)]
        assert set(Counter(i.label for i in infos).values()) == {count // 8}
        for label in range(len(CLASSES)):
            own = [i for i in infos if i.label == label]
            motion = Counter(i.motion for i in own)
            assert motion['steady'] == motion['varied']
            varied = Counter(i.profile for i in own if i.motion == 'varied')
            assert set(varied) == set(PROFILES[1:])
            assert max(varied.values()) - min(varied.values()) <= 1
        speeds = np.array([i.speed for i in infos])
        assert spec.speed[0] <= speeds.min() < speeds.max() <= spec.speed[1]
        assert np.ptp(speeds) > 0.9 * np.ptp(spec.speed)


# Determinism and files


def test_video_depends_on_seed_split_and_index_alone():
    spec = ProbeSpec(**SMALL)
    frames, info = render_video(spec, 'train', 3)
    again, same = render_video(ProbeSpec(**{**SMALL, 'train': 80}), 'train', 3)
    np.testing.assert_array_equal(frames, again)
    assert info == same
    assert frames.shape == (16, 32, 32, 3) and frames.dtype == np.uint8

    others = [(spec, 'test', 3), (spec, 'train', 11),
              (ProbeSpec(**SMALL, seed=1), 'train', 3)]
    for other in others:
        assert np.abs(render_video(*other)[0].astype(int) - frames).max() > 50


def test_files_do_not_depend_on_the_workers(probe, tmp_path):
    lists = generate_probe(tmp_path, ProbeSpec(**SMALL), 2, progress=False)
    assert lists == {s: tmp_path / f'{s}.txt' for s in ('train', 'test')}
    assert contents(tmp_path) == contents(probe)


def test_folder_layout(probe):
    files = contents(probe)
    assert len(files) == 16 + 8 + 4
    assert files['classes.txt'].decode().split() == list(CLASSES)
    assert json.loads(files['probe.json']) == {
        'format_version': 1, 'train': 16, 'val': 0, 'test': 8, 'frames': 16,
        'size': [32, 32], 'seed': 0, 'clutter': 'plain',
        'speed': [0.0125, 0.035]
    }
    lines = files['train.txt'].decode().splitlines()
    assert len(lines) == 16
    path, label, *pairs = lines[12].split(' ')
    assert (path, label) == ('videos/train/00012.mp4', '4')
    assert (probe / path).is_file()
    fields = dict(pair.split('=') for pair in pairs)
    assert fields['profile'] == 'accelerating' and fields['motion'] == 'varied'
    speed = video_info(ProbeSpec(**SMALL), 'train', 12).speed
    assert float(fields['speed']) == pytest.approx(speed, abs=5e-5)


@pytest.mark.parametrize(
    'size', [(32, 32), (40, 48), (56, 56), (64, 48), (171, 128)])
def test_decord_reads_every_frame(tmp_path, size):
    decord = pytest.importorskip('decord')
    spec = ProbeSpec(train=8, test=0, frames=37, size=size)
    generate_probe(tmp_path, spec, workers=1, progress=False)
    reader = decord.VideoReader(str(tmp_path / 'videos/train/00001.mp4'))
    assert len(reader) == 37
    read = reader.get_batch(range(37)).asnumpy()
    width, height = (side // 2 * 2 for side in size)
    assert read.shape == (37, height, width, 3)
    frames, _ = render_video(spec, 'train', 1)
    error = np.abs(read - frames[:, :height, :width].astype(int))
    # Small only where channels and frames are in order.
    assert error.mean() < 5


def test_interrupted_run_goes_on(probe, tmp_path, monkeypatch):
    spec = ProbeSpec(**SMALL)

    def interrupted(spec, split, index):
        frames, info = render_video(spec, split, index)

        def until_interrupted():
            yield from frames[:7]
            raise KeyboardInterrupt

        return (frames if index < 5 else until_interrupted()), info

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(generate, 'render_video', interrupted)
        generate_probe(tmp_path, spec, workers=1, progress=False)
    partial = contents(tmp_path)
    assert 'videos/train/00004.mp4' in partial
    assert 'videos/train/00005.mp4' not in partial
    assert 'train.txt' not in partial

    # What a killed run leaves, and a finished file that must not be redone.
    (tmp_path / 'videos/train/00005.part.mp4').write_bytes(b'half a video')
    finished = tmp_path / 'videos/train/00004.mp4'
    written_at = finished.stat().st_mtime_ns
    generate_probe(tmp_path, spec, workers=1, progress=False)
    assert contents(tmp_path) == contents(probe)
    assert finished.stat().st_mtime_ns == written_at


def test_short_file_is_refused(tmp_path, monkeypatch):

    def cut_short(*args):
        frames, info = render_video(*args)
        return frames[:5], info

    monkeypatch.setattr(generate, 'render_video', cut_short)
    with pytest.raises(OSError, match='00000.*holds 5 of 16 frames'):
        generate_probe(tmp_path, ProbeSpec(**SMALL), workers=1, progress=False)
    assert not list(tmp_path.glob('videos/*/?????.mp4'))
    assert not (tmp_path / 'train.txt').exists()


@pytest.mark.parametrize('key, value, shown', [
    ('seed', 7, 'seed is 0 there and 7 here'),
    ('clutter', 'textured', "clutter is 'plain' there and 'textured' here"),
    ('size', (40, 32), r'size is \[32, 32\] there and \[40, 32\] here'),
])
def test_folder_of_another_probe_is_refused(probe, key, value, shown):
    before = contents(probe)
    with pytest.raises(ValueError, match=f'{shown}. Choose another folder'):
        generate_probe(probe, ProbeSpec(**{**SMALL, key: value}))
    assert contents(probe) == before


def test_folder_without_usable_record_is_refused(tmp_path):
    (tmp_path / 'probe.json').write_text('{')
    with pytest.raises(ValueError, match='probe.json does not hold'):
        generate_probe(tmp_path, ProbeSpec(**SMALL))
    (tmp_path / 'probe.json').unlink()
    (tmp_path / 'videos').mkdir()
    with pytest.raises(ValueError, match='holds videos but no probe.json'):
        generate_probe(tmp_path, ProbeSpec(**SMALL))


@pytest.mark.parametrize('values, shown', [
    (dict(train=12), 'train=12.*multiple of the 8 classes'),
    (dict(test=-8), 'test=-8'),
    (dict(train=0, test=0), 'at least one split'),
    (dict(frames=15), 'frames=15.*at least 16'),
    (dict(frames=96.), 'frames=96.0'),
    (dict(size=(31, 64)), 'size=.31, 64.*at least 32'),
    (dict(size=64), 'size=64.*width, height'),
    (dict(size=(48, 64)), 'decord cannot read'),
    (dict(size=(73, 64)), 'decord cannot read'),
    (dict(seed=-1), 'seed=-1'),
    (dict(clutter='busy'), "clutter='busy'.*plain, textured_shape, textured"),
    (dict(speed=(0.03, 0.02)), 'speed=.0.03, 0.02.*slowest <= fastest'),
    (dict(speed=(0, 0.02)), 'speed='),
    (dict(speed=(0.02, 0.25)), 'speed=.*0.25'),
])
def test_bad_parameters_are_refused(values, shown):
    with pytest.raises(ValueError, match=shown):
        ProbeSpec(**values)


def test_bad_arguments_are_refused(tmp_path):
    spec = ProbeSpec(**SMALL)
    with pytest.raises(ValueError, match="split='dev'.*train, val, test"):
        render_video(spec, 'dev', 0)
    with pytest.raises(ValueError, match='index=-1'):
        render_video(spec, 'train', -1)
    with pytest.raises(ValueError, match='workers=0'):
        generate_probe(tmp_path / 'probe', spec, workers=0)
    assert not (tmp_path / 'probe').exists()
    with pytest.raises(ValueError, match="profile='wobble'"):
        contact_sheet(spec, tmp_path / 'sheet.png', profile='wobble')
    with pytest.raises(ValueError, match='16 frames'):
        contact_sheet(spec, tmp_path / 'sheet.png', columns=8, stride=4)


# Picture and tool


def test_contact_sheet_has_a_row_a_class(tmp_path):
    path = tmp_path / 'sheet.png'
    spec = ProbeSpec(**SMALL)
    contact_sheet(spec, path, 'test', columns=3, stride=5, scale=1)
    sheet = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    assert len(sheet) == 8 * (32 + 6)
    frames, _ = render_video(spec, 'test', 7)
    np.testing.assert_array_equal(sheet[-35:-3, -35:-3], frames[10])


def run_tool(monkeypatch, *args):
    monkeypatch.setattr(sys, 'argv', [str(TOOL), *map(str, args)])
    runpy.run_path(str(TOOL), run_name='__main__')


def test_tool_writes_what_it_is_asked_for(probe, tmp_path, monkeypatch, capsys):
    sheet = tmp_path / 'sheet.png'
    run_tool(monkeypatch, tmp_path / 'probe', '--train', 16, '--test', 8,
             '--frames', 32, '--size', 32, 32, '--workers', 1, '--sheet', sheet)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        str(tmp_path / 'probe' / f'{split}.txt') for split in ('train', 'test')
    ]
    assert '24/24' in err and 'video/s' in err
    assert sheet.is_file()
    assert (tmp_path / 'probe/train.txt').read_bytes() == (
        probe / 'train.txt').read_bytes()


def test_tool_reports_errors_in_one_line(tmp_path, monkeypatch):
    with pytest.raises(SystemExit, match='make_probe: train=12'):
        run_tool(monkeypatch, tmp_path, '--train', 12)
