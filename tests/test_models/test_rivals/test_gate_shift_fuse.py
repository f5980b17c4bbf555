import pytest
import torch
from torch import nn

from dem_mmaction.models import GateShiftFuse


def with_gates(value, weight, channels=2):
    """Gates of a value everywhere, a constant weight of what is shifted."""
    module = GateShiftFuse(channels, norm_cfg=None)
    nn.init.zeros_(module.gate.weight)
    nn.init.zeros_(module.fusion.weight)
    nn.init.constant_(module.gate.bias, torch.tensor(value).atanh().item())
    nn.init.constant_(module.fusion.bias, torch.tensor(weight).logit().item())
    return module


def test_a_moving_dot_is_split_shifted_and_fused():
    dot = torch.eye(4).view(1, 1, 4, 1, 4).expand(1, 2, 4, 1, 4)
    y = with_gates(0.5, 0.25)(dot)[0, :, :, 0]
    # Half of it moves and counts 1/4, half of it stays and counts 3/4.
    early, late = torch.diag(torch.ones(3), 1), torch.diag(torch.ones(3), -1)
    torch.testing.assert_close(y[0], 0.5 * (0.25 * early + 0.75 * torch.eye(4)))
    torch.testing.assert_close(y[1], 0.5 * (0.25 * late + 0.75 * torch.eye(4)))


def test_closed_gates_leave_each_frame_to_itself():
    x = torch.randn(2, 6, 4, 3, 3)
    torch.testing.assert_close(with_gates(0.0, 0.5, 6)(x), x / 2)


def test_is_the_formula_of_each_half():
    torch.manual_seed(0)
    module = GateShiftFuse(8).double()
    module.norm.running_mean.normal_()
    module.eval()
    x = torch.randn(2, 8, 5, 4, 3, dtype=torch.float64)
    y = module(x)
    normed = module.norm(x).relu()
    for i, order in enumerate((-1, 1)):
        own = slice(4 * i, 4 * i + 4)
        weight, bias = module.gate.weight[i : i + 1], module.gate.bias[i : i + 1]
        gate = nn.functional.conv3d(normed[:, own], weight, bias, padding=1).tanh()
        moving = gate * x[:, own]
        rest = x[:, own] - moving
        shifted = torch.roll(moving, order, 2)
        shifted[:, :, -1 if order < 0 else 0] = 0
        pair = torch.stack((shifted.mean((3, 4)), rest.mean((3, 4))), dim=1)
        weight, bias = module.fusion.weight[i : i + 1], module.fusion.bias[i : i + 1]
        w = nn.functional.conv2d(pair, weight, bias, padding=1).sigmoid()
        w = w.transpose(0, 1)[0][..., None, None]
        torch.testing.assert_close(y[:, own], w * shifted + (1 - w) * rest)


def test_the_last_of_an_odd_number_of_channels_passes():
    x = torch.randn(2, 7, 4, 3, 3)
    y = GateShiftFuse(7)(x)
    assert torch.equal(y[:, 6], x[:, 6]) and not torch.allclose(y[:, :6], x[:, :6])


def test_gates_of_many_channels_do_not_start_saturated():
    torch.manual_seed(0)
    module = GateShiftFuse(512)
    gates = module.gate(module.norm(torch.randn(2, 512, 4, 7, 7)).relu()).tanh()
    assert 0.05 < gates.abs().mean() < 0.8


def test_a_single_channel_is_refused():
    with pytest.raises(ValueError, match='GateShiftFuse: channels=1 must be'):
        GateShiftFuse(1)
