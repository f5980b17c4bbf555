"""The results of a test as a table and a picture."""

from pathlib import Path

from dem_mmaction.utils import markdown_table, write_text, written_aside

from .plot import draw_over_rates
from .results import RateResults


def rates_table(results: RateResults) -> str:
    """The metrics and their Delta as a Markdown table, a row a rate."""
    names = list(next(iter(results.rates.values())).metrics)
    head = ['SR', *(cell for name in names for cell in (name, 'Delta'))]
    rows = []
    for rate, result in results.rates.items():
        delta = results.delta(rate)
        row = [f'{rate} (own)' if rate == results.own_rate else str(rate)]
        for name in names:
            row.append(f'{result.metrics[name]:.4f}')
            row.append('not tested' if delta is None else f'{delta[name]:+.4f}')
        rows.append(row)
    return markdown_table(head, rows, left=0)


def write_rates(results: RateResults, folder: Path) -> list[Path]:
    """Write ``rates.md``, ``rates.png`` and, last of all, ``rates.json`` to a folder.

    Returns:
        The files: a reader who finds the last one finds all.
    """
    from matplotlib.figure import Figure  # a second at each start of a tool

    folder = Path(folder)
    table, picture = folder / 'rates.md', folder / 'rates.png'
    write_text(table, rates_table(results))
    figure = Figure(figsize=(5, 3.4), layout='constrained')
    axes = figure.subplots()
    names = next(iter(results.rates.values())).metrics
    curves = {
        name: {rate: [own.metrics[name]] for rate, own in results.rates.items()}
        for name in names
        if 'top' in name or 'mean' in name
    }
    draw_over_rates(axes, curves, results.own_rate)
    axes.set_ylabel('accuracy [%]')
    axes.legend(fontsize='small')
    with written_aside(picture) as aside:
        figure.savefig(aside, dpi=120)
    results.save(folder)
    return [table, picture, folder / results.FILE]
