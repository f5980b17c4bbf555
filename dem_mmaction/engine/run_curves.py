"""The curves of trainings, read from MMEngine's own logs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from dem_mmaction.utils import logged_scalars, written_aside

#: By the name of a curve, its steps of training and values.
Curves = Mapping[str, tuple[Sequence[int], Sequence[float]]]

# Of validations: what is drawn where the names of curves are not given.
_ACCURACIES = ('video/top1', 'acc/top1')


def run_curves(folder: Path) -> Curves:
    """Everything that a work dir has logged.

    A training that was resumed from an earlier step takes the place of what came after
    that step.

    Args:
        folder: The work dir.

    Returns:
        By the name, steps and values; those of training begin with ``train/``, and
        validations stand at the last step of training before them.

    Raises:
        FileNotFoundError: Nothing was logged there.
    """
    curves: dict[str, tuple[list[int], list[float]]] = {}
    last = 0
    for entry in logged_scalars(folder):
        training = 'epoch' in entry
        if training:
            if entry['step'] <= last:
                for steps, values in curves.values():
                    kept = sum(step < entry['step'] for step in steps)
                    del steps[kept:], values[kept:]
            last = entry['step']
        for name, value in entry.items():
            if name in ('epoch', 'iter', 'step') or not isinstance(value, (int, float)):
                continue
            steps, values = curves.setdefault(
                f'train/{name}' if training else name, ([], [])
            )
            steps.append(last)
            values.append(value)
    if not curves:
        raise FileNotFoundError(
            f'{folder} has no logs of a training (*/vis_data/scalars.json).'
        )
    return curves


def smoothed(values: Sequence[float], window: int) -> np.ndarray:
    """The mean of each value and up to ``window - 1`` before it."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(sums))
    starts = np.maximum(ends - window, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def draw_runs(
    runs: Mapping[str, Curves],
    path: Path,
    names: Sequence[str] | None = None,
    window: int = 10,
) -> Path:
    """Draw the curves of several trainings over each other, a panel a name.

    Args:
        runs: By the name to show, the curves of a training.
        path: The picture to write.
        names: The curves to draw; by default the loss of training and of validation
            and the accuracy of validation, as far as a training has them.
        window: Entries of training that one drawn value is the mean of.

    Raises:
        ValueError: No training has a curve of a name; names those that there are.
    """
    from matplotlib.figure import Figure

    known = sorted({name for curves in runs.values() for name in curves})
    if names is None:
        names = [n for n in ('train/loss', 'loss', *_ACCURACIES) if n in known]
    if missing := [name for name in names if name not in known]:
        raise ValueError(
            f'No training has logged {", ".join(missing)}; there are '
            f'{", ".join(known)}.'
        )
    figure = Figure(figsize=(4.4 * len(names), 3.4), layout='constrained')
    panels = figure.subplots(1, len(names), squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        for i, (shown, curves) in enumerate(runs.items()):
            if name in curves:
                steps, values = curves[name]
                if name.startswith('train/'):
                    values = smoothed(values, window)
                axes.plot(steps, values, color=f'C{i % 10}', label=shown)
        axes.set_title(name)
        axes.set_xlabel('steps of training')
        axes.grid(alpha=0.3)
        axes.legend(fontsize='small')
    with written_aside(path) as aside:
        figure.savefig(aside, dpi=120)
    return Path(path)
