"""Tables of the thesis as descriptions: what to train, what to test, what to show.

One description serves running, reporting and tests.
"""
from dataclasses import dataclass

from .thesis import ABLATION, MULTIRATE

RATES = (1, 2, 4)
NETWORKS = dict(without='w/o DEM', dem='w/ DEM')


@dataclass(frozen=True)
class Experiment:
    """One network to train and to test.

    Attributes:
        name: Of its folder.
        config: Below ``configs/``, for full size.
        probe: Below ``configs/``, for the motion probe.
        probe_options: What to change in ``probe``, as ``--cfg-options`` takes it.
        rates: Sub-sampling rates to test at.
    """
    name: str
    config: str
    probe: str
    probe_options: tuple[str, ...] = ()
    rates: tuple[int, ...] = (1, )


@dataclass(frozen=True)
class Cell:
    """A number of a table.

    Attributes:
        experiment: Name of the experiment it is measured on.
        rate: Sub-sampling rate of the test.
        metric: Its name in the results.
        thesis: The thesis's number in percent.
        minus_rate: Show the difference to the same metric at this rate.
    """
    experiment: str
    rate: int
    metric: str
    thesis: float
    minus_rate: int | None = None


@dataclass(frozen=True)
class Study:
    """A table of the thesis.

    Attributes:
        name: Its number.
        title: What it shows.
        experiments: The networks behind it.
        head: The names of the columns: those of the labels, then those of the cells.
        rows: Labels and cells of every row.
    """
    name: str
    title: str
    experiments: tuple[Experiment, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Cell, ...]], ...]


def _interval(rate: int) -> tuple[str, ...]:
    """Options that make the probe's training and test sample at a rate."""
    return tuple(
        f'{split}_dataloader.dataset.pipeline.1.frame_interval={rate}'
        for split in ('train', 'test'))


def _multirate_experiments() -> tuple[Experiment, ...]:
    return tuple(
        Experiment(
            name=f'{network}_sr{rate}',
            config=f'multirate/r2p1d_{infix}sr{rate}_minik.py',
            probe=f'probe/r2p1d_{infix}probe.py',
            probe_options=('model.backbone.midplanes=vmz', *_interval(rate)),
            rates=RATES)
        for rate in RATES for network, infix in (('without', ''), ('dem', 'dem_')))


def _multirate(name: str, metric: str) -> Study:
    rows = []
    for trained in RATES:
        for i, tested in enumerate(RATES):
            accuracies = [
                Cell(f'{network}_sr{trained}', tested, metric, thesis[i])
                for network, thesis in MULTIRATE[metric][trained].items()]
            own = RATES.index(trained)
            deltas = [
                Cell(f'{network}_sr{trained}', tested, metric,
                     round(thesis[i] - thesis[own], 2), minus_rate=trained)
                for network, thesis in MULTIRATE[metric][trained].items()]
            rows.append(((str(trained), str(tested)), (*accuracies, *deltas)))
    kind = metric.split('/')[0]
    return Study(
        name, f'{kind} top-1 by training and testing sub-sampling rate',
        _multirate_experiments(),
        ('training SR', 'testing SR', *NETWORKS.values(),
         *(f'Delta {network}' for network in NETWORKS.values())), tuple(rows))


def _ablation() -> Study:
    metrics = ('video/top1', 'video/top5', 'clip/top1', 'clip/top5')
    experiments = tuple(
        Experiment(
            name=where,
            config=f'ablation/r2p1d_dem_{where}_minik.py',
            probe='probe/r2p1d_probe.py' if where == 'none' else
            'probe/r2p1d_dem_probe.py',
            probe_options=() if where in ('none', 'all') else
            (f'model.backbone.dem_stages=[{where}]', ))
        for where in ABLATION)
    rows = tuple(
        ((where, ), tuple(
            Cell(where, 1, metric, thesis)
            for metric, thesis in zip(metrics, numbers, strict=True)))
        for where, numbers in ABLATION.items())
    return Study('4.3', 'accuracy by the stage that DEM stands in', experiments,
                 ('DEM in', *metrics), rows)


STUDIES: dict[str, Study] = {
    study.name: study
    for study in (_multirate('4.1', 'video/top1'), _multirate('4.2', 'clip/top1'),
                  _ablation())
}


def find_study(name: str) -> Study:
    """The study of a name.

    Raises:
        ValueError: There is none; names those there are.
    """
    if name not in STUDIES:
        raise ValueError(f"No study '{name}'; there are {', '.join(STUDIES)}.")
    return STUDIES[name]
