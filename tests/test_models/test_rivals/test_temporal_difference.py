import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dem_mmaction.models import TemporalDifference


def plain(channels=2):
    """Without norms, its scale conv_exp and D alone, all of which pass channels on."""
    module = TemporalDifference(channels, norm_cfg=None)
    with torch.no_grad():
        for conv in (module.conv_red.conv, module.conv_exp.conv):
            conv.weight.copy_(torch.eye(channels).view(channels, channels, 1, 1, 1))
        for conv in (module.conv_align, module.cnn_full[0], module.cnn_half[0]):
            nn.init.zeros_(conv.weight)
        module.conv_align.weight[..., 1, 1] = 1
    return module


def test_a_moving_dot_is_excited_where_it_is():
    path = torch.eye(4).view(1, 1, 4, 1, 4)  # the dot is at pixel t in frame t
    x = torch.cat((path + 1, torch.ones_like(path)), dim=1)  # on a grey ground
    y = plain()(x)
    m = torch.sigmoid(torch.tensor([1 / 3])).item() - 0.5  # of a difference of 1
    # Where the dot is, the frames beside it are darker by 1: two in the middle, one at
    # the ends. Beside the dot, where it was or will be, they are brighter by 1.
    expected = torch.tensor(
        [
            [2 + 2 * m / 2, 1 - m / 2, 1, 1],
            [1 - m / 2, 2 + 2 * m, 1 - m / 2, 1],
            [1, 1 - m / 2, 2 + 2 * m, 1 - m / 2],
            [1, 1, 1 - m / 2, 2 + 2 * m / 2],
        ]
    )
    torch.testing.assert_close(y[0, 0, :, 0], expected)
    assert torch.equal(y[0, 1], x[0, 1])  # nothing moves there


def test_is_the_formula_frame_by_frame():
    torch.manual_seed(0)
    module = TemporalDifference(32).double().eval()
    x = torch.randn(2, 32, 4, 5, 6, dtype=torch.float64)
    y = module(x)
    z = module.conv_red(x)

    def m(t, other):
        d = torch.zeros_like(z[:, :, :1])
        if 0 <= other < 4:
            aligned = module.conv_align(z[:, :, other : other + 1])
            d = z[:, :, t : t + 1] - aligned
        # Windows of 2x2 pixels, at the bottom edge of 1x2.
        padded = F.pad(d, (0, 0, 0, 1), mode='constant', value=float('nan'))
        windows = padded.unflatten(3, (3, 2)).unflatten(5, (3, 2))
        half = module.cnn_half(windows.nanmean((4, 6)))
        up = half.repeat_interleave(2, 3).repeat_interleave(2, 4)[..., :5, :]
        scales = (d + module.cnn_full(d) + up) / 3
        return torch.sigmoid(module.conv_exp(scales)) - 0.5

    for t in range(4):
        frame = x[:, :, t : t + 1]
        expected = frame * (1 + (m(t, t + 1) + m(t, t - 1)) / 2)
        torch.testing.assert_close(y[:, :, t : t + 1], expected)


def test_a_single_pixel_has_a_half_size():
    assert TemporalDifference(8)(torch.randn(2, 8, 3, 1, 1)).shape == (2, 8, 3, 1, 1)


@pytest.mark.parametrize('reduction', [0, 2.5, None])
def test_bad_values_are_named(reduction):
    with pytest.raises(ValueError, match='TemporalDifference: reduction=.*from 1 on'):
        TemporalDifference(8, reduction=reduction)
