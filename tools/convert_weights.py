#!/usr/bin/env python
"""Make a checkpoint of public weights: tools/convert_weights.py WEIGHTS OUT.pth

Takes torchvision's r2plus1d_18, r3d_18, mc3_18 and s3d and MMAction2's R(2+1)D-34,
tells which of them WEIGHTS are, and prints the model that the checkpoint is for,
without and with DEM, which starts as the identity. The networks without DEM can be
tested at once; configs/custom has configs that fine-tune them to videos of your own.
"""

import argparse
import sys
from pathlib import Path

import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner.checkpoint import CheckpointLoader

import dem_mmaction  # noqa: F401  makes MMAction2 run
from dem_mmaction.models.public_weights import PublicNetwork, convert, find_network
from dem_mmaction.utils import read_names


def model_of(network: PublicNetwork, classes: int, dem: bool) -> dict:
    """The config of a recognizer with these weights."""
    backbone = {**network.backbone, **(network.dem if dem else {})}
    head = dict(type='ClipVideoHead', num_classes=classes, in_channels=network.features)
    pixels = dict(type='ActionDataPreprocessor', format_shape='NCTHW', **network.input)
    return dict(
        type='Recognizer3D', backbone=backbone, cls_head=head, data_preprocessor=pixels
    )


def check(network: PublicNetwork, weights: dict, classes: int) -> None:
    """See that a network without DEM takes all of the weights.

    Raises:
        ValueError: It does not.
    """
    model = MODELS.build(model_of(network, classes, dem=False))
    wanted = model.state_dict()
    odd = sorted(
        name
        for name in {*wanted, *weights}
        if not name.startswith('cls_head.')
        and (
            name not in wanted
            or name not in weights
            or wanted[name].shape != weights[name].shape
        )
    )
    if odd:
        raise ValueError(f'{len(odd)} tensors do not fit, such as {odd[0]}.')


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('weights', metavar='WEIGHTS')
    parser.add_argument('out', type=Path, metavar='OUT.pth')
    parser.add_argument(
        '--classes',
        type=Path,
        help='text file with a class name a line, for tools/classify.py',
    )
    args = parser.parse_args()
    init_default_scope('mmaction')
    meta = {}
    try:
        loaded = CheckpointLoader.load_checkpoint(args.weights, map_location='cpu')
        weights = loaded.get('state_dict', loaded)
        network, converted = find_network(weights), convert(weights)
        classifier = converted.get('cls_head.fc_cls.weight')
        classes = 400 if classifier is None else len(classifier)
        check(network, converted, classes)
        if args.classes is not None:
            names = read_names(args.classes)
            if len(names) != classes:
                raise ValueError(
                    f'{args.classes} has {len(names)} names for {classes} classes.'
                )
            meta['dataset_meta'] = dict(classes=names)
    except (OSError, ValueError) as error:
        sys.exit(f'convert_weights: {error}')
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(meta=meta, state_dict=converted), args.out)

    print(f'{args.weights} is {network.name}. {network.remark}'.strip())
    print(f'{args.out} has its {len(converted)} tensors for\n')
    print(Config(dict(model=model_of(network, classes, dem=False))).pretty_text)
    if network.dem:
        print('and, with DEM that starts as the identity, for\n')
        print(Config(dict(model=model_of(network, classes, dem=True))).pretty_text)


if __name__ == '__main__':
    main()
