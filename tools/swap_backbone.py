#!/usr/bin/env python
"""Write a config of MMAction2 with a backbone of this package.

The new config inherits from the old one and changes what it must; the reasons are
printed. Its model is built once to see that it can be.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from mmengine.config import Config, DictAction

import dem_mmaction  # noqa: F401  makes MMAction2 run
from dem_mmaction.models.swap import BACKBONES, backbone_cfg, swap_backbone


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('base', help="a config file, or 'mmaction::recognition/...'")
    parser.add_argument(
        '--backbone', default='r2p1d_dem_18', help=f'one of {", ".join(BACKBONES)}'
    )
    parser.add_argument(
        '--options',
        nargs='+',
        action=DictAction,
        default={},
        metavar='KEY=VALUE',
        help='further arguments of the backbone: dem_stages=[conv2_x]',
    )
    parser.add_argument('-o', '--out', type=Path, help='file to write, printed if none')
    return parser.parse_args()


def main() -> None:
    import torch
    from mmaction.registry import MODELS

    args = parse_args()
    try:
        named = '::' in args.base
        base = args.base if named else os.path.abspath(args.base)
        swap = swap_backbone(base, backbone_cfg(args.backbone, **args.options))
        own = Config.fromstring(swap.text(), '.py')
        with torch.device('meta'):
            MODELS.build(own.model)
    except (FileNotFoundError, ValueError) as error:
        sys.exit(f'swap_backbone: {error}')
    for reason in swap.reasons:
        print(f'- {reason}', file=sys.stderr)
    if not named:  # a config inherits from a path beside its own
        folder = args.out.parent if args.out else Path()
        swap = replace(swap, base=os.path.relpath(base, folder))
    if args.out is None:
        print(swap.text(), end='')
        return
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(swap.text(), encoding='utf-8')
    print(f'Wrote {args.out}', file=sys.stderr)


if __name__ == '__main__':
    main()
