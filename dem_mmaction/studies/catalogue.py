"""Every study: the tables and figures of the thesis, and DEM's open points."""

from collections.abc import Iterable, Mapping

from dem_mmaction.datasets.motion_probe import CLASSES

from . import thesis
from .experiments import (
    ABLATION,
    FORMS,
    FORMULATION,
    HOSTS,
    MULTIRATE,
    NETWORKS,
    RATES,
    RIVALS,
    SMALL_TRANSFER,
    SPLITS,
    STAGES,
    TRANSFER,
    TRANSFER_STARTS,
)
from .study import (
    Cell,
    Claim,
    Claims,
    ClassGains,
    Comparison,
    Experiment,
    LossCurves,
    RateCurves,
    Row,
    Study,
    Table,
)

ACCURACIES = ('video/top1', 'video/top5', 'clip/top1', 'clip/top5')
_WHERE = ('in', 'module')


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
    return Study(
        '4.4',
        'video top-1 after fine-tuning conv5_x and the classifier',
        (*TRANSFER_STARTS, *TRANSFER, *SMALL_TRANSFER),
        _compare('network', SMALL_TRANSFER, 'transfer_none'),
        Table(('data set', 'split'), tuple(NETWORKS.values()), tuple(rows)),
    )


def _claims() -> Study:
    """What the thesis says of DEM."""
    networks = ('all', 'conv2_x')
    claims = [
        *(Claim('helps', name, 'none') for name in networks),
        *(
            Claim('loses less at other rates', name, 'none', at_other_rates=True)
            for name in networks
        ),
        Claim('one stage beats all', 'conv2_x', 'all'),
        *(
            Claim('helps after fine-tuning', f'transfer_{name}', 'transfer_none')
            for name in networks
        ),
    ]
    return Study(
        'claims',
        'what the thesis says of DEM, on small networks',
        (*TRANSFER_STARTS, *SMALL_TRANSFER),
        Claims(tuple(claims)),
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
        ('in one stage', tuple((f'DEM in {stage}', stage) for stage in STAGES)),
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


def _hosts() -> Study:
    """Each host with DEM beside the same without."""
    rows, baseline = [], None
    for title, dem, own in HOSTS:
        if dem == 'none':
            baseline = own.name
        rows.append(Row((title, dem), own.name, None if dem == 'none' else baseline))
    return Study(
        'hosts',
        'DEM in other networks',
        tuple(own for _, _, own in HOSTS),
        Comparison(('network', 'DEM'), tuple(rows)),
        instruments=('words', 'probe'),
    )


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
        _claims(),
        _against_none(
            'formulation',
            'top-1 by what the thesis leaves open of DEM',
            ('open point', 'form'),
            FORMULATION,
        ),
        _against_none('forms', 'cheaper forms of DEM', _WHERE, FORMS),
        _against_none('rivals', 'other methods beside DEM', _WHERE, RIVALS),
        _hosts(),
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
