"""The figures of the README."""

import numpy as np
import pytest
from PIL import Image, ImageSequence
from support import run_tool

FILES = ('dem_unit.png', 'motion_probe.gif', 'motion_dots.gif')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Return a folder with every figure."""
    folder = tmp_path_factory.mktemp('figures')
    run_tool('figures.py', '--out', folder, cwd=folder)
    return folder


def read(path):
    """Return the frames of a moving picture, (T, H, W, 3)."""
    with Image.open(path) as picture:
        images = ImageSequence.Iterator(picture)
        return np.stack([np.asarray(image.convert('RGB')) for image in images])


@pytest.fixture(scope='module')
def frames(folder):
    """Return the frames of the picture of shapes."""
    return read(folder / 'motion_probe.gif')


def test_the_same_call_writes_the_same_bytes(folder, tmp_path):
    run_tool('figures.py', '--out', tmp_path / 'new' / 'again', cwd=tmp_path)
    for file in FILES:
        again = (tmp_path / 'new' / 'again' / file).read_bytes()
        assert (folder / file).read_bytes() == again


def test_one_figure_by_its_name(tmp_path):
    printed = run_tool('figures.py', 'unit', '--out', '.', cwd=tmp_path)
    assert 'dem_unit.png' in printed
    assert [path.name for path in tmp_path.iterdir()] == ['dem_unit.png']


def test_a_wrong_name_is_answered_with_the_right_ones(tmp_path):
    printed = run_tool('figures.py', 'units', cwd=tmp_path, fails=True)
    assert 'no figure units: there are unit, motion_probe, motion_dots' in printed
    assert not any(tmp_path.iterdir())


def test_unit_stands_on_white_and_fills_its_page(folder):
    with Image.open(folder / 'dem_unit.png') as picture:
        pixels = np.asarray(picture.convert('RGB'))
    assert (pixels[[0, -1]] == 255).all()
    rows, columns = np.nonzero((pixels < 128).all(axis=2))
    assert np.ptp(rows) > 0.9 * len(pixels)
    assert np.ptp(columns) > 0.9 * len(pixels[0])


def test_every_class_moves_at_every_profile(frames):
    assert len(frames) == 48
    tiles = frames[:, 20:, 92:].reshape(48, 3, 84, 8, 84, 3)[:, :, :80, :, :80]
    moved = np.abs(np.diff(tiles.astype(int), axis=0)).max(axis=(2, 4, 5)) > 32
    steady, accelerating, stop_and_go = moved.mean(axis=0)
    assert (steady > 0.95).all()
    assert (accelerating > 0.8).all()
    assert (stop_and_go > 0.5).all() and (stop_and_go < 0.85).all()


def test_moving_picture_is_small_and_goes_on_without_a_jump(folder, frames):
    assert (folder / 'motion_probe.gif').stat().st_size < 400_000
    steady = frames[:, 20:100].astype(int)
    steps = np.abs(steady - np.roll(steady, 1, axis=0)).mean(axis=(1, 2, 3))
    assert steps[0] < 1.2 * steps[1:].max()


def test_dots_drift_and_are_drawn_anew_every_8_frames(folder):
    assert (folder / 'motion_dots.gif').stat().st_size < 400_000
    frames = read(folder / 'motion_dots.gif')
    assert len(frames) == 48
    tiles = frames[:, 20:, 92:].reshape(48, 2, 84, 4, 84, 3)[:, :, :80, :, :80]
    moved = np.abs(np.diff(tiles.astype(int), axis=0)).mean(axis=(2, 4, 5))
    assert (moved > 1).all()
    all_drift, half_drift = moved[:, 0], moved[:, 1]
    assert half_drift.mean() > all_drift.mean()  # jumps change more than steps
    for column in all_drift.T:
        (anew,) = np.nonzero(column > 1.25 * np.median(column))
        assert len(anew) in (5, 6) and (np.diff(anew) == 8).all()
