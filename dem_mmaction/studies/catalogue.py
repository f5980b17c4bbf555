"""Every study: the tables and figures of the thesis, and DEM's open points."""

from collections.abc import Iterable, Mapping
from typing import Any

from dem_mmaction.datasets.motion_probe import CLASSES

from . import thesis
from .study import (
    Cell,
    ClassGains,
    Comparison,
    Experiment,
    LossCurves,
    RateCurves,
    Row,
    Small,
    Study,
    Table,
)

RATES = (1, 2, 4)
NETWORKS = dict(without='w/o DEM', dem='w/ DEM')
SPLITS = (1, 2, 3)
ACCURACIES = ('video/top1', 'video/top5', 'clip/top1', 'clip/top5')

WITHOUT_DEM = dict(dem_stages=[])
_WHERE = ('in', 'module')

# The networks of Tables 4.1 and 4.2: stem 45/14.
MULTIRATE = tuple(
    Experiment(
        f'{network}_sr{rate}',
        Small(dict(midplanes='vmz', **backbone), rate),
        f'multirate/r2p1d_{infix}sr{rate}_minik.py',
        rates=RATES,
    )
    for rate in RATES
    for network, infix, backbone in (('without', '', WITHOUT_DEM), ('dem', 'dem_', {}))
)

# Those of Table 4.3: stem 83/20.
_STAGES = tuple(where for where in thesis.ABLATION if where not in ('none', 'all'))
ABLATION = (
    Experiment('none', Small(WITHOUT_DEM), 'r2p1d_minik.py'),
    *(
        Experiment(
            stage,
            Small(dict(dem_stages=[stage])),
            f'ablation/r2p1d_dem_{stage}_minik.py',
        )
        for stage in _STAGES
    ),
    Experiment('all', Small(), 'r2p1d_dem_minik.py'),
)

# Those of Table 4.4, which start from the ablation's without DEM and with it
# everywhere; conv5_x and the classifier train.
_TRANSFERRED = (('without', '', 'none'), ('dem', 'dem_', 'all'))
TRANSFER = tuple(
    Experiment(
        f'{network}_{data}_split{split}',
        full=f'transfer/r2p1d_{infix}{data}_split{split}.py',
        start=start,
    )
    for data in ('ucf101', 'hmdb51')
    for split in SPLITS
    for network, infix, start in _TRANSFERRED
)
# In small, to other classes of the same instrument, with DEM in conv2_x as well.
SMALL_TRANSFER = tuple(
    Experiment(
        f'transfer_{own.name}',
        Small(dict(own.small.backbone, frozen_stages=3), transfer=True),
        start=own.name,
    )
    for own in ABLATION
    if own.name in ('none', 'conv2_x', 'all')
)


def _dem(name: str, **options: Any) -> Experiment:
    """DEM everywhere, with other arguments; in small alone."""
    return Experiment(name, Small(dict(dem_cfg=options)))


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

# Cheaper forms of DEM, everywhere and in conv2_x.
_CONV2 = dict(dem_stages=['conv2_x'])
_FORMS = {
    'channelwise': ('f, g, h channel-wise', dict(dem_cfg=dict(groups='channelwise'))),
    'groups_4': ('f, g, h in 4 groups', dict(dem_cfg=dict(groups=4))),
    'reduced_4': ('D in C/4 channels', dict(dem_cfg=dict(reduction=4))),
    'first_unit': ('in the first unit of a block', dict(dem_units=[0])),
}
FORMS = (
    ('', 'no DEM', ABLATION[0]),
    *(
        (place, text, own)
        for place, suffix, backbone, default in (
            ('everywhere', '', {}, ABLATION[-1]),
            ('conv2_x', '_conv2x', _CONV2, ABLATION[2]),
        )
        for text, own in (
            ('the default', default),
            *(
                (text, Experiment(f'{name}{suffix}', Small({**backbone, **form})))
                for name, (text, form) in _FORMS.items()
            ),
        )
    ),
)

# Modules of other papers where DEM stands, everywhere and in conv2_x.
RIVALS = (
    ('', 'nothing', ABLATION[0]),
    ('everywhere', 'DEM', ABLATION[-1]),
    ('conv2_x', 'DEM', ABLATION[2]),
    *(
        (
            place,
            kind,
            Experiment(
                f'{kind}{suffix}', Small({**backbone, 'dem_cfg': dict(type=kind)})
            ),
        )
        for kind in (
            'TemporalShift',
            'MotionExcitation',
            'TemporalDifference',
            'GateShiftFuse',
        )
        for place, suffix, backbone in (
            ('everywhere', '', {}),
            ('conv2_x', '_conv2x', _CONV2),
        )
    ),
)


def _compare(
    label: str, experiments: Iterable[Experiment], baseline: str
) -> Comparison:
    """Each network beside one of them, under its own name."""
    return Comparison(
        (label,),
        tuple(
            Row((own.name,), own.name, None if own.name == baseline else baseline)
            for own in experiments
        ),
    )


def _multirate(name: str, metric: str) -> Study:
    rows, pairs = [], []
    for trained in RATES:
        own = RATES.index(trained)
        for network, text in NETWORKS.items():
            baseline = None if network == 'without' else f'without_sr{trained}'
            labels = str(trained), text
            pairs.append(Row(labels, f'{network}_sr{trained}', baseline))
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
        Comparison(('training SR', 'network'), tuple(pairs), metric),
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
        _compare('DEM in', ABLATION, 'none'),
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
    names = [own.start for own in SMALL_TRANSFER]
    starts = tuple(own for own in ABLATION if own.name in names)
    return Study(
        '4.4',
        'video top-1 after fine-tuning conv5_x and the classifier',
        (*starts, *TRANSFER, *SMALL_TRANSFER),
        _compare('network', SMALL_TRANSFER, 'transfer_none'),
        Table(('data set', 'split'), tuple(NETWORKS.values()), tuple(rows)),
    )


def _gains(name: str, title: str, ends: int | None, said: str) -> Study:
    return Study(
        name,
        title,
        MULTIRATE[:2],
        ClassGains(MULTIRATE[0].name, MULTIRATE[1].name, ends, said),
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


def _against_none(
    name: str,
    title: str,
    labels: tuple[str, str],
    networks: tuple[tuple[str, str, Experiment], ...],
) -> Study:
    """Networks, each with two labels, beside the one without DEM."""
    rows = tuple(
        Row((group, text), own.name, None if own.name == 'none' else 'none')
        for group, text, own in networks
    )
    experiments = tuple(own for _, _, own in networks)
    return Study(name, title, experiments, Comparison(labels, rows))


def _demo() -> Study:
    """Small networks without and with DEM at several rates: what `make demo` runs."""
    networks = {'R(2+1)D': 'none', 'DEM in conv2_x': 'conv2_x'}
    columns = {}
    for kind in ('video', 'clip'):
        columns[kind] = f'{kind}/top1'
        for motion in ('steady', 'varied'):
            columns[f'{kind}, {motion}'] = f'{kind}/top1_{motion}'
    panels = {f'{own} speed': f'video/top1_{own}' for own in ('steady', 'varied')}
    return Study(
        'demo',
        'top-1 of networks trained at sub-sampling rate (SR) 1 and tested at others',
        tuple(own for own in ABLATION if own.name in networks.values()),
        RateCurves(networks, columns, panels, chance=1 / len(CLASSES)),
        instruments=('probe',),
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
        _against_none(
            'formulation',
            'top-1 by what the thesis leaves open of DEM',
            ('open point', 'form'),
            FORMULATION,
        ),
        _against_none('forms', 'cheaper forms of DEM', _WHERE, FORMS),
        _against_none('rivals', 'other modules in the place of DEM', _WHERE, RIVALS),
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
