"""Records of trainings that nobody has run."""

import numpy as np

from dem_mmaction.studies.records import Curve, Measured, Part, RunRecord, record_path

NAMES = ('run', 'jump', 'swim', 'fly')


def measured(right, loss=1.0, too_short=0, **metrics):
    """A test of which the videos that it got right are known."""
    right = np.array(right, bool)
    top1 = {'video/top1': float(right.mean()), 'clip/top1': float(right.mean()) / 2}
    return Measured({**top1, 'loss': loss, **metrics}, right, too_short)


def part(by_rate, labels=None, classes=NAMES, folds=(), **kwargs):
    """Tests by rate, of a list with a label a video."""
    first = next(iter(by_rate.values()))
    labels = labels or [i % len(classes) for i in range(len(first))]
    rates = {rate: measured(right, **kwargs) for rate, right in by_rate.items()}
    return Part(tuple(labels), rates, list(classes), folds)


def curve(top1=(0.5, 0.9, 0.9, 0.9)):
    """A training that has come to its end, of 10 steps between evaluations."""
    steps = [10 * (i + 1) for i in range(len(top1))]
    lr = [1e-3] * (len(top1) - 1) + [1e-8]
    losses = [1 - own for own in top1]
    return Curve(steps, lr, losses, [2 * own for own in losses], list(top1))


def record(by_rate, own_rate=1, parameters=1234567, curves=None, **kwargs):
    """A training that was tested on the test part."""
    return RunRecord(
        dict(epochs=4),
        own_rate,
        parameters,
        208_123_456,
        'abc1234567',
        0.25,
        [curve()] if curves is None else curves,
        dict(test=part(by_rate, **kwargs)),
    )


def save(folder, preset, experiment, seed, by_rate, **kwargs):
    """Write a :func:`record` where a report looks for it."""
    path = record_path(folder, preset.name, experiment, seed)
    record(by_rate, **kwargs).save(path)


def table_cells(text):
    """The table in a report, cell by cell."""
    lines = [line for line in text.splitlines() if line.startswith('| ')]
    return [[cell.strip() for cell in line.split('|')[1:-1]] for line in lines]
