import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmaction.registry import TRANSFORMS

from dem_mmaction.datasets.memory import read_frames
from dem_mmaction.datasets.transforms import VideoReadError

HEIGHT, WIDTH = 12, 20


def subtract(results, **kwargs):
    return TRANSFORMS.build(dict(type='SubtractBackground', **kwargs))(results)['imgs']


def with_a_dot(total, background, shade):
    """A video of a dot, three pixels high, that moves to the right by one a frame."""
    frames = np.stack([background] * total)
    for column, frame in enumerate(frames):
        frame[4:7, column] = shade
    frames.flags.writeable = False
    return frames


@given(
    total=st.integers(4, WIDTH),
    shade=st.integers(0, 255),
    gain=st.sampled_from([0.5, 1.0, 2.0]),
    frames=st.integers(3, 30),
    seed=st.integers(0, 999),
)
def test_what_moves_is_left_and_what_stands_still_is_not(
    total, shade, gain, frames, seed
):
    noise = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3))
    array = with_a_dot(total, noise.astype(np.uint8), shade)
    results = dict(array=array, imgs=list(array))
    expected = gain * np.abs(noise - shade).max(axis=2)
    for column, frame in enumerate(subtract(results, gain=gain, frames=frames)):
        assert frame.dtype == np.uint8 and frame.shape == (HEIGHT, WIDTH, 3)
        assert (frame == frame[..., :1]).all()
        dot = np.minimum(expected[4:7, column], 255)
        assert np.abs(frame[4:7, column, 0] - dot).max() <= 0.5
        frame[4:7, column] = 0
        assert not frame.any()


def test_a_file_gives_what_its_frames_in_memory_give(data):
    step = TRANSFORMS.build(dict(type='SubtractBackground'))
    for name in ('walk/eli_walk.avi', 'wave1/ido_wave1.avi', 'walk/eli_walk.avi'):
        path = str(data / 'weizmann' / name)
        array = read_frames(path)
        sample = dict(filename=path, imgs=list(array[:16]))
        from_file = step(dict(sample))['imgs']
        in_memory = step(dict(sample, array=array))['imgs']
        assert np.array_equal(from_file, in_memory)
        # A person is a small part of these pictures.
        assert 0.003 < (np.array(in_memory) > 60).mean() < 0.2


def test_bad_values_and_samples():
    for values, said in (
        (dict(gain=0), 'gain=0 must be a number above 0'),
        (dict(gain='2'), "gain='2' must be a number"),
        (dict(frames=0), 'frames=0 must be an integer'),
        (dict(frames=2.5), 'frames=2.5 must be an integer'),
    ):
        with pytest.raises(ValueError, match=said):
            TRANSFORMS.build(dict(type='SubtractBackground', **values))
    array = np.zeros((4, 6, 8, 3), np.uint8)
    small = dict(array=array, imgs=[array[0, :3]], filename='walk.avi')
    said = r"'walk.avi' .*\(6, 8, 3\).*\(3, 8, 3\).*before"
    with pytest.raises(ValueError, match=said):
        subtract(small)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / 'text.avi'
    path.write_text('no video')
    with pytest.raises(VideoReadError, match='text.avi'):
        subtract(dict(filename=str(path), imgs=[np.zeros((6, 8, 3), np.uint8)]))
