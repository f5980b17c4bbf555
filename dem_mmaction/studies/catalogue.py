"""Every study: the tables and figures of the thesis, and DEM's open points."""

from collections.abc import Iterable, Mapping

from dem_mmaction.datasets.motion_probe import ProbeSpec

from . import thesis
from .study import Cell, ClassGains, Experiment, LossCurves, Study, Table

RATES = (1, 2, 4)
NETWORKS = dict(without='w/o DEM', dem='w/ DEM')
SPLITS = (1, 2, 3)
ACCURACIES = ('video/top1', 'video/top5', 'clip/top1', 'clip/top5')

_PROBE = dict(without='probe/r2p1d_probe.py', dem='probe/r2p1d_dem_probe.py')
_TRANSFER = dict(train=288, test=192, frames=96, size=(40, 40), classes='compound')

#: The generated videos by name. For Table 4.4 other classes of motion stand in for
#: other data sets, of plain shapes for UCF-101, of textured ones for HMDB-51.
PROBES: Mapping[str, ProbeSpec] = {
    'single': ProbeSpec(train=576, test=192, frames=96, size=(40, 40)),
    **{
        f'compound_split{split}': ProbeSpec(seed=split, **_TRANSFER) for split in SPLITS
    },
    **{
        f'textured_split{split}': ProbeSpec(
            seed=split, clutter='textured_shape', **_TRANSFER
        )
        for split in SPLITS
    },
}


def _interval(rate: int) -> tuple[str, ...]:
    """Options that make the probe sample at a rate."""
    return tuple(
        f'{split}_dataloader.dataset.pipeline.1.frame_interval={rate}'
        for split in ('train', 'val', 'test')
    )


# The networks of Tables 4.1 and 4.2: stem 45/14.
MULTIRATE = tuple(
    Experiment(
        name=f'{network}_sr{rate}',
        config=f'multirate/r2p1d_{infix}sr{rate}_minik.py',
        probe=_PROBE[network],
        probe_options=('model.backbone.midplanes=vmz', *_interval(rate)),
        rates=RATES,
    )
    for rate in RATES
    for network, infix in (('without', ''), ('dem', 'dem_'))
)

# Those of Table 4.3: stem 83/20.
ABLATION = tuple(
    Experiment(
        name=where,
        config=f'ablation/r2p1d_dem_{where}_minik.py',
        probe=_PROBE['without' if where == 'none' else 'dem'],
        probe_options=()
        if where in ('none', 'all')
        else (f'model.backbone.dem_stages=[{where}]',),
    )
    for where in thesis.ABLATION
)
_STAGES = tuple(where for where in thesis.ABLATION if where not in ('none', 'all'))

# Those of Table 4.4, which start from the ablation's without DEM and with it
# everywhere; conv5_x and the classifier train.
TRANSFER = tuple(
    Experiment(
        name=f'{network}_{data}_split{split}',
        config=f'transfer/r2p1d_{infix}{data}_split{split}.py',
        probe=_PROBE[network],
        probe_options=('model.backbone.frozen_stages=3',),
        start=start,
        videos=f'{videos}_split{split}',
    )
    for data, videos in (('ucf101', 'compound'), ('hmdb51', 'textured'))
    for split in SPLITS
    for network, infix, start in (('without', '', 'none'), ('dem', 'dem_', 'all'))
)


def _dem(name: str, *options: str) -> Experiment:
    """DEM everywhere, on the probe, with other arguments."""
    return Experiment(
        name=name,
        config=None,
        probe=_PROBE['dem'],
        probe_options=tuple(f'model.backbone.dem_cfg.{option}' for option in options),
    )


# What the thesis leaves open: (group, what it is, experiment).
FORMULATION = (
    ('', 'no DEM', ABLATION[0]),
    ('', 'the default', ABLATION[-1]),
    ('start', 'scale 0.1', _dem('scale_0.1', 'zero_init=False', 'init_scale=0.1')),
    ('start', 'scale 1', _dem('scale_1', 'zero_init=False')),
    ('norms', 'on D alone', _dem('norm_variation', 'norm_places=[variation]')),
    (
        'norms',
        'on the compensation alone',
        _dem('norm_compensation', 'norm_places=[compensation]'),
    ),
    ('norms', 'none', _dem('norm_none', 'norm_cfg=None')),
    (
        'activation',
        'on the compensation',
        _dem('act_compensation', 'act_place=compensation'),
    ),
    ('activation', 'after the sum', _dem('act_sum', 'act_place=sum')),
    ('activation', 'none', _dem('act_none', 'act_cfg=None')),
    ('activation', 'ReLU on D', _dem('act_relu', 'act_cfg.type=ReLU')),
    ('fusion', 'concatenation', _dem('concat', 'fusion=concat')),
    ('fusion', 'bilinear', _dem('bilinear', 'fusion=bilinear')),
    ('padding', 'replicate', _dem('replicate', 'padding_mode=replicate')),
    ('padding', 'circular', _dem('circular', 'padding_mode=circular')),
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
