"""The steadiness of each stage as a table and a file."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dem_mmaction.utils import markdown_table, write_text

from .steadiness import Steadiness
from .traces import stage_of


def steadiness_table(found: Steadiness) -> str:
    """Cosines before and after DEM, stage by stage and rate by rate, as Markdown."""
    names = list(dict.fromkeys(name for name, _ in found.cosines))
    stages = list(dict.fromkeys(map(stage_of, names)))
    head = ['stage', 'rates', 'before DEM', 'after DEM', 'gain']
    if found.without:
        head.append('network without DEM')
    rows = []
    for stage in stages:
        own = [name for name in names if stage_of(name) == stage]
        for rate in found.rates:
            before, after = np.array([found.cosines[n, rate] for n in own]).T
            gain = found.gains(own, rate)
            row = [
                f'{stage} ({len(own)} DEM)',
                f'1 and {rate:g}',
                f'{before.mean():.3f}',
                f'{after.mean():.3f}',
                f'{(after - before).mean():+.3f}'
                + (f' [{gain.low:+.3f}, {gain.high:+.3f}]' if gain else ''),
            ]
            if found.without:
                row.append(_without(found, own, rate))
            rows.append(row)
    return markdown_table(head, rows)


def _without(found: Steadiness, names: Sequence[str], rate: float) -> str:
    own = [found.without[name, rate] for name in names if (name, rate) in found.without]
    return f'{np.mean(own):.3f}' if own else ''


def write_steadiness(found: Steadiness, folder: Path, videos: Sequence[str]) -> str:
    """Write ``steadiness.md`` and, with the cosines of each video, ``steadiness.json``.

    Args:
        found: The cosines.
        folder: Where to write.
        videos: The videos, in the order in which they were added.

    Returns:
        The table.
    """
    table = steadiness_table(found)
    cosines = [
        dict(
            unit=name,
            stage=stage_of(name),
            rate=rate,
            before=[pair[0] for pair in pairs],
            after=[pair[1] for pair in pairs],
            without_dem=found.without.get((name, rate)),
        )
        for (name, rate), pairs in found.cosines.items()
    ]
    content = dict(videos=list(videos), cosines=cosines)
    write_text(folder / 'steadiness.json', json.dumps(content, indent=1) + '\n')
    write_text(folder / 'steadiness.md', table)
    return table
