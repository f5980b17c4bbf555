#!/usr/bin/env python
"""Print what each module between the convolutions of a unit costs, at equal parameters.

For DEM, its forms and its rivals: the midplanes of each stage (of the first and of the
second unit of its first block, where they differ), the parameters of the backbone and
the multiply-adds of a forward pass of one clip, for the small network of
`configs/probe` (depth 10, 16 base channels, 16x40x40) and for R(2+1)D-18 (16x112x112).
Nothing is computed: the networks run on tensors without memory.
"""

import argparse

import torch
from mmengine.config import DictAction
from torch._subclasses import FakeTensorMode

import dem_mmaction  # noqa: F401  makes MMAction2 run
from dem_mmaction.models import R2Plus1DDEM
from dem_mmaction.utils import costs, markdown_table

NETWORKS = {
    'R(2+1)D-10, 16 base channels': (dict(depth=10, base_channels=16), 40),
    'R(2+1)D-18': (dict(depth=18), 112),
}
FRAMES = 16
# What stands in the slot: arguments of the network.
ROWS = {
    'nothing': dict(dem_stages=[]),
    'DEM': dict(),
    'DEM in the first unit of each block': dict(dem_units=[0]),
    'DEM in conv2_x': dict(dem_stages=['conv2_x']),
    "DEM, fusion='concat'": dict(dem_cfg=dict(fusion='concat')),
    "DEM, fusion='bilinear'": dict(dem_cfg=dict(fusion='bilinear')),
    'DEM, groups=2': dict(dem_cfg=dict(groups=2)),
    'DEM, groups=4': dict(dem_cfg=dict(groups=4)),
    "DEM, groups='channelwise'": dict(dem_cfg=dict(groups='channelwise')),
    'DEM, reduction=2': dict(dem_cfg=dict(reduction=2)),
    'DEM, reduction=4': dict(dem_cfg=dict(reduction=4)),
    "DEM, reduction=4, groups='channelwise'": dict(
        dem_cfg=dict(reduction=4, groups='channelwise')
    ),
    **{
        name: dict(dem_cfg=dict(type=name))
        for name in (
            'TemporalShift',
            'MotionExcitation',
            'TemporalDifference',
            'GateShiftFuse',
        )
    },
}


def row(name: str, size: int, network: dict) -> list[str]:
    """Return the cells of a network.

    Args:
        name: What stands in the slot.
        size: Side of a clip in pixels.
        network: Arguments of the network.
    """
    with FakeTensorMode():
        net = R2Plus1DDEM(**network)
        parameters, operations, _ = costs(net, torch.empty(1, 3, FRAMES, size, size))
    units = [
        [block.conv1.conv.midplanes, block.conv2.conv.midplanes]
        for block in (stage[0] for stage in net.stages[1:])
    ]
    midplanes = [[net.conv1.conv.midplanes], *units]
    return [
        name,
        *('/'.join(str(m) for m in dict.fromkeys(stage)) for stage in midplanes),
        f'{parameters:,}',
        f'{operations / 2e9:.3f}',
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--dem-cfg',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='print these options of dem_cfg alone: type=TemporalShift shift_div=4',
    )
    parser.add_argument(
        '--midplanes', default='equivalent', help='policy (default equivalent)'
    )
    args = parser.parse_args()
    rows = ROWS
    if args.dem_cfg:
        name = ', '.join(f'{key}={value}' for key, value in args.dem_cfg.items())
        rows = {'nothing': ROWS['nothing'], name: dict(dem_cfg=args.dem_cfg)}
    for title, (network, size) in NETWORKS.items():
        head = [
            f'{title}, {FRAMES}x{size}x{size}',
            *('conv1', 'conv2_x', 'conv3_x', 'conv4_x', 'conv5_x'),
            *('parameters', 'G multiply-adds'),
        ]
        cells = [
            row(name, size, dict(network, midplanes=args.midplanes, **slot))
            for name, slot in rows.items()
        ]
        print(markdown_table(head, cells))


if __name__ == '__main__':
    main()
