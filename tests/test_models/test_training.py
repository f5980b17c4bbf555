"""Training with the fast forms is training with the straightforward ones."""

import copy
from functools import partial

import pytest
import torch
from reference import reference_dem
from torch.nn.functional import cross_entropy

from dem_mmaction.models import R2Plus1DDEM


def losses(net, steps=25):
    """Of a training on random clips: eight videos, four classes."""
    generator = torch.Generator().manual_seed(0)
    clips = torch.randn(8, 3, 8, 24, 24, generator=generator).double()
    labels = torch.arange(8) % 4
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    found = []
    for _ in range(steps):
        loss = cross_entropy(net(clips).mean((2, 3, 4))[:, :4], labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


@pytest.mark.parametrize('dem_stages', [None, []], ids=['DEM', 'no DEM'])
def test_losses_differ_by_rounding_alone(dem_stages):
    # In float64: a training blows up rounding of float32 until it shows.
    torch.manual_seed(0)
    net = R2Plus1DDEM(depth=10, base_channels=8, dem_stages=dem_stages)
    net.init_weights()
    net.double()
    plain = copy.deepcopy(net)
    plain.channels_last = False
    for dem in plain.dems():
        dem.forward = partial(reference_dem, dem)
    fast, slow = losses(net), losses(plain)
    assert fast[-1] < 0.5 * fast[0]
    assert fast == pytest.approx(slow, rel=1e-6)
