"""Reporting a study: the measured numbers beside the thesis's."""
import csv
import json
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev

from .study import Cell, Study
from .study_runs import result_file, run_folder

NOT_RUN = 'not run'

Measured = dict[tuple[str, int], dict[int, dict[str, float]]]


def measured(study: Study, preset: str, work_dir: Path,
             seeds: Sequence[int]) -> tuple[Measured, list[str]]:
    """Read what has been measured.

    Args:
        study: The study.
        preset: ``'probe'`` or ``'full'``.
        work_dir: As of :func:`run_study`.
        seeds: The trainings to read.

    Returns:
        By experiment and seed, by rate, the metrics; and the runs that are missing.
    """
    found, missing = {}, []
    for experiment in study.experiments:
        for seed in seeds:
            path = result_file(run_folder(work_dir, preset, experiment.name, seed))
            if path.is_file():
                rates = json.loads(path.read_text())['rates']
                found[experiment.name, seed] = {
                    int(rate): entry['metrics'] for rate, entry in rates.items()}
            else:
                missing.append(f'{experiment.name}, seed {seed}')
    return found, missing


def values(cell: Cell, found: Measured) -> list[float]:
    """The measurements of a cell in percent, one a seed that was run."""
    numbers = []
    for (experiment, _), rates in found.items():
        if experiment != cell.experiment or cell.rate not in rates:
            continue
        number = rates[cell.rate].get(cell.metric)
        if number is not None and cell.minus_rate is not None:
            number -= rates[cell.minus_rate][cell.metric]
        if number is not None:
            numbers.append(100 * number)
    return numbers


def markdown(study: Study, found: Measured, missing: Sequence[str]) -> str:
    """A table with measured, thesis and difference for every cell."""
    labels = study.head[:len(study.rows[0][0])]
    head = list(labels)
    for column in study.head[len(labels):]:
        head += [column, 'thesis', 'difference']
    lines = [head, ['---'] * len(labels) + ['---:'] * (len(head) - len(labels))]
    for row, cells in study.rows:
        line = list(row)
        for cell in cells:
            numbers = values(cell, found)
            line += [_text(numbers), f'{cell.thesis:.2f}',
                     f'{mean(numbers) - cell.thesis:+.2f}' if numbers else NOT_RUN]
        lines.append(line)
    text = ''.join(f'| {" | ".join(line)} |\n' for line in lines)
    if missing:
        text += '\nNot run: ' + '; '.join(missing) + '.\n'
    return text


def _text(numbers: Sequence[float]) -> str:
    if not numbers:
        return NOT_RUN
    if len(numbers) == 1:
        return f'{numbers[0]:.2f}'
    return f'{mean(numbers):.2f} +- {stdev(numbers):.2f} ({len(numbers)} seeds)'


def write_report(study: Study, preset: str, work_dir: Path,
                 seeds: Sequence[int]) -> tuple[Path, str]:
    """Write a study's table as Markdown and CSV, with what there is.

    Args:
        study: The study.
        preset: ``'probe'`` or ``'full'``.
        work_dir: As of :func:`run_study`.
        seeds: The trainings to read.

    Returns:
        The Markdown file, beside which the CSV lies, and its text.
    """
    found, missing = measured(study, preset, work_dir, seeds)
    what = ('small networks on generated videos; the thesis is on miniKinetics'
            if preset == 'probe' else 'full size')
    text = (f'# Table {study.name}: {study.title}\n\nIn percent, {what}. Mean and '
            'standard deviation where there are several seeds.\n\n'
            + markdown(study, found, missing))
    folder = Path(work_dir) / preset
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f'table_{study.name}.md'
    path.write_text(text)
    with open(path.with_suffix('.csv'), 'w', newline='') as file:
        _write_csv(study, found, file)
    return path, text


def _write_csv(study: Study, found: Measured, file) -> None:
    """A line a cell; empty where nothing was measured."""
    labels = study.head[:len(study.rows[0][0])]
    writer = csv.writer(file)
    writer.writerow([*labels, 'column', 'mean', 'stdev', 'seeds', 'thesis',
                     'difference'])
    for row, cells in study.rows:
        for column, cell in zip(study.head[len(labels):], cells, strict=True):
            numbers = values(cell, found)
            average = mean(numbers) if numbers else None
            writer.writerow([
                *row, column, average,
                stdev(numbers) if len(numbers) > 1 else None, len(numbers), cell.thesis,
                None if average is None else average - cell.thesis])
