import torch
from torch import nn
from torch._subclasses import FakeTensorMode

from dem_mmaction.utils import PartCosts, costs, costs_of_parts


def test_parts_of_a_small_network():
    net = nn.Sequential(
        nn.Conv3d(3, 8, (1, 3, 3), bias=False),
        nn.BatchNorm3d(8),
        nn.Sequential(nn.Conv3d(8, 8, (3, 1, 1), groups=4), nn.Flatten()),
        nn.Linear(8 * 2 * 4 * 4, 5),
    )
    x = torch.randn(2, 3, 4, 6, 6)
    kernel = 2 * 2 * 3 * 16  # clips, kernel's length, channels in and place out
    assert costs_of_parts(net, x, ['0', '1', '2', '3', '']) == [
        PartCosts('0', 216, 2 * 4 * 16 * 216, 2 * 4 * 16 * 8),
        PartCosts('1', 16, 0, 0),
        PartCosts('2', 56, kernel * 16, 2 * 2 * 16 * 8),
        PartCosts('3', 1285, 2 * 1280, 2 * 5),
        PartCosts(
            '',
            216 + 16 + 56 + 1285,
            2 * 4 * 16 * 216 + kernel * 16 + 2 * 1280,
            2 * (4 * 16 * 8 + 2 * 16 * 8 + 5),
        ),
    ]
    assert costs(net, x)[:2] == (
        1573,
        2 * costs_of_parts(net, x, [''])[0].multiply_adds,
    )


def test_nothing_is_computed():
    with FakeTensorMode():
        net = nn.Conv3d(3, 8, 3)
        (own,) = costs_of_parts(net, torch.empty(64, 3, 64, 512, 512), [''])
    assert own.multiply_adds == 64 * 62 * 510 * 510 * 648
