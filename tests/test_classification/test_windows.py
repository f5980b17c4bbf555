import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from timed_video import FPS, numbers, write_video

from dem_mmaction.classification import FramesOnce, WindowPipeline, window_starts
from dem_mmaction.datasets import VideoReadError

CLIPS = dict(type='SampleFrames', clip_len=4, frame_interval=2, num_clips=5)
SEGMENTS = dict(type='SampleFrames', clip_len=1, frame_interval=1, num_clips=4)
AROUND = dict(type='SampleAround', clip_len=4, frame_interval=1.5)


def pipeline(sampling):
    return [
        dict(type='DecordInit'),
        dict(sampling, test_mode=True),
        dict(type='DecordDecode'),
    ]


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp('videos') / 'v.mp4', 30)


@given(st.integers(1, 300), st.integers(1, 60), st.integers(1, 40))
def test_windows_cover_the_video_and_end_with_it(frames, span, stride):
    starts = window_starts(frames, span, stride)
    ends = [min(start + span, frames) for start in starts]
    assert starts[0] == 0 and ends[-1] == frames
    steps = np.diff(starts)
    assert (
        (steps > 0).all() and (steps <= stride).all() and (steps[:-1] == stride).all()
    )
    if stride <= span:
        covered = {i for a, b in zip(starts, ends, strict=True) for i in range(a, b)}
        assert covered == set(range(frames))


def test_each_frame_is_decoded_once(video, monkeypatch):
    opened, decoded = FramesOnce(video), []
    get_batch = opened._reader.get_batch
    monkeypatch.setattr(
        opened._reader, 'get_batch', lambda new: decoded.extend(new) or get_batch(new)
    )
    assert (opened.frames, opened.fps) == (30, FPS)
    for start in range(0, 21, 3):
        asked = [start + 9, start, start + 4, start]
        assert numbers(opened.take(np.array(asked))) == asked
    assert len(decoded) == len(set(decoded))


def test_what_a_step_writes_into_a_frame_is_not_in_later_windows(video):
    opened = FramesOnce(video)
    for frame in opened.take(np.array([3, 3, 5])):
        frame += 100
    assert numbers(opened.take(np.array([3, 5]))) == [3, 5]


@pytest.mark.parametrize(
    'sampling, window, span, expected',
    [
        (CLIPS, None, 8, [2, 4, 6, 8]),
        (CLIPS, 16, 16, [6, 8, 10, 12]),
        (dict(CLIPS, type='DenseSampleFrames'), None, 8, [2, 4, 6, 8]),
        (SEGMENTS, 12, 12, [3, 6, 9, 12]),
        (AROUND, None, 6, [2, 4, 5, 7]),
    ],
)
def test_a_window_is_sampled_as_a_video_of_its_own(
    video, sampling, window, span, expected
):
    own = WindowPipeline(pipeline(sampling), window)
    assert own.span == span
    for start in (0, 2, 14):
        frames = numbers(own(FramesOnce(video), start)['imgs'])
        assert frames == [start - 2 + number for number in expected]


def test_a_video_shorter_than_a_window_repeats_as_in_a_test(tmp_path):
    short = write_video(tmp_path / 'short.mp4', 5)
    frames = numbers(WindowPipeline(pipeline(CLIPS))(FramesOnce(short), 0)['imgs'])
    assert frames == [0, 2, 4, 1]


def test_what_has_no_windows_is_said():
    with pytest.raises(ValueError, match='say how long a window is'):
        WindowPipeline(pipeline(SEGMENTS))
    with pytest.raises(ValueError, match='a step that decodes frames'):
        WindowPipeline([dict(type='DecordInit'), CLIPS])


def test_bad_videos_are_named(tmp_path):
    (tmp_path / 'text.mp4').write_text('no video')
    with pytest.raises(VideoReadError, match='text.mp4'):
        FramesOnce(tmp_path / 'text.mp4')
    with pytest.raises(FileNotFoundError, match="No video '.*none.mp4'"):
        FramesOnce(tmp_path / 'none.mp4')
