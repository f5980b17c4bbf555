"""Reporting a study with what there is, whatever has been run."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .study import ClassGains, LossCurves, Study, Table
from .study_figures import draw_gain_ends, draw_gain_histogram, draw_losses, ends_of
from .study_results import (
    Results,
    class_gains,
    mean_losses,
    read_results,
    remarks,
    whole_pairs,
)
from .study_runs import check_preset
from .study_table import NOT_RUN, markdown, write_csv


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes:
        text: Of the Markdown file.
        files: The Markdown file, then the CSV and the picture, if there is one.
    """

    text: str
    files: tuple[Path, ...]


def write_report(
    study: Study, preset: str, work_dir: Path, seeds: Sequence[int]
) -> Report:
    """Write a study's table or figure as Markdown, CSV and PNG, with what there is.

    Args:
        study: The study.
        preset: ``'probe'`` or ``'full'``.
        work_dir: As of :func:`run_study`.
        seeds: The trainings to read.

    Raises:
        ValueError: The study has no such preset.
    """
    check_preset(study, preset)
    folder = Path(work_dir) / preset
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / study.heading.lower().replace(' ', '_')
    results = read_results(study, preset, work_dir, seeds)
    write = {Table: _table, ClassGains: _gains, LossCurves: _losses}[type(study.show)]
    body, files = write(study, results, stem)

    what = (
        'Small networks on generated videos. ' + study.on_probe
        if preset == 'probe'
        else 'Full size.'
    ).strip()
    text = f'# {study.heading}: {study.title}\n\n{what} {body}'
    for remark in remarks(results.tests.values()):
        text += f'\n{remark}\n'
    if results.missing:
        text += '\nNot run: ' + '; '.join(results.missing) + '.\n'
    path = _path(stem, '.md')
    path.write_text(text, encoding='utf-8')
    return Report(text, (path, *files))


def _path(stem: Path, suffix: str) -> Path:
    """``with_suffix`` would take the 1 of 4.1 for one."""
    return stem.with_name(stem.name + suffix)


def _table(study: Study, results: Results, stem: Path) -> tuple[str, list[Path]]:
    write_csv(study.show, results.measured, _path(stem, '.csv'))
    body = (
        'In percent; mean ± standard deviation (number of seeds) where there are '
        'several.'
    )
    if any(cell.thesis is not None for _, cells in study.show.rows for cell in cells):
        body += " The thesis's numbers are those of its own data sets."
    return f'{body}\n\n{markdown(study.show, results.measured)}', [_path(stem, '.csv')]


def _gains(study: Study, results: Results, stem: Path) -> tuple[str, list[Path]]:
    show = study.show
    pairs = whole_pairs(show, results)
    gains = class_gains(pairs, show.metric)
    absent = dict.fromkeys(name for without, _ in pairs for name in without.absent(1))
    body = (
        f'Top-1 of {show.dem} minus that of {show.without} by class, in points, '
        'the mean over the seeds.'
    )
    if show.thesis:
        body += f' The thesis: {show.thesis}.'
    if absent:
        body += f' Left out: {", ".join(absent)}.'
    if not gains:
        return f'{body}\n\n{NOT_RUN.capitalize()}.\n', []
    up = sum(points > 0 for points in gains.values())
    down = sum(points < 0 for points in gains.values())
    body += f'\n\n{up} of {len(gains)} classes gain, {down} lose.\n\n'
    picture, table = _path(stem, '.png'), _path(stem, '.csv')
    if show.ends is None:
        chosen = list(gains.items())
        draw_gain_histogram(gains, picture)
    else:
        chosen = ends_of(gains, show.ends)
        draw_gain_ends(gains, show.ends, picture)
    _write_rows(table, ['class', 'gain'], chosen)
    return body + _image(study, picture), [table, picture]


def _losses(study: Study, results: Results, stem: Path) -> tuple[str, list[Path]]:
    panels = []
    for title, members in study.show.panels:
        curves = {
            name: mean_losses(results, experiment) for name, experiment in members
        }
        panels.append((title, {name: own for name, own in curves.items() if own}))
    rows = [
        [name, kind, epoch, loss]
        for _, curves in panels
        for name, kinds in curves.items()
        for kind, curve in kinds.items()
        for epoch, loss in curve.items()
    ]
    body = f'Mean over the seeds. The thesis: {study.show.thesis}.\n\n'
    if not rows:
        return f'{body}{NOT_RUN.capitalize()}.\n', []
    picture, table = _path(stem, '.png'), _path(stem, '.csv')
    draw_losses(panels, picture)
    _write_rows(table, ['network', 'loss', 'epoch', 'value'], rows)
    return body + _image(study, picture), [table, picture]


def _image(study: Study, path: Path) -> str:
    return f'![{study.title[0].upper()}{study.title[1:]}]({path.name})\n'


def _write_rows(path: Path, head: Sequence[str], rows: Sequence[Sequence]) -> None:
    with open(path, 'w', newline='', encoding='utf-8') as file:
        csv.writer(file).writerows([head, *rows])
