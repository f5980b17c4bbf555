"""A study's table: measured, thesis and difference."""

import csv
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev

from .study import Cell, Table
from .study_results import Measured, values

NOT_RUN = 'not run'


def markdown(table: Table, found: Measured) -> str:
    """The table as Markdown; the thesis's numbers where it has any in the column."""
    compared = [
        any(cells[i].thesis is not None for _, cells in table.rows)
        for i in range(len(table.columns))
    ]
    head = list(table.labels)
    for column, with_thesis in zip(table.columns, compared, strict=True):
        head += [column, 'thesis', 'difference'] if with_thesis else [column]
    lines = [
        head,
        ['---'] * len(table.labels) + ['---:'] * (len(head) - len(table.labels)),
    ]
    for labels, cells in table.rows:
        line = list(labels)
        for cell, with_thesis in zip(cells, compared, strict=True):
            line += _cell(cell, values(cell, found))[: 3 if with_thesis else 1]
        lines.append(line)
    return ''.join(f'| {" | ".join(line)} |\n' for line in lines)


def _cell(cell: Cell, numbers: list[float]) -> list[str]:
    """Measured, thesis, difference."""
    if not numbers:
        own = NOT_RUN
    elif len(numbers) == 1:
        own = f'{numbers[0]:.2f}'
    else:
        own = f'{mean(numbers):.2f} ± {stdev(numbers):.2f} ({len(numbers)})'
    if cell.thesis is None:
        return [own, '', '']
    difference = f'{mean(numbers) - cell.thesis:+.2f}' if numbers else NOT_RUN
    return [own, f'{cell.thesis:.2f}', difference]


def write_csv(table: Table, found: Measured, path: Path) -> None:
    """Write a line a cell; empty where nothing was measured or the thesis has none."""
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(
            [*table.labels, 'column', 'mean', 'stdev', 'seeds', 'thesis', 'difference']
        )
        writer.writerows(_csv_rows(table, found))


def _csv_rows(table: Table, found: Measured) -> Iterator[list]:
    for labels, cells in table.rows:
        for column, cell in zip(table.columns, cells, strict=True):
            numbers = values(cell, found)
            average = mean(numbers) if numbers else None
            spread = stdev(numbers) if len(numbers) > 1 else None
            compared = average is not None and cell.thesis is not None
            yield [
                *labels,
                column,
                average,
                spread,
                len(numbers),
                cell.thesis,
                average - cell.thesis if compared else None,
            ]
