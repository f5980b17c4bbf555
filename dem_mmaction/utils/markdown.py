"""Markdown tables."""

from collections.abc import Iterable, Sequence


def markdown_table(
    head: Sequence[object], rows: Iterable[Sequence[object]], left: int = 1
) -> str:
    """Write a Markdown table whose columns line up as plain text, too.

    Args:
        head: Names of the columns.
        rows: Cells of each row, as many as there are columns.
        left: Number of columns aligned to the left; the others are numbers.

    Returns:
        A line for the head, one for the rule and one a row, each ended by a line break.

    Raises:
        ValueError: A row has more or fewer cells than the head.
    """
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    columns = list(zip(*lines, strict=True))
    widths = [max(3, *map(len, column)) for column in columns]
    sides = [str.ljust if i < left else str.rjust for i in range(len(widths))]
    rule = [
        '-' * width if i < left else '-' * (width - 1) + ':'
        for i, width in enumerate(widths)
    ]
    text = [
        [
            align(cell, width)
            for align, cell, width in zip(sides, line, widths, strict=True)
        ]
        for line in lines
    ]
    return ''.join(f'| {" | ".join(line)} |\n' for line in (text[0], rule, *text[1:]))
