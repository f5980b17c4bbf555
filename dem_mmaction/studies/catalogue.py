"""Every study: the tables and figures of the thesis, and DEM's open points."""

from collections.abc import Iterable, Mapping
from typing import Any

from dem_mmaction.datasets.motion_probe import CLASSES, ProbeSpec

from . import thesis
from .study import (
    Cell,
    ClassGains,
    Experiment,
    LossCurves,
    OnProbe,
    ProbeVideos,
    RateCurves,
    Study,
    Table,
)

RATES = (1, 2, 4)
NETWORKS = dict(without='w/o DEM', dem='w/ DEM')
SPLITS = (1, 2, 3)
ACCURACIES = ('video/top1', 'video/top5', 'clip/top1', 'clip/top5')

SINGLE = ProbeVideos('single', ProbeSpec(train=576, test=192, frames=96, size=(40, 40)))


def _transfer_videos(name: str, split: int, clutter: str) -> ProbeVideos:
    """Other classes of motion, that stand in for another data set in Table 4.4."""
    spec = ProbeSpec(
        train=288,
        test=192,
        frames=96,
        size=(40, 40),
        classes='compound',
        clutter=clutter,
        seed=split,
    )
    return ProbeVideos(f'{name}_split{split}', spec)


def _on_probe(
    network: str, changes: Mapping[str, Any] | None = None, **kwargs: Any
) -> OnProbe:
    """A network on the probe; ``changes`` are those of its backbone."""
    config = dict(without='probe/r2p1d_probe.py', dem='probe/r2p1d_dem_probe.py')
    merged = dict(model=dict(backbone=dict(changes))) if changes else {}
    return OnProbe(config[network], changes=merged, **{'videos': SINGLE, **kwargs})


# The networks of Tables 4.1 and 4.2: stem 45/14.
MULTIRATE = tuple(
    Experiment(
        f'{network}_sr{rate}',
        _on_probe(network, dict(midplanes='vmz'), rate=rate),
        f'multirate/r2p1d_{infix}sr{rate}_minik.py',
        rates=RATES,
    )
    for rate in RATES
    for network, infix in (('without', ''), ('dem', 'dem_'))
)

# Those of Table 4.3: stem 83/20.
_STAGES = tuple(where for where in thesis.ABLATION if where not in ('none', 'all'))
ABLATION = (
    Experiment('none', _on_probe('without'), 'r2p1d_minik.py'),
    *(
        Experiment(
            stage,
            _on_probe('dem', dict(dem_stages=[stage])),
            f'ablation/r2p1d_dem_{stage}_minik.py',
        )
        for stage in _STAGES
    ),
    Experiment('all', _on_probe('dem'), 'r2p1d_dem_minik.py'),
)

# Those of Table 4.4, which start from the ablation's without DEM and with it
# everywhere; conv5_x and the classifier train. Plain shapes stand in for UCF-101,
# textured ones for HMDB-51.
TRANSFER = tuple(
    Experiment(
        f'{network}_{data}_split{split}',
        _on_probe(
            network,
            dict(frozen_stages=3),
            videos=_transfer_videos(videos, split, clutter),
        ),
        f'transfer/r2p1d_{infix}{data}_split{split}.py',
        start=start,
    )
    for data, videos, clutter in (
        ('ucf101', 'compound', 'plain'),
        ('hmdb51', 'textured', 'textured_shape'),
    )
    for split in SPLITS
    for network, infix, start in (('without', '', 'none'), ('dem', 'dem_', 'all'))
)


def _dem(name: str, **options: Any) -> Experiment:
    """DEM everywhere, on the probe, with other arguments."""
    return Experiment(name, _on_probe('dem', dict(dem_cfg=options)))


# What the thesis leaves open: (group, what it is, experiment).
FORMULATION = (
    ('', 'no DEM', ABLATION[0]),
    ('', 'the default', ABLATION[-1]),
    ('start', 'scale 0.1', _dem('scale_0.1', zero_init=False, init_scale=0.1)),
    ('start', 'scale 1', _dem('scale_1', zero_init=False)),
    ('norms', 'on D alone', _dem('norm_variation', norm_places=['variation'])),
    (
        'norms',
        'on the compensation alone',
        _dem('norm_compensation', norm_places=['compensation']),
    ),
    ('norms', 'none', _dem('norm_none', norm_cfg=None)),
    (
        'activation',
        'on the compensation',
        _dem('act_compensation', act_place='compensation'),
    ),
    ('activation', 'after the sum', _dem('act_sum', act_place='sum')),
    ('activation', 'none', _dem('act_none', act_cfg=None)),
    ('activation', 'ReLU on D', _dem('act_relu', act_cfg=dict(type='ReLU'))),
    ('fusion', 'concatenation', _dem('concat', fusion='concat')),
    ('fusion', 'bilinear', _dem('bilinear', fusion='bilinear')),
    ('padding', 'replicate', _dem('replicate', padding_mode='replicate')),
    ('padding', 'circular', _dem('circular', padding_mode='circular')),
)


def _multirate(name: str, metric: str) -> Study:
    rows = []
    for trained in RATES:
        own = RATES.index(trained)
        for i, tested in enumerate(RATES):
            accuracies, deltas = [], []
            for network, numbers in thesis.MULTIRATE[metric][trained].items():
                where = (f'{network}_sr{trained}',), tested, metric
                accuracies.append(Cell(*where, numbers[i]))
                deltas.append(
                    Cell(*where, round(numbers[i] - numbers[own], 2), trained)
                )
            rows.append(((str(trained), str(tested)), (*accuracies, *deltas)))
    kind = metric.split('/')[0]
    return Study(
        name,
        f'{kind} top-1 by training and testing sub-sampling rate',
        MULTIRATE,
        Table(
            ('training SR', 'testing SR'),
            (*NETWORKS.values(), *(f'Delta {text}' for text in NETWORKS.values())),
            tuple(rows),
        ),
    )


def _ablation() -> Study:
    rows = tuple(
        (
            (where,),
            tuple(
                Cell((where,), 1, metric, number)
                for metric, number in zip(ACCURACIES, numbers, strict=True)
            ),
        )
        for where, numbers in thesis.ABLATION.items()
    )
    return Study(
        '4.3',
        'accuracy by the stage that DEM stands in',
        ABLATION,
        Table(('DEM in',), ACCURACIES, rows),
    )


def _transfer() -> Study:
    def cells(data: str, splits: Iterable[int], numbers: Mapping) -> tuple[Cell, ...]:
        return tuple(
            Cell(
                tuple(f'{network}_{data}_split{split}' for split in splits),
                1,
                'video/top1',
                numbers[network],
            )
            for network in NETWORKS
        )

    rows = []
    for data, title in (('ucf101', 'UCF-101'), ('hmdb51', 'HMDB-51')):
        numbers = thesis.TRANSFER[data]
        for i, split in enumerate(SPLITS):
            own = {network: numbers[network][i] for network in NETWORKS}
            rows.append(((title, f'split {split}'), cells(data, (split,), own)))
        means = thesis.TRANSFER_MEAN[data]
        rows.append(((title, 'mean'), cells(data, SPLITS, means)))
    return Study(
        '4.4',
        'video top-1 after fine-tuning conv5_x and the classifier',
        (ABLATION[0], ABLATION[-1], *TRANSFER),
        Table(('data set', 'split'), tuple(NETWORKS.values()), tuple(rows)),
        'Pairs of motions stand in for the data sets, of plain shapes for UCF-101, of '
        'textured ones for HMDB-51; a split is a probe of its own.',
    )


def _gains(name: str, title: str, ends: int | None, said: str) -> Study:
    return Study(
        name,
        title,
        MULTIRATE[:2],
        ClassGains(MULTIRATE[0].name, MULTIRATE[1].name, ends=ends, thesis=said),
    )


def _losses() -> Study:
    panels = (
        ('none and all', (('no DEM', 'none'), ('DEM in all', 'all'))),
        ('in one stage', tuple((f'DEM in {stage}', stage) for stage in _STAGES)),
    )
    return Study(
        'fig4.3',
        'training and validation loss',
        ABLATION,
        LossCurves(panels, thesis.LOSSES),
    )


def _formulation() -> Study:
    head = (('video, SR 1', 'video/top1'), ('clip, SR 1', 'clip/top1'))
    rows = tuple(
        (
            (group, text),
            tuple(Cell((experiment.name,), 1, metric) for _, metric in head),
        )
        for group, text, experiment in FORMULATION
    )
    return Study(
        'formulation',
        'top-1 by what the thesis leaves open of DEM',
        tuple(experiment for _, _, experiment in FORMULATION),
        Table(('open point', 'form'), tuple(column for column, _ in head), rows),
    )


def _demo() -> Study:
    """Small networks without and with DEM at three rates: what `make demo` runs."""
    # As quick as can be: no validation, and no hook for the random numbers of a resumed
    # training.
    quick = dict(train_cfg=dict(val_begin=10**6), custom_hooks=[])
    networks = {
        'R(2+1)D': 'r2p1d_probe',
        'DEM in conv2_x': 'r2p1d_dem_conv2x_probe',
        'DEM everywhere': 'r2p1d_dem_probe',
    }
    experiments = tuple(
        Experiment(name, OnProbe(f'probe/{name}.py', SINGLE, quick), rates=RATES)
        for name in networks.values()
    )
    columns = {}
    for kind in ('video', 'clip'):
        columns[kind] = f'{kind}/top1'
        for motion in ('steady', 'varied'):
            columns[f'{kind}, {motion}'] = f'{kind}/top1_{motion}'
    panels = {f'{own} speed': f'video/top1_{own}' for own in ('steady', 'varied')}
    return Study(
        'demo',
        'top-1 of networks trained at sub-sampling rate (SR) 1 and tested at others',
        experiments,
        RateCurves(networks, RATES, columns, panels, chance=1 / len(CLASSES)),
    )


STUDIES: dict[str, Study] = {
    study.name: study
    for study in (
        _multirate('4.1', 'video/top1'),
        _multirate('4.2', 'clip/top1'),
        _ablation(),
        _transfer(),
        _gains(
            'fig4.1',
            'classes by their gain in video top-1 with DEM',
            None,
            thesis.GAINS,
        ),
        _gains('fig4.2', 'the classes that gain and lose most with DEM', 15, ''),
        _losses(),
        _formulation(),
        _demo(),
    )
}


def find_study(name: str) -> Study:
    """The study of a name.

    Raises:
        ValueError: There is none; names those there are.
    """
    if name not in STUDIES:
        raise ValueError(f"No study '{name}'; there are {', '.join(STUDIES)}.")
    return STUDIES[name]
