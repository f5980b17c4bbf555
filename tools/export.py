#!/usr/bin/env python
"""Export a trained recognizer: tools/export.py CONFIG CHECKPOINT --format onnx

The file takes the pixels of clips, (clips, channels, frames, height, width) in float32
from 0 to 255, and returns the scores of the classes. It is run on clips of the videos
given, or on random ones, in batches of several sizes, and compared with the network; if
the scores differ by more than --tolerance, nothing is left. With --int8 convolutions
compute with 8 bits, in ranges that clips of the videos of --calibrate have shown.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import torch
from mmaction.apis import init_recognizer
from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.dataset import Compose
from tqdm import tqdm

import dem_mmaction  # noqa: F401  makes MMAction2 run
from dem_mmaction.datasets import VideoReadError
from dem_mmaction.export import FORMATS, ClipClassifier, QuantizableFormat
from dem_mmaction.utils import pipeline_of_test

CALIBRATION = 200  # videos, a clip each


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config')
    parser.add_argument('checkpoint')
    parser.add_argument('--format', choices=FORMATS, default='onnx')
    parser.add_argument('-o', '--out', type=Path, help='default: beside the checkpoint')
    parser.add_argument(
        '--videos',
        nargs='+',
        default=[],
        metavar='VIDEO',
        help='compare on their clips',
    )
    parser.add_argument(
        '--shape',
        nargs=3,
        type=int,
        metavar=('FRAMES', 'HEIGHT', 'WIDTH'),
        help='of clips, needed without videos',
    )
    parser.add_argument(
        '--int8', action='store_true', help='quantise; for onnx and openvino'
    )
    parser.add_argument(
        '--calibrate',
        type=Path,
        metavar='LIST',
        help='for --int8: annotation list of the training; 200 videos of it are read',
    )
    parser.add_argument(
        '--tolerance',
        type=float,
        help='of the scores, default: 1e-4, and any difference with --int8',
    )
    args = parser.parse_args()
    if bool(args.videos) == bool(args.shape):
        parser.error('give either --videos or --shape')
    if args.int8 != (args.calibrate is not None):
        parser.error('--int8 and --calibrate go together')
    if args.tolerance is None:
        args.tolerance = math.inf if args.int8 else 1e-4
    return args


def clips_of(config: Config, videos: list[str]) -> torch.Tensor:
    """The clips that the test of a config takes from videos, (clips, C, T, H, W)."""
    pipeline = Compose(pipeline_of_test(config))
    sampled = [
        pipeline(dict(filename=video, label=-1, start_index=0, modality='RGB'))
        for video in videos
    ]
    return torch.cat([own['inputs'] for own in sampled]).float()


def calibration_clips(config: Config, ann_file: Path) -> list[np.ndarray]:
    """A clip of each of some videos of a list, as the test of a config takes them.

    The videos lie evenly in the list, which may be sorted by class.
    """
    dataset = DATASETS.build(
        dict(config.test_dataloader.dataset, ann_file=str(ann_file))
    )
    chosen = np.linspace(0, len(dataset) - 1, min(CALIBRATION, len(dataset)))
    bar = tqdm(chosen.astype(int), desc='calibration', unit='video')
    return [dataset[int(index)]['inputs'][:1].float().numpy() for index in bar]


def main() -> None:
    args = parse_args()
    chosen = FORMATS[args.format]
    try:
        if args.int8 and not isinstance(chosen, QuantizableFormat):
            raise ValueError(
                f'--format {args.format} has no int8, onnx and openvino do.'
            )
        chosen.check(args.int8)
        model = init_recognizer(args.config, args.checkpoint, device='cpu')
        net = ClipClassifier(model)
        if args.videos:
            clips = clips_of(model.cfg, args.videos)
        else:
            channels = model.cfg.model.backbone.get('in_channels', 3)
            clips = 255 * torch.rand(4, channels, *args.shape)
        calibration = []
        if args.int8:
            calibration = calibration_clips(model.cfg, args.calibrate)
    except (ImportError, OSError, ValueError, VideoReadError) as error:
        sys.exit(f'export: {error}')
    if len(clips) < 2:
        clips = clips.repeat(2, 1, 1, 1, 1)
    out = args.out or Path(args.checkpoint).with_suffix(chosen.suffix)
    out.parent.mkdir(parents=True, exist_ok=True)
    chosen.write(net, clips[:2], out)
    if args.int8:
        chosen.quantize(out, calibration)

    run, worst, same = chosen.load(out), 0.0, 0
    with torch.no_grad():
        expected = net(clips).numpy()
    for size in (1, 2, len(clips)):
        scores = np.concatenate([run(own.numpy()) for own in clips.split(size)])
        worst = max(worst, float(np.abs(scores - expected).max()))
        same += int((scores.argmax(1) == expected.argmax(1)).sum())
    print(
        f'{out}: {len(clips)} clips in batches of 1, 2 and {len(clips)}: scores differ '
        f'by at most {worst:.1e}, the class is the same for {same} of {3 * len(clips)}.'
    )
    if not worst <= args.tolerance:
        out.unlink()
        sys.exit(f'export: more than --tolerance {args.tolerance:g}; {out} is removed.')


if __name__ == '__main__':
    main()
