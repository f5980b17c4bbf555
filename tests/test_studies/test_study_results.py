import numpy as np
import pytest
from recorded import curve, part, save
from scipy.stats import t

from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.results import class_gains, mean_curve, read_results, remarks
from dem_mmaction.studies.small_scale import SmallScale
from dem_mmaction.studies.study import Comparison, Experiment, Small, Study
from dem_mmaction.utils.statistics import mean_interval, t_interval

PAIR = Study(
    'pair',
    'two networks',
    tuple(Experiment(name, Small()) for name in 'ab'),
    Comparison(('network',), ()),
)


@pytest.fixture
def preset(tmp_path):
    return SmallScale(tmp_path, INSTRUMENTS['probe'])


def right(seed, share, videos=40):
    return np.random.default_rng(seed).random(videos) < share


def test_differences_are_paired_by_seed_and_video(tmp_path, preset):
    shares = {('a', 0): 0.6, ('a', 1): 0.5, ('b', 0): 0.8, ('b', 1): 0.9, ('b', 2): 0.1}
    tests = {}
    for (name, seed), share in shares.items():
        tests[name, seed] = {
            rate: right(seed + 10 * ord(name) + rate, share / rate) for rate in (1, 2)
        }
        save(tmp_path, preset, name, seed, tests[name, seed])
    results = read_results(PAIR, preset, [0, 1, 2], tmp_path)
    assert results.missing == [('a', 2)] and results.rates() == [1, 2]

    def differences(rate):
        return np.array(
            [100.0 * tests['b', s][rate] - 100.0 * tests['a', s][rate] for s in (0, 1)]
        )

    assert results.difference('b', 'a', 1) == mean_interval(differences(1))
    change = results.difference('b', 'a', 2, own=1)
    assert change == mean_interval(differences(2) - differences(1))
    clips = results.difference('b', 'a', 2, own=1, metric='clip/top1')
    by_seed = (differences(2) - differences(1)).mean(axis=1) / 2
    expected = t_interval(by_seed)
    for side in ('mean', 'low', 'high'):
        assert getattr(clips, side) == pytest.approx(getattr(expected, side))
    assert results.difference('a', 'c', 1) is None
    assert results.difference('b', 'a', 4) is None


def test_reads_the_part_that_it_is_asked_for(tmp_path, preset):
    save(tmp_path, preset, 'a', 0, {1: [1, 0]})
    assert read_results(PAIR, preset, [0], tmp_path).metric('a', 1, 'video/top1') == {
        0: 0.5
    }
    on_val = read_results(PAIR, preset, [0], tmp_path, 'val')
    assert not on_val.runs and on_val.missing == [('a', 0), ('b', 0)]


def test_gains_are_means_over_whole_pairs(tmp_path, preset):
    # Two networks, two seeds; no video of swimming; seed 2 lacks a network.
    labels = [0] * 5 + [1] * 5 + [3] * 10

    def hits(run, jump, fly):
        counts = ((5, run), (5, jump), (10, fly))
        return [i < own for size, own in counts for i in range(size)]

    for name, seed, own in (
        ('a', 0, hits(1, 4, 3)),
        ('b', 0, hits(3, 3, 4)),
        ('a', 1, hits(1, 4, 2)),
        ('b', 1, hits(2, 4, 1)),
        ('a', 2, hits(5, 5, 5)),
    ):
        save(tmp_path, preset, name, seed, {1: own}, labels=labels)
    results = read_results(PAIR, preset, [0, 1, 2], tmp_path)
    # In floating point, 0.4 - 0.3 is more than 0.2 - 0.1.
    assert class_gains(results, 'a', 'b') == dict(run=30, jump=-10, fly=0)
    assert class_gains(results, 'a', 'c') == {}
    assert 'The list has no video of swim.' in remarks(results)


def test_remarks_say_what_a_reader_must_know(tmp_path, preset):
    save(tmp_path, preset, 'a', 0, {1: [1] * 4, 4: [1] * 4}, too_short=3)
    rising = curve((0.1, 0.3, 0.5, 0.7))
    save(tmp_path, preset, 'a', 1, {1: [1] * 4}, curves=[rising, curve()])
    lines = remarks(read_results(PAIR, preset, [0, 1], tmp_path))
    assert lines == [
        '3 test videos are shorter than one clip at SR 1; their clips repeat frames.',
        '3 test videos are shorter than one clip at SR 4; their clips repeat frames.',
        'Not trained to the end: a, seed 1.',
        'Not run: b, seed 0; b, seed 1.',
        '2 trainings, 0.5 hours, at commit abc1234567.',
    ]


def test_an_interval_is_over_folds_where_there_are_several(tmp_path, preset):
    """Ten videos of one fold that go together are one observation."""
    for seed in range(3):
        base, other = [0] * 40, [0] * 10 + [1] * 10 + [0] * 10 + [1] * 10
        save(tmp_path, preset, 'a', seed, {1: base}, folds=(10,) * 4)
        save(tmp_path, preset, 'b', seed, {1: other}, folds=(10,) * 4)
    found = read_results(PAIR, preset, [0, 1, 2], tmp_path)
    interval = found.difference('b', 'a', 1)
    assert interval.mean == 50
    half = t.ppf(0.975, 3) * np.std([0, 100, 0, 100], ddof=1) / 2
    assert interval.high - interval.mean == pytest.approx(half)


def test_curves_are_means_over_folds_by_seed(tmp_path, preset):
    save(
        tmp_path,
        preset,
        'a',
        0,
        {1: [1, 0]},
        curves=[curve((0.2, 0.4)), curve((0.4, 0.8))],
    )
    save(tmp_path, preset, 'a', 1, {1: [1, 0]}, curves=[curve((0.0, 1.0))])
    results = read_results(PAIR, preset, [0, 1], tmp_path)
    curves = mean_curve(results, 'a', 'top1')
    assert list(curves) == [10, 20]
    assert curves[10] == pytest.approx((0.3, 0.0))
    assert curves[20] == pytest.approx((0.6, 1.0))
    assert mean_curve(results, 'b', 'top1') == {}


def test_a_part_keeps_its_videos_apart_by_class():
    own = part({1: [1, 1, 0, 0]}, labels=[0, 1, 0, 1])
    assert own.class_accuracy(1) == dict(run=0.5, jump=0.5)
