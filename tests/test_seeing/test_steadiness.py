import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dem_mmaction.seeing import Steadiness, Trace, cosine_between, write_steadiness


@given(st.integers(0, 2**16), st.integers(1, 9))
def test_the_cosine_is_that_of_the_middle_frames(seed, frames):
    one, other = torch.randn(
        2, 3, frames, 4, 5, generator=torch.Generator().manual_seed(seed)
    )
    a, b = (own[:, frames // 2].numpy().ravel() for own in (one, other))
    expected = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert cosine_between(one, other) == pytest.approx(expected, abs=1e-5)
    other[:, frames // 2] = 2 * one[:, frames // 2]
    assert cosine_between(one, other) == pytest.approx(1)


def angle(degrees):
    """Features of one frame, as a direction in a plane."""
    turned = np.deg2rad(degrees)
    return torch.tensor([np.cos(turned), np.sin(turned)]).reshape(2, 1, 1, 1)


def seen(before, after):
    return [Trace('layer1.0.conv1', angle(before), angle(after), None)]


def test_the_table_has_the_mean_gain_and_its_interval(tmp_path):
    found = Steadiness([2])
    for turned in (60, 90):  # before DEM; after it nothing is turned
        found.add({1: seen(0, 0), 2: seen(turned, 0)})
        found.add_without({1: seen(0, 0), 2: seen(45, 45)})
    gain = found.gains(['layer1.0.conv1'], 2)
    assert gain.mean == pytest.approx(0.75) and gain.low < 0.5 and gain.high > 1
    table = write_steadiness(found, tmp_path, ['a.mp4', 'b.mp4'])
    row = [cell.strip() for cell in table.splitlines()[2].strip('|').split('|')]
    assert row[:4] == ['conv2_x (1 DEM)', '1 and 2', '0.250', '1.000']
    assert row[4].startswith('+0.750 [') and row[5] == '0.707'
    content = json.loads((tmp_path / 'steadiness.json').read_text())
    assert content['videos'] == ['a.mp4', 'b.mp4']
    (own,) = content['cosines']
    assert own['before'] == pytest.approx([0.5, 0], abs=1e-6)
    assert own['after'] == pytest.approx([1, 1])


def test_one_video_has_no_interval(tmp_path):
    found = Steadiness([2])
    found.add({1: seen(0, 0), 2: seen(60, 0)})
    table = write_steadiness(found, tmp_path, ['a.mp4'])
    assert '+0.500 |' in table and 'without' not in table
