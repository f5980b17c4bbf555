"""Reporting a study with what there is, whatever has been run."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

from dem_mmaction.utils import write_text, written_aside

from .claims import CSV_HEAD as CLAIMS_HEAD
from .claims import claims_rows, claims_table
from .comparison import CSV_HEAD as COMPARISON_HEAD
from .comparison import comparison_rows, comparison_tables
from .figures import (
    draw_gain_ends,
    draw_gain_histogram,
    draw_learning,
    draw_losses,
    draw_rate_curves,
    ends_of,
)
from .preset import Preset
from .presets import FullSize
from .results import Results, class_gains, mean_curve, read_results, remarks
from .study import Claims, ClassGains, Comparison, LossCurves, RateCurves, Study, Table
from .tables import (
    CSV_HEAD,
    NOT_RUN,
    csv_rows,
    curves_as_table,
    curves_table,
    thesis_table,
)


@dataclass(frozen=True)
class Report:
    """What was written.

    Attributes:
        text: The text of the Markdown file.
        files: The Markdown file, then the CSV and the picture, if there is one.
    """

    text: str
    files: tuple[Path, ...]


def write_report(
    study: Study,
    preset: Preset,
    seeds: Sequence[int],
    records: Path,
    part: str = 'test',
) -> Report:
    """Write a study's table or figure as Markdown, CSV and PNG, with what there is.

    Args:
        study: The study.
        preset: The size at which it was run; the report goes to its folder.
        seeds: The trainings to read.
        records: Folder of the records.
        part: The part of the data whose tests are reported.

    Raises:
        ValueError: A record is damaged; names it.
    """
    results = read_results(study, preset, seeds, records, part)
    show = study.full if study.full and preset.name == FullSize.name else study.show
    page = _Page(study, results, preset, _shown(show, study, preset))
    write = {
        Table: _table,
        Comparison: _comparison,
        Claims: _claims,
        RateCurves: _rate_curves,
        ClassGains: _gains,
        LossCurves: _losses,
    }[type(show)]
    body, files = write(page)
    on = '' if part == 'test' else f' Measured on the {part} part.'
    text = f'# {study.heading}: {study.title}\n\n{preset.text}{on} {body}'
    for remark in remarks(results):
        text += f'\n{remark}\n'
    write_text(page.path('.md'), text)
    return Report(text, (page.path('.md'), *files))


def _shown(show: Any, study: Study, preset: Preset) -> Any:
    """What is shown without the rows that the preset cannot run."""
    there = {own.name for own in study.experiments if preset.has(own)}
    if isinstance(show, Comparison):
        return replace(show, rows=tuple(r for r in show.rows if r.experiment in there))
    if isinstance(show, Claims):
        claims = tuple(own for own in show.claims if own.experiment in there)
        return replace(show, claims=claims)
    return show


@dataclass(frozen=True)
class _Page:
    """A study, what it has found, what to show, and where its report goes."""

    study: Study
    results: Results
    preset: Preset
    show: Any

    def path(self, suffix: str) -> Path:
        """A file of the report."""
        stem = self.study.heading.lower().replace(' ', '_')
        return self.preset.root / f'{stem}{suffix}'

    def write_rows(self, head: Sequence[str], rows: Iterable[Sequence]) -> Path:
        """Write the numbers as CSV."""
        with written_aside(self.path('.csv')) as aside:
            with open(aside, 'w', newline='', encoding='utf-8') as file:
                csv.writer(file).writerows([head, *rows])
        return self.path('.csv')

    def draw(self, draw: Callable[..., None], *args: object) -> tuple[str, Path]:
        """Draw the picture; the Markdown that shows it, and its file."""
        path, title = self.path('.png'), self.study.title
        with written_aside(path) as aside:
            draw(*args, aside)
        return f'![{title[0].upper()}{title[1:]}]({path.name})\n', path


def _table(page: _Page) -> tuple[str, list[Path]]:
    table = page.show
    path = page.write_rows([*table.labels, *CSV_HEAD], csv_rows(table, page.results))
    body = (
        'In percent; mean ± standard deviation (number of seeds) where there are '
        'several.'
    )
    return f'{body}\n\n{thesis_table(table, page.results)}', [path]


def _comparison(page: _Page) -> tuple[str, list[Path]]:
    show, results = page.show, page.results
    rows = comparison_rows(show, results)
    path = page.write_rows([*show.labels, *COMPARISON_HEAD], rows)
    over = 'seeds'
    if show.metric == 'video/top1':
        over += f' and {_items(results)}'
    body = (
        f'Top-1 of {show.metric.split("/")[0]}s in percent, mean ± standard deviation '
        'of the seeds. Differences are paired by seed, in points, with their 95 % '
        f'interval over {over}; a star marks those that exclude 0. That of a single '
        f'seed is over {_items(results)} alone, says nothing of other trainings and '
        f'has no star.\n\n{comparison_tables(show, results)}'
    )
    curves = {
        ', '.join(row.labels): curve
        for row in show.rows
        if (curve := mean_curve(results, row.experiment, 'top1'))
    }
    if not curves:
        return body, [path]
    image, picture = page.draw(draw_learning, curves)
    return f'{body}\n{image}', [path, picture]


def _items(results: Results) -> str:
    """What an interval is over, beside the seeds."""
    folds = any(record.parts[results.part].folds for record in results.runs.values())
    return 'folds' if folds else 'videos'


def _claims(page: _Page) -> tuple[str, list[Path]]:
    show, results = page.show, page.results
    path = page.write_rows(CLAIMS_HEAD, claims_rows(show, results))
    body = (
        'Differences of top-1 are paired by seed, in points, with their 95 % interval '
        f'over seeds and {_items(results)}. At a rate other than that of the training '
        'it is the change of top-1 on the way there that is compared. A claim holds '
        'where all of the interval lies above 0, fails where all of it lies below, and '
        'is not decided elsewhere, nor by a single seed.\n\n'
    )
    return f'{body}{claims_table(show, results)}', [path]


def _rate_curves(page: _Page) -> tuple[str, list[Path]]:
    show, results = page.show, page.results
    table = curves_as_table(show, results)
    path = page.write_rows([*table.labels, *CSV_HEAD], csv_rows(table, results))
    body = (
        f'In percent, chance {100 * show.chance:.1f}; mean ± standard deviation where '
        'there are several seeds. The band of the picture reaches from the lowest to '
        f'the highest seed.\n\n{curves_table(show, results)}'
    )
    if not results.runs:
        return body, [path]
    panels = {
        title: {
            shown: {
                rate: list(results.metric(name, rate, metric).values())
                for rate in results.rates()
            }
            for shown, name in show.networks.items()
        }
        for title, metric in show.panels.items()
    }
    image, picture = page.draw(draw_rate_curves, panels, show.chance)
    return f'{body}\n{image}', [path, picture]


def _gains(page: _Page) -> tuple[str, list[Path]]:
    show = page.show
    gains = class_gains(page.results, show.without, show.dem)
    body = (
        f'Top-1 of {show.dem} minus that of {show.without} by class, in points, '
        'the mean over the seeds.'
    )
    if show.thesis:
        body += f' The thesis: {show.thesis}.'
    if not gains:
        return f'{body}\n\n{NOT_RUN.capitalize()}.\n', []
    up = sum(points > 0 for points in gains.values())
    down = sum(points < 0 for points in gains.values())
    body += f'\n\n{up} of {len(gains)} classes gain, {down} lose.\n\n'
    if show.ends is None:
        chosen = list(gains.items())
        image, picture = page.draw(draw_gain_histogram, gains)
    else:
        chosen = ends_of(gains, show.ends)
        image, picture = page.draw(draw_gain_ends, gains, show.ends)
    return body + image, [page.write_rows(['class', 'gain'], chosen), picture]


def _losses(page: _Page) -> tuple[str, list[Path]]:
    show, panels = page.show, []
    for title, members in show.panels:
        curves = {}
        for shown, name in members:
            own = {
                kind: _over_seeds(mean_curve(page.results, name, field))
                for kind, field in (
                    ('training', 'training_loss'),
                    ('validation', 'loss'),
                )
            }
            if own['training']:
                curves[shown] = own
        panels.append((title, curves))
    rows = [
        [name, kind, step, loss]
        for _, curves in panels
        for name, kinds in curves.items()
        for kind, curve in kinds.items()
        for step, loss in curve.items()
    ]
    body = f'Mean over the seeds. The thesis: {show.thesis}.\n\n'
    if not rows:
        return f'{body}{NOT_RUN.capitalize()}.\n', []
    image, picture = page.draw(draw_losses, panels)
    table = page.write_rows(['network', 'loss', 'step', 'value'], rows)
    return body + image, [table, picture]


def _over_seeds(curve: dict[int, Sequence[float]]) -> dict[int, float]:
    """The mean over the seeds, by training step."""
    return {step: mean(own) for step, own in curve.items()}
