"""Reporting a study with what there is, whatever has been run."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dem_mmaction.utils import write_text, written_aside

from .figures import (
    draw_gain_ends,
    draw_gain_histogram,
    draw_losses,
    draw_rate_curves,
    ends_of,
)
from .presets import Preset
from .results import (
    Results,
    class_gains,
    mean_losses,
    rate_curves,
    read_results,
    remarks,
    whole_pairs,
)
from .study import ClassGains, LossCurves, RateCurves, Study, Table
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


def write_report(study: Study, preset: Preset, seeds: Sequence[int]) -> Report:
    """Write a study's table or figure as Markdown, CSV and PNG, with what there is.

    Args:
        study: The study.
        preset: The size at which it was run, and where.
        seeds: The trainings to read.

    Raises:
        ValueError: A file of results is damaged; names it.
    """
    results = read_results(study, preset.root, seeds)
    page = _Page(study, results, preset)
    write = {
        Table: _table,
        RateCurves: _rate_curves,
        ClassGains: _gains,
        LossCurves: _losses,
    }[type(study.show)]
    body, files = write(page)
    text = f'# {study.heading}: {study.title}\n\n{preset.describe(study)} {body}'
    for remark in remarks(results.tests.values()):
        text += f'\n{remark}\n'
    if results.missing:
        text += f'\n{NOT_RUN.capitalize()}: {"; ".join(results.missing)}.\n'
    write_text(page.path('.md'), text)
    return Report(text, (page.path('.md'), *files))


@dataclass(frozen=True)
class _Page:
    """A study, what it has found, and where its report goes."""

    study: Study
    results: Results
    preset: Preset

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
    table, comparable = page.study.show, page.preset.comparable
    rows = csv_rows(table, page.results, comparable)
    path = page.write_rows([*table.labels, *CSV_HEAD], rows)
    body = (
        'In percent; mean ± standard deviation (number of seeds) where there are '
        'several.'
    )
    if any(cell.thesis is not None for _, cells in table.rows for cell in cells):
        body += " The thesis's numbers are those of its own data sets."
    return f'{body}\n\n{thesis_table(table, page.results, comparable)}', [path]


def _rate_curves(page: _Page) -> tuple[str, list[Path]]:
    show, results = page.study.show, page.results
    table = curves_as_table(show, results)
    path = page.write_rows([*table.labels, *CSV_HEAD], csv_rows(table, results))
    body = (
        f'In percent, chance {100 * show.chance:.1f}; mean ± standard deviation where '
        'there are several seeds. The band of the picture reaches from the lowest to '
        f'the highest seed.\n\n{curves_table(show, results)}'
    )
    if not results.tests:
        return body, [path]
    panels = {
        title: rate_curves(show, metric, results)
        for title, metric in show.panels.items()
    }
    image, picture = page.draw(draw_rate_curves, panels, show.chance)
    return f'{body}\n{image}', [path, picture]


def _gains(page: _Page) -> tuple[str, list[Path]]:
    show = page.study.show
    pairs = whole_pairs(show, page.results)
    gains = class_gains(pairs, show.metric)
    absent = dict.fromkeys(n for without, _ in pairs for n in without.rates[1].absent)
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
    if show.ends is None:
        chosen = list(gains.items())
        image, picture = page.draw(draw_gain_histogram, gains)
    else:
        chosen = ends_of(gains, show.ends)
        image, picture = page.draw(draw_gain_ends, gains, show.ends)
    return body + image, [page.write_rows(['class', 'gain'], chosen), picture]


def _losses(page: _Page) -> tuple[str, list[Path]]:
    show, panels = page.study.show, []
    for title, members in show.panels:
        curves = {name: mean_losses(page.results, own) for name, own in members}
        panels.append((title, {name: own for name, own in curves.items() if own}))
    rows = [
        [name, kind, epoch, loss]
        for _, curves in panels
        for name, kinds in curves.items()
        for kind, curve in kinds.items()
        for epoch, loss in curve.items()
    ]
    body = f'Mean over the seeds. The thesis: {show.thesis}.\n\n'
    if not rows:
        return f'{body}{NOT_RUN.capitalize()}.\n', []
    image, picture = page.draw(draw_losses, panels)
    table = page.write_rows(['network', 'loss', 'epoch', 'value'], rows)
    return body + image, [table, picture]
