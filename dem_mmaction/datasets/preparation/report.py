"""Report of a preparation, for people and for programs."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from ...utils import markdown_table, written_aside
from .check import VideoFacts
from .outcome import Outcome, write_all

#: Number of frames a clip of the thesis.
CLIP_LEN = 16
#: Sub-sampling rates of the thesis.
RATES = (1, 2, 4)
#: Number of names that the page shows under a heading; the JSON file has all.
SHOWN = 50


def summary(outcome: Outcome) -> dict:
    """Everything that is known of a data set, as JSON can hold it.

    Returns:
        ``checked``, whether videos were looked at, ``classes``, their number, and
        ``own_classes``, the same by split for those with classes of their own.
        ``lists``: for the stem of each list the counts ``expected``, ``found``,
        ``missing``, ``damaged`` and ``usable``, and ``too_short``: for each
        sub-sampling rate the number of usable videos shorter than a clip of 16 frames.
        ``missing``, ``damaged``, ``duplicates``, ``identical``, ``repeated``,
        ``loops``: names, those damaged with file and reason. ``unlisted``: number of
        files in no list.
    """
    damaged, found = outcome.damaged, outcome.found
    lists, stems = {}, defaultdict(list)
    for stem, entries in outcome.lists.flat().items():
        names = [entry.name for entry in entries]
        for name in names:
            stems[name].append(stem)
        usable = [name for name in names if name in outcome.paths]
        lists[stem] = dict(expected=len(names))
        if outcome.checked:
            lists[stem] |= dict(
                found=sum(name in found.paths for name in names),
                missing=sum(name not in found.paths for name in names),
                damaged=sum(name in damaged for name in names),
                usable=len(usable),
                too_short={
                    str(rate): sum(
                        outcome.facts[name].frames < (CLIP_LEN - 1) * rate + 1
                        for name in usable
                    )
                    for rate in RATES
                },
            )
    used = set(found.paths.values()).union(*found.duplicates.values())
    return dict(
        checked=outcome.checked,
        classes=len(outcome.lists.classes),
        own_classes={
            split: len(classes) for split, classes in outcome.lists.own_classes.items()
        },
        lists=lists,
        missing=[name for name in outcome.lists.by_name() if name not in found.paths]
        if outcome.checked
        else [],
        damaged={
            name: dict(file=str(found.paths[name]), reason=reason)
            for name, reason in damaged.items()
        },
        duplicates={
            name: [str(found.paths[name]), *map(str, paths)]
            for name, paths in found.duplicates.items()
        },
        identical=[
            [f'{own.name} ({", ".join(stems[own.name])})' for own in entries]
            for entries in outcome.lists.identical
        ],
        repeated=[f'{entry.where}: {entry.name}' for entry in outcome.lists.repeated],
        unlisted=sum(path not in used for path in outcome.files.paths),
        loops=list(map(str, outcome.files.loops)),
    )


def page(title: str, known: Mapping) -> str:
    """Write the summary as Markdown.

    Args:
        title: Heading of the page.
        known: The :func:`summary`.
    """
    head = ['list', *next(iter(known['lists'].values()))]
    rows = []
    for stem, counts in known['lists'].items():
        rows.append(
            [
                f'{stem}.txt',
                *(
                    _number(value)
                    if isinstance(value, int)
                    else ' / '.join(map(_number, value.values()))
                    for value in counts.values()
                ),
            ]
        )
    if known['checked']:
        rates = ' / '.join(map(str, RATES))
        head[-1] = f'too short for {CLIP_LEN} frames at SR {rates}'
    lines = [f'# {title}', '', f'{known["classes"]} classes.']
    for split, number in known['own_classes'].items():
        lines.append(f'Lists that end in {split} have {number} classes of their own.')
    if not known['checked']:
        lines.append('Written from the official lists; no video has been looked at.')
    lines += ['', markdown_table(head, rows)]
    if known['unlisted']:
        lines += [f'{known["unlisted"]:,} files are in none of the lists.', '']
    damaged = [
        f'{entry["file"]}: {entry["reason"]}' for entry in known['damaged'].values()
    ]
    duplicates = [
        ', '.join(paths) + ': the first is taken'
        for paths in known['duplicates'].values()
    ]
    for heading, items in (
        ('Damaged', damaged),
        ('Missing', known['missing']),
        ('Several files of one video', duplicates),
        ('Files with the same contents', map(', '.join, known['identical'])),
        ('Listed twice', known['repeated']),
        ('Links back to a folder above, left out', known['loops']),
    ):
        items = list(items)
        if items:
            lines += [f'## {heading}: {len(items):,}', '']
            lines += [f'- {item}' for item in items[:SHOWN]]
            if len(items) > SHOWN:
                lines.append(f'- and {len(items) - SHOWN:,} more in report.json')
            lines.append('')
    if known['checked']:
        lines += ['![Frames and sizes of the usable videos](report.png)', '']
    return '\n'.join(lines)


def _number(count: int) -> str:
    return f'{count:,}'


def write_report(title: str, outcome: Outcome, out: Path) -> dict:
    """Write ``report.md``, ``report.json`` and, of checked videos, ``report.png``.

    Returns:
        The :func:`summary`.
    """
    known = summary(outcome)
    facts = [fact for fact in outcome.facts.values() if isinstance(fact, VideoFacts)]
    if facts:
        with written_aside(out / 'report.png') as aside:
            draw(facts, aside)
    write_all(
        out,
        {
            'report.json': json.dumps(known, indent=1) + '\n',
            'report.md': page(title, known),
        },
    )
    return known


def draw(facts: list[VideoFacts], path: Path) -> None:
    """Draw the distributions of frames and of sizes into a picture file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.4), layout='constrained')
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    left.hist([fact.frames for fact in facts], bins=40)
    for rate in RATES:
        frames = (CLIP_LEN - 1) * rate + 1
        left.axvline(frames, color='black', linewidth=0.8, linestyle=':')
        left.annotate(
            f'SR {rate}',
            (frames, 1),
            xycoords=('data', 'axes fraction'),
            rotation=90,
            va='top',
            ha='right',
            fontsize='small',
        )
    left.set_xlabel('frames a video; dotted: one clip')
    left.set_ylabel('videos')
    sizes = Counter(f'{fact.width}x{fact.height}' for fact in facts)
    top = sizes.most_common(10)
    if len(sizes) > len(top):
        top.append(
            (
                f'{len(sizes) - len(top)} others',
                len(facts) - sum(count for _, count in top),
            )
        )
    right.barh([name for name, _ in top], [count for _, count in top])
    right.invert_yaxis()
    right.set_xlabel('videos')
    right.set_title('size')
    figure.savefig(path, dpi=120)
