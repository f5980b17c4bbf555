import csv

import pytest
from recorded import save, table_cells

from dem_mmaction.studies.catalogue import STUDIES
from dem_mmaction.studies.claims import verdict
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.report import write_report
from dem_mmaction.studies.small_scale import SmallScale
from dem_mmaction.studies.study import Claim, Claims, Experiment, Small, Study
from dem_mmaction.studies.tables import NOT_RUN
from dem_mmaction.utils.statistics import Interval

STUDY = Study(
    'claims',
    'claims',
    tuple(Experiment(name, Small()) for name in ('a', 'b', 'c'))
    + (Experiment('other', Small(transfer=True)),),
    Claims(
        (
            Claim('is better', 'b', 'a'),
            Claim('is better', 'a', 'b'),
            Claim('loses less', 'b', 'a', at_other_rates=True),
            Claim('is as good', 'a', 'a'),
            Claim('is there', 'c', 'a'),
            Claim('transfers', 'other', 'a'),
        )
    ),
)


@pytest.mark.parametrize(
    ('interval', 'said'),
    [
        ((0.1, 2.0), 'holds'),
        ((-2.0, -0.1), 'fails'),
        ((-0.1, 2.0), 'not decided'),
        ((0.0, 0.0), 'not decided'),
        (None, NOT_RUN),
    ],
)
def test_verdict(interval, said):
    interval = interval and Interval(sum(interval) / 2, *interval)
    assert verdict(interval, 2) == said
    assert verdict(interval, 1) == (NOT_RUN if interval is None else 'not decided')


def test_each_claim_with_what_was_measured(tmp_path):
    preset = SmallScale(tmp_path, INSTRUMENTS['probe'])  # has no other classes
    for seed in range(3):
        a = [i % 4 < 2 for i in range(80)]
        b = [i % 4 < 3 for i in range(80)]
        a[seed] = not a[seed]
        save(tmp_path, preset, 'a', seed, {1: a, 2: a, 4: a})
        save(tmp_path, preset, 'b', seed, {1: b, 2: a, 4: b})
    report = write_report(STUDY, preset, [0, 1, 2], tmp_path)
    rows = table_cells(report.text)[2:]
    assert [[*row[:4], row[6]] for row in rows] == [
        ['is better', 'b', 'a', '1', 'holds'],
        ['is better', 'a', 'b', '1', 'fails'],
        ['loses less', 'b', 'a', '2', 'fails'],
        ['loses less', 'b', 'a', '4', 'not decided'],
        ['is as good', 'a', 'a', '1', 'not decided'],
        ['is there', 'c', 'a', '1', 'not run'],
    ]
    assert [row[4] for row in rows] == ['3', '3', '3', '3', '3', '0']
    assert rows[0][5].startswith('+25.4 [') and rows[0][5].endswith('*')
    assert rows[2][5].startswith('-25.4 [')
    with open(report.files[1], newline='') as file:
        first, *_, last = csv.DictReader(file)
    assert float(first['mean']) == pytest.approx(25.4, abs=0.05)
    assert float(first['low']) > 0 and first['verdict'] == 'holds'
    assert last['mean'] == '' and last['verdict'] == 'not run'


def test_the_claims_of_the_thesis():
    said = {own.text: own.at_other_rates for own in STUDIES['claims'].show.claims}
    assert said == {
        'helps': False,
        'loses less at other rates': True,
        'one stage beats all': False,
        'helps after fine-tuning': False,
    }
