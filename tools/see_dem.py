#!/usr/bin/env python
"""Look at what DEM does: tools/see_dem.py VIDEO... CONFIG CHECKPOINT

Shows clips of each video at several rates, all around the same frame, to the network.
Prints, stage by stage, the cosine between the features of that frame at rate 1 and at
each other rate, before DEM and after it: the thesis's reason for DEM in a number. With
--maps N, the pictures of the first N videos: D (equation 3.2) and the compensation over
the frames, moving and as a sheet, and their size beside the difference of frames.
"""

import argparse
import sys
from pathlib import Path


def parse_args() -> argparse.Namespace:
    from mmengine.config import DictAction

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('videos', nargs='+', metavar='VIDEO')
    parser.add_argument('config')
    parser.add_argument('checkpoint')
    parser.add_argument(
        '--rates',
        nargs='+',
        type=float,
        default=[2.0],
        help='beside 1, default: 2; in multiples of the frame interval of the config',
    )
    parser.add_argument(
        '--without',
        nargs=2,
        metavar=('CONFIG', 'CHECKPOINT'),
        help='the same network trained without DEM, to stand beside',
    )
    parser.add_argument(
        '--dem',
        nargs='+',
        default=[],
        metavar='NAME',
        help='stages, blocks or units; default: all, with maps of the first of a stage',
    )
    parser.add_argument(
        '--maps', type=int, default=1, help='videos to draw, default: %(default)s'
    )
    parser.add_argument(
        '--middle', type=float, metavar='SECOND', help='default: that of the video'
    )
    parser.add_argument(
        '-o',
        '--out',
        type=Path,
        default=Path('work_dirs/see_dem'),
        help='folder to write to, default: %(default)s',
    )
    parser.add_argument('--device', default='cpu', help='default: %(default)s')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    args = parser.parse_args()
    if min(args.rates) <= 0:
        parser.error('--rates: must be above 0')
    return args


def main() -> None:
    import dem_mmaction  # noqa: F401  first of all: it closes the gaps of the stack

    args = parse_args()
    from mmaction.apis import init_recognizer
    from mmengine.config import Config
    from tqdm import tqdm

    from dem_mmaction.datasets.transforms import VideoReadError
    from dem_mmaction.seeing import (
        ClipMaker,
        Steadiness,
        chosen_dems,
        first_of_stages,
        trace,
        units_without_dem,
        write_maps,
        write_steadiness,
    )
    from dem_mmaction.utils import distinct_stems, pipeline_of_test

    def load(config: str, checkpoint: str):
        config = Config.fromfile(config)
        if args.cfg_options:
            config.merge_from_dict(args.cfg_options)
        return init_recognizer(config, checkpoint, device=args.device)

    try:
        model = load(args.config, args.checkpoint)
        dems = chosen_dems(model.backbone, args.dem)
        drawn = list(dems) if args.dem else first_of_stages(dems)
        other, units = None, {}
        if args.without:
            other = load(*args.without)
            units = units_without_dem(other.backbone, dems)
        make = ClipMaker(pipeline_of_test(model.cfg))
        rates = [rate for rate in dict.fromkeys(args.rates) if rate != 1]
        found, files, read, failed = Steadiness(rates), [], [], 0
        names = dict(zip(args.videos, distinct_stems(args.videos), strict=True))
        for video, stem in tqdm(names.items(), unit='video'):
            try:
                clips = {rate: make(video, rate, args.middle) for rate in (1, *rates)}
            except (FileNotFoundError, ValueError, VideoReadError) as error:
                failed += 1
                tqdm.write(f'see_dem: {error}', file=sys.stderr)
                continue
            traces = {rate: trace(model, c.sample, dems) for rate, c in clips.items()}
            found.add(traces)
            if other is not None:
                found.add_without(
                    {rate: trace(other, c.sample, units) for rate, c in clips.items()}
                )
            if len(read) < args.maps:
                folder = args.out / stem
                for i, name in enumerate(dems):
                    if name in drawn:
                        seen = {rate: (clips[rate], traces[rate][i]) for rate in clips}
                        files += write_maps(seen, folder)
            read.append(video)
    except (OSError, ValueError) as error:
        sys.exit(f'see_dem: {error}')
    if read and rates:
        print(f'\n{write_steadiness(found, args.out, read)}')
        files.append(args.out / 'steadiness.json')
    print(f'Written to {args.out}: {len(files)} files.')
    if failed:
        sys.exit(f'see_dem: {failed} of {len(names)} videos could not be shown.')


if __name__ == '__main__':
    main()
