"""The forms of D; test_dem.py and test_dem_forms.py compare them with equation 3.2."""

import copy

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dem_mmaction.models import DEM


def products(module, x):
    """Products per pair of channels that ``module(x)`` takes."""
    with FlopCounterMode(display=False) as counter:
        module(x)
    return counter.get_total_flops() / 2 / x.shape[1] ** 2


@pytest.mark.parametrize('padding_mode', ['zeros', 'circular'])
@pytest.mark.parametrize('groups', [1, 2, 'channelwise'])
def test_takes_the_form_with_fewer_products(padding_mode, groups):
    channels = 8
    dem = DEM(channels, padding_mode=padding_mode, groups=groups)
    # In a group; of the kernels' taps.
    compose = 4 * channels / dem.groups
    for frames, size in [(4, 16), (1, 2), (1, 4), (8, 2), (4, 3), (9, 2), (1, 1)]:
        pixels = frames * size**2
        x = torch.randn(1, channels, frames, size, size)
        taken = products(dem.variation, x) * dem.groups
        # Each frame is projected by both taps of f, then g sees a frame more than both.
        ends = 2 * size**2
        assert taken <= min(3 * pixels + compose, 4 * pixels + ends)


def test_kernel_is_composed_in_fp32_under_autocast():
    torch.manual_seed(0)
    dem = DEM(16)
    x = torch.randn(1, 16, 4, 8, 8).bfloat16()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        d, y = dem.variation(x), dem(x)
    assert d.dtype == y.dtype == torch.bfloat16
    rounded_once = dem.kernel().bfloat16()
    rounded_before = copy.deepcopy(dem).bfloat16().kernel()
    results = [
        nn.functional.conv3d(x, kernel, padding=(1, 0, 0))
        for kernel in (rounded_once, rounded_before)
    ]
    assert torch.equal(d, results[0]) and not torch.equal(*results)
