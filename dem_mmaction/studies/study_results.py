"""What the runs of a study have left: accuracies, accuracies by class, losses."""
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean

from mmengine.config import Config

from .runs import logged
from .study import Cell, ClassGains, Study
from .study_runs import result_file, run_folder

#: By experiment and seed, by rate, the metrics.
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
        The metrics, and the names of the runs that are missing.
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


def remarks(study: Study, preset: str, work_dir: Path,
            seeds: Sequence[int]) -> list[str]:
    """What a reader of the numbers must know: videos too short, classes absent."""
    found = {}
    for experiment in study.experiments:
        for seed in seeds:
            path = result_file(run_folder(work_dir, preset, experiment.name, seed))
            if not path.is_file():
                continue
            for rate, entry in json.loads(path.read_text())['rates'].items():
                if entry.get('too_short'):
                    found[f'{entry["too_short"]} test videos are shorter than one clip '
                          f'at SR {rate}; their clips start over.'] = None
                by_class = path.with_name(f'per_class_sr{rate}.json')
                if by_class.is_file():
                    names = class_names(path.parent)
                    absent = [names.get(label, f'class {label}') for label, own in
                              json.loads(by_class.read_text()).items()
                              if not own['videos']]
                    if absent:
                        text = f'The test list has no video of {", ".join(absent)}.'
                        found[text] = None
    return list(found)


def values(cell: Cell, found: Measured) -> list[float]:
    """The measurements of a cell in percent, one a seed of which all are there."""
    numbers = []
    for seed in sorted({seed for _, seed in found}):
        runs = [found.get((name, seed), {}) for name in cell.experiments]
        own = [run.get(cell.rate, {}).get(cell.metric) for run in runs]
        if None in own:
            continue
        number = mean(own)
        if cell.minus_rate is not None:
            others = [run.get(cell.minus_rate, {}).get(cell.metric) for run in runs]
            if None in others:
                continue
            number -= mean(others)
        numbers.append(100 * number)
    return numbers


def class_gains(show: ClassGains, preset: str, work_dir: Path,
                seeds: Sequence[int]) -> tuple[dict[str, float], list[str]]:
    """By how many points each class gains, the mean over the seeds.

    Args:
        show: The two networks; tested at the rate of their training, 1.
        preset: ``'probe'`` or ``'full'``.
        work_dir: As of :func:`run_study`.
        seeds: The trainings to read; those of which one network is missing are left
            out.

    Returns:
        The gains by class name, in label order, and the names of classes that the test
        list has no video of.
    """
    gains, absent, names = defaultdict(list), {}, {}
    for seed in seeds:
        files = [result_file(run_folder(work_dir, preset, name, seed))
                 .with_name('per_class_sr1.json') for name in (show.without, show.dem)]
        if not all(file.is_file() for file in files):
            continue
        names = names or class_names(files[0].parent)
        without, dem = (json.loads(file.read_text()) for file in files)
        for label, entry in without.items():
            name = names.get(label, f'class {label}')
            if entry['videos']:
                gains[name].append(
                    100 * (dem[label][show.metric] - entry[show.metric]))
            else:
                absent[name] = None
    # Rounded: a mean of no gain at all must not be one by its last bit.
    means = {name: round(mean(points), 6) for name, points in gains.items()}
    return means, list(absent)


def class_names(test_dir: Path) -> dict[str, str]:
    """Class names by label, from the ``classes.txt`` beside the list of a test.

    Args:
        test_dir: Working folder of the test, where MMEngine has left its config.

    Returns:
        Empty where there is no such file, or the config is gone.
    """
    config = next(test_dir.glob('*.py'), None)
    if config is None:
        return {}
    config = Config.fromfile(config)
    path = Path(config.test_dataloader.dataset.ann_file).with_name('classes.txt')
    if not path.is_file():
        return {}
    return {str(i): name for i, name in enumerate(path.read_text().splitlines())}


def losses(folder: Path) -> dict[str, dict[int, float]]:
    """Training and validation loss by epoch of a training, whether finished or not.

    Args:
        folder: Its working folder. A resumed training has logged to several files, of
            which the last has the say on a step that both have.

    Returns:
        ``{'training': {epoch: loss}, 'validation': {epoch: loss}}``, the training's as
        the mean of what was logged in the epoch.
    """
    steps: dict[int, tuple[int, float]] = {}
    validation: dict[int, float] = {}
    for entry in logged(folder):
        if 'epoch' in entry:
            steps[entry['step']] = entry['epoch'], entry['loss']
        elif 'loss' in entry:
            validation[entry['step']] = entry['loss']
    by_epoch = defaultdict(list)
    for epoch, loss in steps.values():
        by_epoch[epoch].append(loss)
    return dict(training={epoch: mean(own) for epoch, own in sorted(by_epoch.items())},
                validation=dict(sorted(validation.items())))


def mean_curve(curves: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """The mean of several trainings for the epochs that all of them have."""
    if not curves:
        return {}
    epochs = sorted(set.intersection(*(set(curve) for curve in curves)))
    return {epoch: mean(curve[epoch] for curve in curves) for epoch in epochs}
