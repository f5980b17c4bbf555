import math

import pytest
import torch
from torch import nn

from dem_mmaction.models import MotionExcitation


def plain(channels=2):
    """Without norms; all convolutions pass their channels on."""
    module = MotionExcitation(channels, norm_cfg=None)
    with torch.no_grad():
        for conv in (module.conv_red.conv, module.conv_exp.conv):
            conv.weight.copy_(torch.eye(channels).view(channels, channels, 1, 1, 1))
        nn.init.zeros_(module.conv_trans.weight)
        module.conv_trans.weight[..., 1, 1] = 1
    return module


def test_a_dot_that_grows_brighter_excites_its_channel():
    x = torch.zeros(1, 2, 3, 2, 2)
    x[0, 0, :, 1, 0] = torch.tensor([1.0, 5.0, 3.0])
    x[0, 1] = 1
    y = plain()(x)
    # The changes are 5 - 1, 3 - 5 and none, averaged over four pixels; 1 + a is twice
    # their sigmoid.
    factors = [2 / (1 + math.exp(-change / 4)) for change in (4, -2, 0)]
    expected = torch.tensor(factors) * torch.tensor([1.0, 5.0, 3.0])
    torch.testing.assert_close(y[0, 0, :, 1, 0], expected)
    assert torch.equal(y[:, 1], x[:, 1])  # nothing changes there
    assert y.count_nonzero() == x.count_nonzero()


def test_a_moving_dot_is_seen_where_the_transform_tells_places_apart():
    dot = torch.eye(4).view(1, 1, 4, 1, 4).expand(1, 2, 4, 1, 4)
    module = plain()
    # The pool adds up what left one pixel and what came to the next one.
    assert torch.equal(module(dot), dot)
    with torch.no_grad():
        module.conv_trans.weight[0, 0, 0, 1, 0] = 1  # adds the pixel to the left
    y = module(dot)
    # The dot is counted twice, but in its last place: its right neighbour is outside.
    factors = [2 / (1 + math.exp(-change / 4)) for change in (1, 1, 0, 0)]
    torch.testing.assert_close(y[0, 0].sum((1, 2)), torch.tensor(factors))
    assert torch.equal(y[0, 1], dot[0, 1])


def test_is_the_formula_of_the_paper():
    torch.manual_seed(0)
    module = MotionExcitation(32).double().eval()
    x = torch.randn(2, 32, 5, 6, 7, dtype=torch.float64)
    y = module(x)
    for t in range(5):
        frames = [x[:, :, t : t + 1], x[:, :, t + 1 : t + 2]]
        m = torch.zeros(2, 4, 1, 1, 1, dtype=torch.float64)
        if t < 4:
            z, z_next = (module.conv_red(frame) for frame in frames)
            m = (module.conv_trans(z_next) - z).mean((3, 4), keepdim=True)
        a = 2 * torch.sigmoid(module.conv_exp(m)) - 1
        torch.testing.assert_close(y[:, :, t : t + 1], frames[0] * (1 + a))


@pytest.mark.parametrize(
    'channels, reduction, reduced',
    [(3, 16, 3), (36, 16, 4), (67, 16, 4), (256, 16, 16)],
)
def test_reduced_channels(channels, reduction, reduced):
    module = MotionExcitation(channels, reduction=reduction)
    assert module.conv_trans.in_channels == reduced


@pytest.mark.parametrize('reduction', [0, 2.5, '16'])
def test_bad_values_are_named(reduction):
    with pytest.raises(ValueError, match='MotionExcitation: reduction=.*from 1 on'):
        MotionExcitation(8, reduction=reduction)
