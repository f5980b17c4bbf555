from collections import defaultdict

import numpy as np
import pytest
from mmaction.registry import MODELS
from mmengine.registry import init_default_scope

from dem_mmaction.studies.catalogue import STUDIES, find_study
from dem_mmaction.studies.folders import MIM
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.records import Measured, Part, RunRecord
from dem_mmaction.studies.results import Results, values
from dem_mmaction.studies.small_scale import SmallScale
from dem_mmaction.studies.study import (
    Claims,
    ClassGains,
    Comparison,
    LossCurves,
    RateCurves,
)
from dem_mmaction.studies.tables import NOT_RUN, thesis_table

TABLES = ['4.1', '4.2', '4.3', '4.4']

# The Delta that Tables 4.1 and 4.2 of the thesis print, without and with DEM, a row for
# each testing rate of each training rate.
DELTAS = {
    '4.1': [
        (0.00, 0.00),
        (-0.89, -0.40),
        (-5.25, -4.17),
        (-1.74, -1.55),
        (0.00, 0.00),
        (-1.58, -1.10),
        (-7.04, -7.27),
        (-1.59, -2.01),
        (0.00, 0.00),
    ],
    '4.2': [
        (0.00, 0.00),
        (-0.20, 0.15),
        (-2.41, -1.69),
        (-2.73, -2.79),
        (0.00, 0.00),
        (0.35, 0.50),
        (-9.09, -9.29),
        (-3.81, -3.54),
        (0.00, 0.00),
    ],
}

# Table 4.3: video top-1 and top-5, clip top-1 and top-5.
ABLATION = """
none 55.01 80.97 43.01 70.19
conv1 59.84 84.34 48.21 74.52
conv2_x 61.85 84.90 49.41 75.16
conv3_x 61.07 84.84 49.47 75.20
conv4_x 61.63 84.94 50.03 75.40
conv5_x 59.54 83.66 47.73 74.10
all 58.30 83.02 45.91 72.80
"""


def test_table_4_3_is_as_printed():
    rows = [
        ' '.join([*labels, *(f'{cell.thesis:.2f}' for cell in cells)])
        for labels, cells in STUDIES['4.3'].full.rows
    ]
    assert rows == ABLATION.split('\n')[1:-1]


def thesis_as_measured(table):
    """What would have been read had the runs given the thesis's accuracies."""
    metrics = defaultdict(lambda: defaultdict(dict))
    for _, cells in table.rows:
        for cell in cells:
            if cell.minus_rate is None and len(cell.experiments) == 1:
                rates = metrics[cell.experiments[0], 0]
                rates[cell.rate][cell.metric] = cell.thesis / 100
    return as_results(metrics)


def as_results(metrics):
    """Results from metrics by run and rate."""
    runs = {}
    for run, rates in metrics.items():
        tests = {rate: Measured(own, np.zeros(0, bool)) for rate, own in rates.items()}
        parts = dict(test=Part((), tests))
        runs[run] = RunRecord({}, 1, 1, 1, '', 0.0, [], parts)
    return Results(runs, [], 'test')


# Some numbers as the thesis prints them: which network, where they stand.
PRINTED = [
    ('4.1', 'without_sr1', 1, 'video/top1', 52.52),
    ('4.1', 'without_sr4', 1, 'video/top1', 48.22),
    ('4.1', 'dem_sr2', 4, 'video/top1', 54.75),
    ('4.2', 'dem_sr1', 2, 'clip/top1', 42.45),
    ('4.3', 'conv4_x', 1, 'clip/top5', 75.40),
    ('4.4', 'dem_hmdb51_split2', 1, 'video/top1', 41.11),
    ('4.4', 'without_ucf101_split1', 1, 'video/top1', 70.58),
]


@pytest.mark.parametrize('name, experiment, rate, metric, number', PRINTED)
def test_a_number_stands_for_its_network(name, experiment, rate, metric, number):
    results = thesis_as_measured(STUDIES[name].full)
    measured = results.metric(experiment, rate, metric)[0]
    assert 100 * measured == pytest.approx(number)


@pytest.mark.parametrize('name', TABLES)
def test_nothing_differs_from_the_thesis_where_it_is_what_was_measured(name):
    table = STUDIES[name].full
    text = thesis_table(table, thesis_as_measured(table))
    assert NOT_RUN not in text
    for line in text.splitlines()[2:]:
        measured, thesis, differences = (
            [float(n) for n in line.split('|')[len(table.labels) + 1 + i : -1 : 3]]
            for i in range(3)
        )
        # A mean of Table 4.4 is printed with two decimals.
        assert measured == pytest.approx(thesis, abs=0.011)
        assert differences == pytest.approx([0] * len(differences), abs=0.011)
        assert len(measured) == len(table.columns)


@pytest.mark.parametrize('name', DELTAS)
def test_delta_is_what_the_thesis_prints(name):
    table = STUDIES[name].full
    found = thesis_as_measured(table)
    for (_, cells), deltas in zip(table.rows, DELTAS[name], strict=True):
        measured_deltas = [values(cell, found)[0] for cell in cells[2:]]
        assert measured_deltas == pytest.approx(list(deltas), abs=1e-9)


def test_the_means_of_table_4_4_are_those_of_its_splits():
    found = thesis_as_measured(STUDIES['4.4'].full)
    means = [
        [f'{values(cell, found)[0]:.2f}' for cell in cells]
        for (_, split), cells in STUDIES['4.4'].full.rows
        if split == 'mean'
    ]
    assert means == [['70.28', '73.41'], ['40.78', '42.16']]


def test_a_mean_needs_all_of_its_experiments():
    cell = STUDIES['4.4'].full.rows[3][1][0]
    assert len(cell.experiments) == 3
    found = {
        (name, seed): {1: {cell.metric: 0.1 * i + seed}}
        for i, name in enumerate(cell.experiments)
        for seed in (0, 1)
    }
    assert values(cell, as_results(found)) == pytest.approx([10, 110])
    del found[cell.experiments[1], 0]
    assert values(cell, as_results(found)) == pytest.approx([110])


def shown(study):
    """The experiments that a study shows in small."""
    show = study.show
    if isinstance(show, Comparison):
        return {row.experiment for row in show.rows}
    if isinstance(show, Claims):
        pairs = ((own.experiment, own.baseline) for own in show.claims)
        return {name for pair in pairs for name in pair}
    if isinstance(show, RateCurves):
        return set(show.networks.values())
    if isinstance(show, ClassGains):
        return {show.without, show.dem}
    assert isinstance(show, LossCurves)
    return {name for _, members in show.panels for _, name in members}


@pytest.mark.parametrize('name', STUDIES)
def test_a_study_is_sound(name):
    study = STUDIES[name]
    experiments = {experiment.name: experiment for experiment in study.experiments}
    starts = {experiment.start for experiment in study.experiments} - {None}
    small = {own for own, e in experiments.items() if e.small is not None}
    assert small == shown(study) | (starts & small)
    if isinstance(study.show, Comparison):
        baselines = {row.baseline for row in study.show.rows}
        assert None in baselines and baselines - {None} <= shown(study)
        for row in study.show.rows:
            assert len(row.labels) == len(study.show.labels)
    if study.full:
        for labels, cells in study.full.rows:
            assert len(labels) == len(study.full.labels)
            assert len(cells) == len(study.full.columns)
            for cell in cells:
                for own in cell.experiments:
                    assert cell.rate in experiments[own].rates
                    assert (MIM / 'configs' / experiments[own].full).is_file()
    for experiment in study.experiments:
        if experiment.start is not None:  # which is trained before
            names = list(experiments)
            assert names.index(experiment.start) < names.index(experiment.name)


def test_experiments_of_one_name_are_one():
    seen = {}
    for study in STUDIES.values():
        for experiment in study.experiments:
            assert seen.setdefault(experiment.name, experiment) == experiment


def test_no_network_is_trained_under_two_names():
    experiments = {e.name: e for study in STUDIES.values() for e in study.experiments}
    full = [(e.full, e.start) for e in experiments.values() if e.full]
    assert len(full) == len(set(full))


def test_every_table_and_figure_of_the_thesis_is_there():
    figures = ['fig4.1', 'fig4.2', 'fig4.3']
    assert list(STUDIES) == [
        *TABLES,
        *figures,
        'claims',
        'formulation',
        'forms',
        'rivals',
        'hosts',
        'demo',
    ]
    assert [STUDIES[name].heading for name in ('4.1', 'fig4.1', 'formulation')] == [
        'Table 4.1',
        'Figure 4.1',
        'Formulation',
    ]


def test_small_networks_differ_in_what_they_say():
    experiments = {e.name: e for study in STUDIES.values() for e in study.experiments}
    small = [repr((e.small, e.start)) for e in experiments.values() if e.small]
    assert len(small) == len(set(small))


def test_small_networks_have_the_parameters_of_the_one_without_dem(tmp_path):
    init_default_scope('mmaction')
    preset = SmallScale(tmp_path, INSTRUMENTS['words'])
    sizes = {}
    for study in STUDIES.values():
        for own in study.experiments:
            if own.small is not None and preset.has(own) and own.name not in sizes:
                model = MODELS.build(preset.config(own).model)
                sizes[own.name] = sum(p.numel() for p in model.parameters())
    assert len(sizes) > 40
    for name, size in sizes.items():  # of the transfers, the classifier is smaller
        if not name.startswith('transfer'):
            host = name.split('_')[0] + '_none'
            assert 0.96 < size / sizes.get(host, sizes['none']) < 1.01, name


def test_instruments_have_their_configs():
    for name, instrument in INSTRUMENTS.items():
        assert instrument.name == name and 1 in instrument.rates
        hosts = [instrument.config_of(host) for host in instrument.hosts]
        for config in filter(None, (*hosts, instrument.transfer)):
            assert (MIM / 'configs' / config).is_file()


def test_unknown_study_is_named():
    with pytest.raises(ValueError, match="No study '9.9'; there are 4.1, 4.2, 4.3"):
        find_study('9.9')
