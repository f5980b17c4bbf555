#!/usr/bin/env python
"""Generate the motion probe, a set of videos told apart by motion alone.

Shapes that move, turn or change their size are the easier kind. Dots, a part of which
drifts together in directions that take turns, are the harder one.
"""

import argparse
from dataclasses import fields

from dem_mmaction.datasets.motion_probe import (
    CLASS_SETS,
    CLUTTER,
    DotsSpec,
    ProbeSpec,
    VideosSpec,
    contact_sheet,
    generate_probe,
)

KINDS: dict[str, type[VideosSpec]] = {spec.kind: spec for spec in (ProbeSpec, DotsSpec)}


def parse_args() -> tuple[VideosSpec, argparse.Namespace]:
    """The parameters of the videos, and where and how to write them."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='After an interruption the same command goes on.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('out_dir', help='folder to write to')
    parser.add_argument(
        '--kind',
        choices=list(KINDS),
        default=ProbeSpec.kind,
        help='what the videos show (default: %(default)s)',
    )
    parser.add_argument(
        '--workers',
        type=int,
        metavar='N',
        help='processes (default: one for each core)',
    )
    parser.add_argument(
        '--sheet',
        metavar='FILE',
        help='also save a picture with a row of frames for each class',
    )
    number, least_most = dict(type=int, metavar='N'), dict(nargs=2)
    _add_options(
        parser,
        'of both kinds',
        train=('number of training videos, a multiple of that of classes', number),
        val=('number of validation videos, likewise', number),
        test=('number of test videos, likewise', number),
        frames=('number of frames of a video', number),
        size=(
            'width and height of a frame in pixels',
            dict(least_most, type=int, metavar=('WIDTH', 'HEIGHT')),
        ),
        seed=('seed of everything that is drawn', number),
        speed=(
            'range of the mean speed in periods per frame',
            dict(least_most, type=float, metavar=('SLOWEST', 'FASTEST')),
        ),
    )
    _add_options(
        parser,
        'of shapes',
        clutter=('what shape and background look like', dict(choices=CLUTTER)),
        classes=(
            'one motion in each video, or two at once',
            dict(choices=list(CLASS_SETS)),
        ),
    )
    _add_options(
        parser,
        'of dots',
        coherence=(
            'range of the share of dots that drift together',
            dict(least_most, type=float, metavar=('LEAST', 'MOST')),
        ),
        dwell=(
            'range of the number of frames in one direction',
            dict(least_most, type=int, metavar=('FEWEST', 'MOST')),
        ),
        dots=('number of dots', number),
        redraw=(
            'probability that a drifting dot is drawn anew in a frame',
            dict(type=float, metavar='P'),
        ),
    )
    args = parser.parse_args()
    given = {key: value for key, value in vars(args).items() if _defaults(key)}
    if strange := [f'--{key}' for key in given if args.kind not in _defaults(key)]:
        parser.error(f'{", ".join(strange)}: not an option of {args.kind}')
    try:
        return KINDS[args.kind](**given), args
    except ValueError as error:
        raise SystemExit(f'make_probe: {error}') from None


def _defaults(name: str) -> dict[str, str]:
    """The default of a parameter, by the kinds that have it."""
    defaults = {
        kind: field.default
        for kind, spec in KINDS.items()
        for field in fields(spec)
        if field.name == name
    }
    return {
        kind: ' '.join(map(str, value)) if isinstance(value, tuple) else str(value)
        for kind, value in defaults.items()
    }


def _add_options(
    parser: argparse.ArgumentParser,
    title: str,
    **options: tuple[str, dict[str, object]],
) -> None:
    """Add a group of options that are left out where they are not given.

    Args:
        parser: What to add them to.
        title: Of the group.
        options: By the name of the option, its help and how it is read.
    """
    group = parser.add_argument_group(title)
    for name, (text, how) in options.items():
        shown = _defaults(name)
        if len(set(shown.values())) == 1:
            default = next(iter(shown.values()))
        else:
            default = ', '.join(f'{value} for {kind}' for kind, value in shown.items())
        group.add_argument(
            f'--{name}',
            default=argparse.SUPPRESS,
            help=f'{text} (default: {default})',
            **how,
        )


def main() -> None:
    spec, args = parse_args()
    try:
        lists = generate_probe(args.out_dir, spec, args.workers)
        if args.sheet:
            contact_sheet(spec, args.sheet)
    except (ValueError, OSError) as error:
        raise SystemExit(f'make_probe: {error}') from None
    print(*lists.values(), sep='\n')


if __name__ == '__main__':
    main()
