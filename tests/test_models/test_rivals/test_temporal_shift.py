import pytest
import torch
from mmaction.models.backbones.resnet_tsm import TemporalShift as TheirShift

from dem_mmaction.models import TemporalShift


@pytest.mark.parametrize('channels, shift_div', [(16, 8), (17, 8), (67, 4)])
@pytest.mark.parametrize('frames', [1, 2, 8])
def test_is_mmaction2s_shift(channels, shift_div, frames):
    torch.manual_seed(0)
    x = torch.randn(3, channels, frames, 5, 4)
    images = x.transpose(1, 2).flatten(0, 1)
    theirs = TheirShift.shift(images, frames, shift_div)
    theirs = theirs.unflatten(0, (3, frames)).transpose(1, 2)
    assert torch.equal(TemporalShift(channels, shift_div=shift_div)(x), theirs)


def test_a_moving_dot_is_seen_a_frame_early_and_a_frame_late():
    dot = torch.eye(4).view(1, 1, 4, 1, 4)  # at pixel t in frame t
    y = TemporalShift(8)(dot.expand(1, 8, 4, 1, 4))
    early, late, still = y[0, 0, :, 0], y[0, 1, :, 0], y[0, 2:, :, 0]
    places = torch.arange(3)
    assert torch.equal(early[:-1].argmax(-1), places + 1) and not early[-1].any()
    assert torch.equal(late[1:].argmax(-1), places) and not late[0].any()
    assert torch.equal(still, torch.eye(4).expand(6, 4, 4))


@pytest.mark.parametrize(
    'channels, parts', [(1, (0, 0, 1)), (2, (1, 1)), (7, (1, 1, 5)), (24, (3, 3, 18))]
)
def test_few_channels_move_at_least_one_each_way(channels, parts):
    module = TemporalShift(channels)
    assert module.parts == parts
    assert module(torch.randn(1, channels, 3, 2, 2)).shape == (1, channels, 3, 2, 2)


@pytest.mark.parametrize('shift_div', [1, 0, 2.5, None])
def test_bad_values_are_named(shift_div):
    with pytest.raises(ValueError, match='TemporalShift: shift_div=.*from 2 on'):
        TemporalShift(8, shift_div=shift_div)
