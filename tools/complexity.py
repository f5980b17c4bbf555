#!/usr/bin/env python
"""Print what the stages of a recognizer cost: tools/complexity.py CONFIG [CONFIG ...]

or, with --hosts, what every network costs that DEM is known to go into.

Parameters, multiply-adds and activations (the outputs of convolutions and matrix
products) of one clip, for any config of a 2D or 3D recognizer, and beside them those of
the same network without DEM. Nothing is computed: the network runs on tensors without
memory.
"""

import argparse
import copy
import sys

import torch
from mmaction.registry import MODELS
from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope
from torch import Tensor, nn
from torch._subclasses import FakeTensorMode

import dem_mmaction  # noqa: F401  makes MMAction2 run
from dem_mmaction.models.backbone import Backbone
from dem_mmaction.models.hosts import CLASSES, HOSTS, MMACTION2, Host
from dem_mmaction.models.stages import STAGES
from dem_mmaction.utils import (
    PartCosts,
    costs,
    costs_of_parts,
    markdown_table,
    pipeline_of_test,
)


class Recognizer(nn.Module):
    """Backbone, neck and head, one after the other.

    Args:
        model: The config of a recognizer.
        frames: Number of frames of a clip, which a 2D recognizer takes as pictures.

    Raises:
        ValueError: It has no backbone or no cls_head.
    """

    def __init__(self, model: Config, frames: int) -> None:
        super().__init__()
        if 'backbone' not in model or 'cls_head' not in model:
            raise ValueError(f'A {model.type} has no backbone and cls_head to count.')
        self.backbone = MODELS.build(dict(model.backbone, **_no_weights(model)))
        self.neck = MODELS.build(model.neck) if model.get('neck') else None
        self.cls_head = MODELS.build(model.cls_head)
        self.segments = frames if model.type == 'Recognizer2D' else None

    def forward(self, x: Tensor) -> Tensor:
        features = self.backbone(x)
        if self.neck is not None:
            features, _ = self.neck(features)
        if self.segments is None:
            return self.cls_head(features)
        return self.cls_head(features, self.segments)

    def stages(self) -> list[str]:
        """The paths of the stages of the backbone."""
        return [f'backbone.{name}' for name, _ in self.backbone.named_children()]

    def others(self) -> list[str]:
        """The paths of the neck and the head, and that of the whole."""
        return [*(['neck'] if self.neck is not None else []), 'cls_head', '']


def _no_weights(model: Config) -> dict:
    return {key: None for key in ('pretrained', 'init_cfg') if key in model.backbone}


def clip_shape(config: Config) -> tuple[int, int, int]:
    """Frames, height and width of the clips that the test of a config takes.

    Raises:
        ValueError: Its pipeline does not say.
    """
    frames = size = None
    for step in pipeline_of_test(config):
        if 'clip_len' in step:
            frames = step.clip_len * (step.get('num_clips', 1) if _is_2d(config) else 1)
        crop = step.get('crop_size', step.get('size'))
        if crop is not None and 'Crop' in step.type:
            size = (crop, crop) if isinstance(crop, int) else tuple(crop)
    if frames is None or size is None:
        raise ValueError('the test pipeline names no clip_len or crop: give --shape.')
    return frames, size[1], size[0]


def _is_2d(config: Config) -> bool:
    return config.model.type == 'Recognizer2D'


def count(config: Config, shape: tuple[int, int, int]) -> list[PartCosts]:
    """What each part costs for a clip.

    The backbone is one part where it runs its stages piece by piece, as SlowFast does.
    """
    channels = config.model.backbone.get('in_channels', 3)
    frames, height, width = shape
    pictures = (frames, channels, height, width)
    clip = (1, channels, frames, height, width)
    with FakeTensorMode(allow_non_fake_inputs=True):
        net = Recognizer(config.model, frames)
        x = torch.empty(pictures if _is_2d(config) else clip)
        others = net.others()
        counted = costs_of_parts(net, x, ['backbone', *others, *net.stages()])
    whole, stages = counted[0], counted[1 + len(others) :]
    if sum(own.multiply_adds for own in stages) != whole.multiply_adds:
        stages = [whole]
    return [*stages, *counted[1 : 1 + len(others)]]


def without_dem(config: Config) -> Config | None:
    """The config without DEM, of as many parameters where its mid-planes are so.

    None where it has none, or where MMAction2's networks have it by their conv_cfg.
    """
    backbone = config.model.backbone
    kind = MODELS.get(backbone.type)
    if not (isinstance(kind, type) and issubclass(kind, Backbone)):
        return None
    with torch.device('meta'):
        if not list(MODELS.build(dict(backbone, init_cfg=None)).dems()):
            return None
    plain = copy.deepcopy(config)
    plain.model.backbone.dem_stages = []
    return plain


def whole_costs(model: Config, clip: tuple[int, int, int]) -> tuple[int, int]:
    """Parameters and floating-point operations of a recognizer for a clip."""
    with torch.device('meta'):
        net = Recognizer(model, clip[0])
    with FakeTensorMode(allow_non_fake_inputs=True):
        net.to_empty(device='cpu')
        return costs(net, torch.empty(1, 3, *clip))[:2]


def hosts_table(hosts: list[Host]) -> str:
    """Two rows a host, without and with DEM, beside what is published of it."""
    rows = []
    for host in hosts:
        said = host.published
        for dem in (False, True):
            model = dict(type='Recognizer3D', backbone=host.config(dem))
            model['cls_head'] = dict(
                host.head, num_classes=CLASSES, in_channels=host.features
            )
            parameters, operations = whole_costs(Config(model), host.clip)
            cells = ['with' if host.equal else 'on top', '', '', '']
            if not dem:
                figures = (said.parameters, said.multiply_adds) if said else (None,) * 2
                own = (f'{x:,.3f}' if x is not None else '-' for x in figures)
                cells = ['without', *own, said.source if said else '-']
            rows.append(
                [
                    f'{host.title} ({host.paper})',
                    'x'.join(map(str, host.clip)),
                    cells[0],
                    f'{parameters / 1e6:,.3f}',
                    cells[1],
                    f'{operations / 2e9:,.3f}',
                    *cells[2:],
                ]
            )
    head = ('network', 'clip', 'DEM', 'M parameters', 'published')
    head += ('G multiply-adds', 'published', 'by')
    return markdown_table(head, rows)


def table(title: str, columns: list[list[PartCosts]]) -> str:
    """A row a part; of several networks, their numbers beside each other."""
    names = dict(zip((f'layer{i}' for i in range(5)), STAGES, strict=True))
    rows = []
    for parts in zip(*columns, strict=True):
        name = parts[0].name.removeprefix('backbone.')
        cells = [names.get(name, name) or 'total']
        for own in parts:
            cells += [
                f'{own.parameters:,}',
                f'{own.multiply_adds / 1e9:,.3f}',
                f'{own.activations / 1e6:,.2f}',
            ]
        if any(own.parameters or own.multiply_adds for own in parts):
            rows.append(cells)
    head = ['parameters', 'G multiply-adds', 'M activations']
    if len(columns) > 1:
        head += [f'{name}, no DEM' for name in head]
    return markdown_table([title, *head], rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('configs', nargs='*', metavar='CONFIG')
    every = {**HOSTS, **MMACTION2}
    parser.add_argument(
        '--hosts',
        nargs='*',
        metavar='NAME',
        help=f'networks to compare instead of configs: {", ".join(every)}; all if none',
    )
    parser.add_argument(
        '--shape',
        nargs=3,
        type=int,
        metavar=('FRAMES', 'HEIGHT', 'WIDTH'),
        help='of a clip; default: what the test of the config takes',
    )
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    args = parser.parse_args()
    if bool(args.configs) == (args.hosts is not None):
        parser.error('give either configs or --hosts')
    init_default_scope('mmaction')
    if args.hosts is not None:
        unknown = [name for name in args.hosts if name not in every]
        if unknown:
            parser.error(f"no host '{unknown[0]}'; there are {', '.join(every)}")
        print(hosts_table([every[name] for name in args.hosts or every]))
    for name in args.configs:
        try:
            config = Config.fromfile(name)
            config.merge_from_dict(args.cfg_options or {})
            shape = args.shape or clip_shape(config)
            plain = without_dem(config)
            columns = [count(own, shape) for own in (config, plain) if own is not None]
        except (OSError, ValueError) as error:
            sys.exit(f'complexity: {name}: {error}')
        print(f'{name}\n\n{table("x".join(map(str, shape)), columns)}')


if __name__ == '__main__':
    main()
