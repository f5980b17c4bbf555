"""A study's tables: what was measured beside the thesis's numbers."""

from collections.abc import Iterator, Sequence
from statistics import mean, stdev

from dem_mmaction.utils import markdown_table

from .results import Results, values
from .study import Cell, RateCurves, Table

NOT_RUN = 'not run'
#: The columns of a table as CSV, after those that say what a row is.
CSV_HEAD = ('column', 'mean', 'stdev', 'seeds', 'thesis', 'difference')


def thesis_table(table: Table, results: Results) -> str:
    """The table as Markdown; the thesis's numbers where it has any in the column."""
    kinds = ['thesis', 'difference']
    compared = [
        any(cells[i].thesis is not None for _, cells in table.rows)
        for i in range(len(table.columns))
    ]
    head = list(table.labels)
    for column, with_thesis in zip(table.columns, compared, strict=True):
        head += [column, *kinds] if with_thesis else [column]
    rows = []
    for labels, cells in table.rows:
        row = list(labels)
        for cell, with_thesis in zip(cells, compared, strict=True):
            row += _compared(cell, results)[: 1 + with_thesis * len(kinds)]
        rows.append(row)
    return markdown_table(head, rows, left=len(table.labels))


def _compared(cell: Cell, results: Results) -> list[str]:
    """Measured, thesis, difference."""
    numbers = values(cell, results)
    own = spread(numbers, 2) + (f' ({len(numbers)})' if len(numbers) > 1 else '')
    if cell.thesis is None:
        return [own, '', '']
    difference = f'{mean(numbers) - cell.thesis:+.2f}' if numbers else NOT_RUN
    return [own, f'{cell.thesis:.2f}', difference]


def spread(numbers: Sequence[float], digits: int) -> str:
    """Mean and standard deviation of numbers; the number, where there is one."""
    if not numbers:
        return NOT_RUN
    own = f'{mean(numbers):.{digits}f}'
    return own if len(numbers) == 1 else f'{own} ± {stdev(numbers):.{digits}f}'


def csv_rows(table: Table, results: Results) -> Iterator[list]:
    """A row a cell; empty where nothing was measured or the thesis has none."""
    for labels, cells in table.rows:
        for column, cell in zip(table.columns, cells, strict=True):
            numbers = values(cell, results)
            average = mean(numbers) if numbers else None
            deviation = stdev(numbers) if len(numbers) > 1 else None
            compared = average is not None and cell.thesis is not None
            difference = average - cell.thesis if compared else None
            yield [
                *labels,
                column,
                average,
                deviation,
                len(numbers),
                cell.thesis,
                difference,
            ]


def curves_as_table(show: RateCurves, results: Results) -> Table:
    """The accuracies of networks over the rate, a row a network and rate."""
    rows = []
    for shown, name in show.networks.items():
        sizes = {record.parameters for record in results.records(name).values()}
        parameters = f'{max(sizes):,}' if sizes else NOT_RUN
        for rate in results.rates() or (1,):
            cells = tuple(Cell((name,), rate, own) for own in show.columns.values())
            rows.append(((shown, parameters, f'{rate:g}'), cells))
    return Table(('network', 'parameters', 'SR'), tuple(show.columns), tuple(rows))


def curves_table(show: RateCurves, results: Results) -> str:
    """:func:`curves_as_table` as Markdown."""
    table = curves_as_table(show, results)
    rows = [
        [*labels, *(spread(values(cell, results), 1) for cell in cells)]
        for labels, cells in table.rows
    ]
    return markdown_table([*table.labels, *table.columns], rows)
