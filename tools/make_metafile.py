#!/usr/bin/env python
"""Write ``configs/metafile.yml``: what each config trains, its parameters and FLOPs.

Run it after a config or a network has changed; a test compares the file with the
networks. Nothing is computed: the networks run on tensors without memory.
"""

import argparse
import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
import yaml
from mmaction.registry import MODELS
from mmengine.config import Config
from torch._subclasses import FakeTensorMode

import dem_mmaction  # noqa: F401  registers the networks
from dem_mmaction.models.hosts import HOSTS, MMACTION2
from dem_mmaction.utils import costs, write_text

ROOT = Path(__file__).resolve().parents[1]
CLIP = (1, 3, 16, 112, 112)
HEAD = """\
# Written by tools/make_metafile.py.
# Parameters are those of the backbone and the head. FLOPs are two for each multiply-add
# of the convolutions and matrix products in a forward pass of one clip of 16x112x112,
# computed as the package computes them; also for the probe, whose clips are smaller.
# There are no results: no weights of these configs have been published.
"""
COLLECTION = {
    'Name': 'DEM',
    'README': 'README.md',
    'Paper': {
        'Title': 'Learning Temporal Variations for Action Recognition '
        '(MS thesis, Qili Zeng, Boston University, 2020)'
    },
}
# By the folder of the lists.
DATA = {
    'custom': 'your own videos',
    'dots_probe': 'motion probe, dots',
    'hmdb51': 'HMDB-51',
    'kinetics400': 'Kinetics-400',
    'minikinetics': 'miniKinetics',
    'motion_probe': 'motion probe',
    'sthv2': 'Something-Something v2',
    'ucf101': 'UCF-101',
    'weizmann': 'Weizmann actions',
    'words': 'spoken words of the GRID corpus',
}
# What weights to start from were trained on, by a part of their checkpoint's name.
PRETRAINED = {
    'miniKinetics': 'minikinetics',
    'probe': 'motion_probe',
    'torchvision': 'kinetics400',
}
# What changes neither the parameters nor the FLOPs of a backbone.
TRAINING_ONLY = ('init_cfg', 'frozen_stages')
BESIDE_BACKBONE = ('cls_head', 'data_preprocessor')


def metafile(configs: Path = ROOT / 'configs') -> str:
    """The text of the metafile of a folder of configs."""
    models = [entry(path, configs.parent) for path in leaves(configs)]
    content = {'Collections': [COLLECTION], 'Models': models}
    return HEAD + yaml.safe_dump(content, sort_keys=False)


def leaves(configs: Path) -> Iterator[Path]:
    """The configs of this package's networks that can be run, sorted by their path."""
    others = {'_base_', 'mmaction2'}  # networks of MMAction2 to compare with
    return (
        path
        for path in sorted(configs.rglob('*.py'))
        if not others & set(path.relative_to(configs).parts)
    )


def entry(path: Path, root: Path) -> dict:
    """What the metafile says of a config.

    Args:
        path: The config.
        root: What its path in the metafile is relative to.
    """
    config = Config.fromfile(path)
    backbone = config.model.backbone
    costly = {k: v for k, v in backbone.items() if k not in TRAINING_ONLY}
    body = {k: v for k, v in config.model.items() if k not in BESIDE_BACKBONE}
    parameters, flops, features = body_costs(json.dumps({**body, 'backbone': costly}))
    head = part_costs(config.model.cls_head, features)
    data = Path(config.train_dataloader.dataset.ann_file).parent.name
    metadata = {
        'Architecture': architecture(backbone) + method(config.model),
        'Parameters': parameters + head[0],
        'FLOPs': flops + head[1],
        'Task': 'Action Recognition',
        'Training Data': DATA[data],
    }
    if 'init_cfg' in backbone:
        checkpoint = backbone.init_cfg.checkpoint
        (source,) = (data for part, data in PRETRAINED.items() if part in checkpoint)
        metadata['Pretrained'] = DATA[source]
    return {
        'Name': path.stem,
        'Config': path.relative_to(root).as_posix(),
        'In Collection': COLLECTION['Name'],
        'Metadata': metadata,
    }


@functools.cache  # many configs share a backbone
def body_costs(config: str) -> tuple[int, int, torch.Size]:
    """Parameters, FLOPs and output shape of a recognizer without head, as JSON."""
    return part_costs(json.loads(config), torch.Size((1, *CLIP)))


def part_costs(config: Mapping, shape: torch.Size) -> tuple[int, int, torch.Size]:
    """Parameters, FLOPs and output shape of a part of a network for an input shape."""
    with torch.device('meta'):
        module = MODELS.build(config)
    with FakeTensorMode(allow_non_fake_inputs=True):
        module.to_empty(device='cpu')  # as a CPU would run it, but without memory
        return costs(module, torch.empty(shape))


def architecture(backbone: Mapping) -> list[str]:
    """The network, where DEM stands in it, and what differs from the headline."""
    found = [
        host
        for host in (*HOSTS.values(), *MMACTION2.values())
        if all(backbone.get(key) == value for key, value in host.backbone.items())
    ]
    parts = [max(found, key=lambda host: len(host.backbone)).title]
    conv = backbone.get('conv_cfg', {})
    stages = backbone.get('dem_stages', [] if backbone.get('unit') == '3d' else None)
    options = dict(backbone.get('dem_cfg', conv.get('dem_cfg', {})))
    module = options.pop('type', 'DEM')
    if conv:
        if conv['type'] == 'DEMConv3d':
            parts.append(f'{module} before every 3D convolution')
    elif stages != []:
        where = 'every unit' if stages is None else ', '.join(stages)
        units = backbone.get('dem_units', (0, 1))
        if len(units) == 1:
            where += f', unit {units[0]} of each block'
        parts.append(f'{module} in {where}')
    for key, value in options.items():
        shown = value['type'] if key in ('act_cfg', 'norm_cfg') and value else value
        parts.append(f'{key} {shown} in {module}')
    if backbone.get('midplanes', 'equivalent') != 'equivalent':
        parts.append(f'{backbone.midplanes} midplanes')
    if backbone.get('base_channels', 64) != 64:
        parts.append(f'{backbone.base_channels} base channels')
    return parts


def method(model: Mapping) -> list[str]:
    """What a training method adds to the network."""
    if 'rates' not in model:
        return []
    return [f'norms and adapters for SR {", ".join(map(str, model["rates"]))}']


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    write_text(ROOT / 'configs' / 'metafile.yml', metafile())


if __name__ == '__main__':
    main()
