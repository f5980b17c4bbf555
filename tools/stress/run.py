#!/usr/bin/env python
"""Play every scenario of docs/reliability.md; print expected, seen and a total.

Nothing is judged by a log: weights, files and counts are compared. It runs from a
checkout, on Linux, and takes about half an hour on two cores. The exit code is 0 where
nothing was lost, hung or executed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'tests'), str(ROOT / 'tests/test_engine')]

import bad_files  # noqa: E402
import conditions  # noqa: E402
import kills  # noqa: E402
import neighbours  # noqa: E402
import payloads  # noqa: E402
from fuzz import KINDS, fuzz  # noqa: E402
from mmengine.logging import MMLogger  # noqa: E402
from scenario import Group, Outcome, total  # noqa: E402


def fuzzing(cases: int = 21000) -> Iterator[Outcome]:
    """Wrong values, see fuzz.py."""
    weights = sum(own.weight for own in KINDS.values())
    for name, kind in KINDS.items():
        number = cases * kind.weight // weights
        with tempfile.TemporaryDirectory() as folder:
            failures = fuzz(name, number, 0, Path(folder))
        seen = f'{len(failures)} others' + ''.join(
            f'; {own[:200]}' for own in failures[:3]
        )
        yield Outcome(
            f'fuzz, {number:,} {name}',
            'documented exceptions alone',
            seen,
            lost=bool(failures),
        )


GROUPS: dict[str, Group] = dict(
    payloads=payloads.pickles,
    texts=payloads.texts,
    planted=payloads.planted,
    damaged=bad_files.damaged,
    decoders=bad_files.decoders,
    huge=bad_files.huge,
    list=bad_files.long_list,
    workers=neighbours.workers,
    locks=neighbours.locks,
    kills=kills.kills,
    fuzz=fuzzing,
    videos=bad_files.many_videos,
    conditions=conditions.conditions,
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'groups', nargs='*', help=f'of {", ".join(GROUPS)}; default: all'
    )
    args = parser.parse_args()
    if unknown := set(args.groups) - set(GROUPS):
        parser.error(f'no group {", ".join(unknown)}; there are {", ".join(GROUPS)}')
    MMLogger.get_instance('stress', log_level='ERROR')
    outcomes = []
    for name in args.groups or GROUPS:
        start, own = time.monotonic(), []
        for outcome in GROUPS[name]():
            own.append(outcome)
            print(
                f'{"ok  " if outcome.fine else "FAIL"} {outcome.name} | expected: '
                f'{outcome.expected} | seen: {outcome.seen}',
                flush=True,
            )
        print(f'-- {name}: {total(own)}; {time.monotonic() - start:.0f} s', flush=True)
        outcomes += own
    print(total(outcomes))
    sys.exit(not all(own.fine for own in outcomes))


if __name__ == '__main__':
    main()
