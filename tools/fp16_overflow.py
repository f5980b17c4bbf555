#!/usr/bin/env python
"""Measure where DEM overflows in fp16, with ReLU, with ReLU-6 and with no activation.

Without arguments it takes one DEM and random input, with CONFIG a fresh network on
clips of its validation list, with CONFIG and CHECKPOINT a trained one. Inputs are
multiplied by each of the scales. Mixed precision is that of training with
AmpOptimWrapper, on the CPU, which rounds the result of each convolution to fp16 and
accumulates it in fp32, as GPUs do by default. Only the forward pass is measured.

Prints the share of the values of each part that are infinite or no number in mixed
precision, and the largest value of any step of the computation in fp32: fp16 ends at
65504.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config, ConfigDict, DictAction
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

import dem_mmaction  # noqa: F401  registers the networks
from dem_mmaction.models import DEM
from dem_mmaction.models.stages import STAGES
from dem_mmaction.utils import markdown_table

ACTIVATIONS = {'ReLU-6': dict(type='ReLU6'), 'ReLU': dict(type='ReLU'), 'none': None}
SCALES = (1, 10, 100, 1000, 10000)

# What is measured in one run: the share of values that are not finite by the name of
# the part, and the largest value.
Overflow = tuple[dict[str, float], float]


class LargestValue(TorchDispatchMode):
    """Keeps the largest magnitude of what any operation returns inside the context."""

    largest = 0.0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        # A batch norm also returns its statistics; memory may be given out uncleared.
        first = out[0] if isinstance(out, tuple) else out
        if (
            isinstance(first, Tensor)
            and first.is_floating_point()
            and first.numel()
            and 'empty' not in str(func)
        ):
            self.largest = max(self.largest, first.abs().max().item())
        return out


@torch.no_grad()
def overflow(net: nn.Module, x: Tensor, parts: Mapping[str, nn.Module]) -> Overflow:
    """Run a network in fp32 and in mixed precision.

    In training mode its running statistics move twice; they are not used there.

    Args:
        net: The network, or one DEM.
        x: Its input, (N, C, T, H, W).
        parts: Modules of the network by the name to show.

    Returns:
        By part, the share of the values of its output that are not finite in mixed
        precision; and the largest magnitude of any step in fp32.
    """
    with LargestValue() as values:
        net(x.float())
    shares = {}
    hooks = [
        part.register_forward_hook(
            lambda _, args, out, name=name: shares.update(
                {name: 1 - out.isfinite().float().mean().item()}
            )
        )
        for name, part in parts.items()
    ]
    with torch.autocast('cpu', torch.float16):
        net(x)
    for hook in hooks:
        hook.remove()
    return shares, values.largest


def forms() -> Iterator[tuple[list[str], dict]]:
    """Iterate over the words for each form of DEM, and its arguments.

    ``scale`` is at 1, since the thesis has none.
    """
    for norms, norm_cfg in (('yes', {}), ('no', dict(norm_cfg=None))):
        for name, act_cfg in ACTIVATIONS.items():
            yield [norms, name], dict(act_cfg=act_cfg, zero_init=False, **norm_cfg)


def of_one_dem(scales: Sequence[float], channels: int = 64) -> list[list[str]]:
    """Rows for one DEM in training; x is normal, then as after ReLU.

    Args:
        scales: Standard deviations of the input before ReLU.
        channels: C of the input, (2, C, 8, 14, 14).
    """
    rows = []
    for words, dem_cfg in forms():
        for scale in scales:
            torch.manual_seed(0)
            dem = DEM(channels, **dem_cfg)
            x = scale * torch.randn(2, channels, 8, 14, 14).relu()
            rows.append(_row(words, scale, overflow(dem, x.half(), {'DEM': dem})))
    return rows


def of_fresh_networks(
    config: Config, clips: Tensor, scales: Sequence[float]
) -> list[list[str]]:
    """Rows for the network of a config with each form of DEM, as training begins."""
    rows = []
    for words, dem_cfg in forms():
        cfg = ConfigDict(config.model.backbone)
        cfg.dem_cfg = {**cfg.get('dem_cfg', {}), **dem_cfg}
        torch.manual_seed(0)
        backbone = MODELS.build(cfg)
        backbone.init_weights()
        rows += _rows_of(backbone.train(), words, clips, scales)
    return rows


def of_trained_network(
    config: Config, checkpoint: str, clips: Tensor, scales: Sequence[float]
) -> list[list[str]]:
    """Rows for the network of a config with the weights of a checkpoint, in a test."""
    model = MODELS.build(config.model)
    load_checkpoint(model, checkpoint, map_location='cpu', strict=True)
    dem = next(model.backbone.dems())
    norms = 'no' if isinstance(dem.norm_d, nn.Identity) else 'yes'
    names = {'Identity': 'none', 'ReLU6': 'ReLU-6'}
    act = type(dem.act_d).__name__
    words = [norms, names.get(act, act)]
    return _rows_of(model.backbone.eval(), words, clips, scales)


def validation_clips(config: Config, count: int) -> Tensor:
    """Clips of the validation list as the network gets them, (N, 3, T, H, W).

    Args:
        config: A config; its validation set and its preprocessor are used.
        count: Number of videos, taken evenly from the list.
    """
    dataset = DATASETS.build(config.val_dataloader.dataset)
    chosen = np.linspace(0, len(dataset) - 1, min(count, len(dataset))).astype(int)
    preprocess = MODELS.build(config.model.data_preprocessor)
    batch = preprocess(pseudo_collate([dataset[int(i)] for i in chosen]))
    return batch['inputs'].flatten(0, 1)


def _rows_of(
    backbone: nn.Module, words: list[str], clips: Tensor, scales: Sequence[float]
) -> list[list[str]]:
    parts = dict(zip(STAGES, backbone.stages, strict=True))
    return [
        _row(words, scale, overflow(backbone, scale * clips, parts)) for scale in scales
    ]


def _row(words: list[str], scale: float, measured: Overflow) -> list[str]:
    shares, largest = measured
    percent = [f'{100 * share:.1f}' for share in shares.values()]
    return [*words, f'{scale:g}', *percent, f'{largest:.3g}']


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', nargs='?', help='config of a network with DEM')
    parser.add_argument('checkpoint', nargs='?', help='its weights after training')
    parser.add_argument(
        '--scales',
        type=float,
        nargs='+',
        default=SCALES,
        help='factors on the input (default: 1 to 10000)',
    )
    parser.add_argument(
        '--clips', type=int, default=4, help='validation videos to use (default 4)'
    )
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    if args.config is None:
        parts, rows = ['DEM'], of_one_dem(args.scales)
    else:
        config = Config.fromfile(args.config)
        config.merge_from_dict(args.cfg_options or {})
        init_default_scope(config.get('default_scope', 'mmaction'))
        if not any(MODELS.build(config.model.backbone).dems()):
            raise SystemExit(f'The network of {args.config} has no DEM.')
        clips = validation_clips(config, args.clips)
        measured = config, clips, args.scales
        parts = list(STAGES)
        if args.checkpoint is None:
            rows = of_fresh_networks(*measured)
        else:
            rows = of_trained_network(config, args.checkpoint, *measured[1:])
    head = ['norms', 'activation', 'scale', *(f'{part} %' for part in parts), 'largest']
    print(markdown_table(head, rows, left=2), end='')


if __name__ == '__main__':
    main()
