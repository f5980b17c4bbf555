import dataclasses
import json

import numpy as np
import pytest
from recorded import NAMES, curve, part, record

from dem_mmaction.robustness import ConditionResult, RateResults
from dem_mmaction.studies.folders import RunFolder
from dem_mmaction.studies.records import RunRecord, make_record, read_curve, record_path


def test_what_is_saved_is_read_again(tmp_path):
    path = record_path(tmp_path, 'words', 'net', 3)
    assert path == tmp_path / 'words' / 'net_seed3.json'
    own = record({1: [1, 0, 1, 1, 0], 0.5: [0, 0, 1, 0, 0]}, too_short=2)
    own = dataclasses.replace(own, curves=[curve(), curve((0.1, 0.2))])
    own.save(path)
    read = RunRecord.load(path)
    assert read.curves == own.curves and read.settings == own.settings
    assert (read.hours, read.commit, read.parameters) == (0.25, 'abc1234567', 1234567)
    mine, theirs = own.parts['test'], read.parts['test']
    assert theirs.labels == mine.labels and list(theirs.rates) == [1, 0.5]
    for rate, found in theirs.rates.items():
        assert found == mine.rates[rate]
        assert (found.right == mine.rates[rate].right).all()
        assert found.right.dtype == bool
    assert path.stat().st_size < 4000


def test_accuracy_of_classes_without_those_that_have_no_video():
    own = part({1: [1, 0, 1, 1]}, labels=[0, 0, 3, 1])
    assert own.class_accuracy(1) == dict(run=0.5, jump=1.0, fly=1.0)
    assert own.absent == ['swim']


@pytest.mark.parametrize('text', ['{"settings": ', '{}', '[]', '{"curves": 3}'])
def test_a_damaged_record_is_named(tmp_path, text):
    (tmp_path / 'net_seed0.json').write_text(text)
    with pytest.raises(ValueError, match='net_seed0.json does not hold the record'):
        RunRecord.load(tmp_path / 'net_seed0.json')


def write_test(folder, part, predictions, labels, **metrics):
    classes = {str(i): dict(name=name) for i, name in enumerate(NAMES)}
    result = ConditionResult(metrics, 1, classes, predictions)
    RateResults(2, {1: result, 2: result}, 99, labels, 7).save(folder.test(part))


def write_log(folder, start, entries):
    path = folder.path / start / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text(
        ''.join(json.dumps(entry) + '\n' for entry in entries) + '{"loss": 0.1, "ep'
    )  # a line that is being written


def trained(epoch, step, loss, lr=0.1):
    return dict(epoch=epoch, step=step, loss=loss, lr=lr, time=3.6)


def validated(epoch, loss, top1):
    return {'step': epoch, 'loss': loss, 'video/top1': top1}


def test_a_record_is_of_the_videos_of_all_folds(tmp_path):
    folders = [RunFolder(tmp_path / name) for name in ('anna', 'bert')]
    of_classes = {'video/mean_class': 0.5}  # of which folds have no mean
    write_test(folders[0], 'test', [0, 1, 1], [0, 1, 2], loss=1.0, **of_classes)
    write_test(folders[1], 'test', [3], [3], loss=5.0, **of_classes)
    write_test(folders[1], 'val', [3], [3], loss=5.0)  # the other is not tested there
    for folder in folders:
        write_log(folder, '1', [trained(1, 10, 2.0), validated(1, 1.0, 0.5)])
    own = make_record(folders, dict(epochs=1), 'abc')
    assert (own.own_rate, own.parameters, own.multiply_adds) == (2, 99, 7)
    assert own.commit == 'abc'
    assert list(own.parts) == ['test'] and own.parts['test'].folds == [3, 1]
    own.save(tmp_path / 'own.json')
    assert RunRecord.load(tmp_path / 'own.json').parts['test'].folds == [3, 1]
    test = own.parts['test']
    assert list(test.labels) == [0, 1, 2, 3] and test.classes == list(NAMES)
    assert test.rates[2].right.tolist() == [True, True, False, True]
    assert test.rates[2].metrics == dict(loss=2.0)  # of 4 videos, not of 2 folds
    assert test.rates[1].too_short == 2
    assert len(own.curves) == 2 and own.hours == pytest.approx(2 * 10 * 3.6 / 3600)


def test_the_curve_of_a_resumed_training(tmp_path):
    folder = RunFolder(tmp_path)
    write_log(
        folder,
        '20260101_000000',
        [
            trained(1, 1, 4.0),
            trained(1, 2, 2.0, lr=0.2),
            validated(1, 3.0, 0.1),
            trained(2, 3, 9.0),
        ],
    )
    write_log(
        folder,
        '20260101_010000',
        [
            trained(2, 3, 1.0),
            trained(2, 4, 2.0),
            validated(2, 2.5, 0.2),
            trained(3, 5, 7.0),  # not evaluated yet
        ],
    )
    own = read_curve(folder)
    assert dataclasses.asdict(own) == dict(
        step=[2, 4],
        lr=[0.2, 0.1],
        training_loss=[3.0, 1.5],
        loss=[3.0, 2.5],
        top1=[0.1, 0.2],
    )
    assert not read_curve(RunFolder(tmp_path / 'none')).step


def test_the_training_loss_is_that_since_the_evaluation_before(tmp_path):
    folder = RunFolder(tmp_path)
    entries = []
    for epoch, loss in enumerate((4, 2, 1, 3, 2, 5), start=1):
        entries.append(trained(epoch, 10 * epoch, loss))
        if epoch in (2, 5):  # not after the last
            entries.append(validated(epoch, 1.0, 0.5))
    write_log(folder, '20260101_000000', entries)
    own = read_curve(folder)
    assert (own.step, own.training_loss) == ([20, 50], [3.0, 2.0])


def test_right_is_what_was_predicted(tmp_path):
    folder = RunFolder(tmp_path)
    labels = np.random.default_rng(0).integers(0, 4, 50).tolist()
    predictions = [(own + (i % 3 == 0)) % 4 for i, own in enumerate(labels)]
    write_test(folder, 'val', predictions, labels, loss=1.0)
    right = make_record([folder], {}, '').parts['val'].rates[1].right
    assert right.tolist() == [i % 3 != 0 for i in range(50)]
