#!/usr/bin/env python
"""Print what each module between the convolutions of a unit costs, at equal parameters.

For DEM, its forms and its rivals: the midplanes of each stage (of the first and of the
second unit of its first block, where they differ), the parameters of the backbone and
the multiply-adds of a forward pass of one clip, for the small network of
`configs/probe` (depth 10, 16 base channels, 16x32x32) and for R(2+1)D-18 (16x112x112).
Nothing is computed: the networks run on tensors without memory. Only `--time PASSES`
trains: on random clips it times a step of each network, all of them in turns, and
prints how many times as fast it is as that of the network with nothing in the slot.
"""

import argparse

import torch
from alternating import in_turns, machine, ratio
from mmengine.config import DictAction
from networks import TrainStep, classified
from torch._subclasses import FakeTensorMode

import dem_mmaction  # noqa: F401  makes MMAction2 run
from dem_mmaction.models import R2Plus1DDEM
from dem_mmaction.utils import costs, markdown_table

# Arguments of the network, side of its clips in pixels, clips of a step that is timed.
NETWORKS = {
    'R(2+1)D-10, 16 base channels': (dict(depth=10, base_channels=16), 32, 16),
    'R(2+1)D-18': (dict(depth=18), 112, 2),
}
FRAMES = 16
NOTHING = 'nothing'
# What stands in the slot: arguments of the network.
ROWS = {
    NOTHING: dict(dem_stages=[]),
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


def compare_steps(
    rows: dict[str, dict], network: dict, clips: torch.Tensor, passes: int
) -> dict[str, str]:
    """How many times as fast as that with nothing in the slot each network trains.

    Args:
        rows: What stands in the slot, as in ``ROWS``.
        network: Further arguments of all networks.
        clips: The clips of a step, (N, 3, T, H, W).
        passes: How often a step is timed.
    """
    works = {}
    for name, slot in rows.items():
        torch.manual_seed(0)
        backbone = R2Plus1DDEM(**network, **slot)
        backbone.init_weights()
        net = classified(backbone, 8 * network.get('base_channels', 64))
        works[name] = TrainStep(net, clips, amp=False)
    seconds = in_turns(works, passes, warmups=2)
    peer = seconds.pop(NOTHING)
    return {name: ratio(peer, own) for name, own in seconds.items()}


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
    parser.add_argument(
        '--depth', type=int, choices=(10, 18), help='of one network (default both)'
    )
    parser.add_argument(
        '--time', type=int, default=0, metavar='PASSES', help='time training steps, too'
    )
    args = parser.parse_args()
    if args.time:
        print(machine())
    rows = ROWS
    if args.dem_cfg:
        name = ', '.join(f'{key}={value}' for key, value in args.dem_cfg.items())
        rows = {NOTHING: ROWS[NOTHING], name: dict(dem_cfg=args.dem_cfg)}
    for title, (network, size, number) in NETWORKS.items():
        if args.depth not in (None, network['depth']):
            continue
        head = [
            f'{title}, {FRAMES}x{size}x{size}',
            *('conv1', 'conv2_x', 'conv3_x', 'conv4_x', 'conv5_x'),
            *('parameters', 'G multiply-adds'),
        ]
        network = dict(network, midplanes=args.midplanes)
        cells = [row(name, size, dict(network, **slot)) for name, slot in rows.items()]
        if args.time:
            clips = torch.randn(number, 3, FRAMES, size, size)
            steps = compare_steps(rows, network, clips, args.time)
            head.append(f'step to {NOTHING}')
            cells = [[*line, steps.get(line[0], '')] for line in cells]
        print(markdown_table(head, cells))


if __name__ == '__main__':
    main()
