import json
import logging
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from clips import samples
from mmaction.datasets import VideoDataset
from mmaction.evaluation import AccMetric
from mmaction.registry import METRICS
from mmengine.logging import MMLogger
from support import run_tool

from dem_mmaction.evaluation import evaluate_dump


def build(meta=None, **kwargs):
    metric = METRICS.build(dict(type='ClipVideoAccuracy', **kwargs))
    metric.dataset_meta = meta
    return metric


def evaluate(data, **kwargs):
    metric = build(**kwargs)
    for sample in data:
        metric.process(None, [sample])
    return metric.evaluate(len(data))


def test_equals_mmaction2_and_torch():
    data = samples()
    results = evaluate(data)
    labels = torch.cat([sample['gt_label'] for sample in data])
    logits = torch.stack([sample['clip_logits'] for sample in data])

    def acc_metric(scores, truth):
        metric = AccMetric()
        metric.process(
            None,
            [
                dict(pred_score=score, gt_label=label.view(1))
                for score, label in zip(scores, truth, strict=True)
            ],
        )
        return metric.evaluate(len(truth))

    video = acc_metric(logits.softmax(-1).mean(1), labels)
    clip = acc_metric(logits.flatten(0, 1), labels.repeat_interleave(3))
    assert results['video/top1'] == pytest.approx(video['acc/top1'])
    assert results['video/top5'] == pytest.approx(video['acc/top5'])
    assert results['video/mean_class'] == pytest.approx(video['acc/mean1'])
    assert results['clip/top1'] == pytest.approx(clip['acc/top1'])
    assert results['clip/top5'] == pytest.approx(clip['acc/top5'])
    loss = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), labels.repeat_interleave(3)
    )
    assert results['loss'] == pytest.approx(loss.item(), rel=1e-5)


@pytest.fixture
def logged():
    """Messages of MMEngine's logger."""
    messages = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: messages.append(record.getMessage())
    logger = MMLogger.get_current_instance()
    logger.addHandler(handler)
    yield messages
    logger.removeHandler(handler)


def absent(labels, classes):
    """Videos of these labels alone: those of 0 are right, others are taken for 1."""
    return [
        dict(
            clip_logits=torch.eye(classes)[[0 if label == 0 else 1]],
            gt_label=torch.tensor([label]),
        )
        for label in labels
    ]


@pytest.mark.parametrize(
    'meta, named',
    [
        (None, '1, 3'),
        (dict(), '1, 3'),
        (dict(classes=['turn', 'grow', 'fall', 'rise']), '1 (grow), 3 (rise)'),
    ],
)
def test_a_class_absent_from_the_list_is_named_and_left_out(meta, named, logged):
    data = absent((0, 2, 2, 2), 4)
    metric = build(meta)
    for _ in range(2):
        metric.process(None, data)
        results = metric.evaluate(len(data))
    # MMAction2 would count class 1, which was predicted, as a third one at 0.
    assert results['video/mean_class'] == 0.5
    assert len(logged) == 1
    assert f'2 of 4 classes have no video in the list: {named}. They' in logged[0]
    rows = metric.per_class
    assert (rows['1']['video'], rows['1']['clip'], rows['1']['videos']) == (
        None,
    ) * 2 + (0,)
    assert (rows['2']['video'], rows['2']['clip'], rows['2']['videos']) == (0, 0, 3)


@pytest.mark.parametrize(
    'classes, end', [(21, '18, 19, 20. They'), (22, '20 .... They')]
)
def test_a_warning_names_twenty_classes_at_most(classes, end, logged):
    evaluate(absent([0], classes))
    assert end in logged[0]


def test_no_warning_where_every_class_has_videos(logged):
    evaluate(samples())
    assert not logged


def test_split_by_a_field():
    data = samples()
    results = evaluate(data, split_by='motion')
    for motion in ('steady', 'varied'):
        part = evaluate([s for s in data if s['motion'] == motion])
        for name in ('video/top1', 'clip/top1'):
            assert results[f'{name}_{motion}'] == part[name]
    assert results['video/top1'] == evaluate(data)['video/top1']


def test_reads_heads_with_average_clips_none():
    data = samples()
    plain = [dict(pred_score=s['clip_logits'], gt_label=s['gt_label']) for s in data]
    assert evaluate(plain) == evaluate(data)


def test_top5_of_three_classes_is_left_out():
    assert 'video/top5' not in evaluate(samples(classes=3))


def test_averaged_clips_are_refused():
    sample = dict(pred_score=torch.ones(5), gt_label=torch.tensor([0]))
    with pytest.raises(ValueError, match='ClipVideoHead.*average_clips=None'):
        evaluate([sample])


def test_missing_field_is_named():
    with pytest.raises(KeyError, match="split_by='speed'.*meta_keys"):
        evaluate(samples(), split_by='speed')


def test_bad_topk_is_named():
    with pytest.raises(ValueError, match='topk'):
        evaluate([], topk=(0,))


@pytest.mark.parametrize('label', [-1, 3, 5])
def test_label_outside_the_classes_is_named(label):
    sample = dict(clip_logits=torch.ones(2, 3), gt_label=torch.tensor([label]))
    with pytest.raises(ValueError, match=f'Label {label} with num_classes=3.*0 to 2'):
        evaluate([sample])


def test_dump_gives_what_the_test_gave(tmp_path):
    (tmp_path / 'dump.pkl').write_bytes(pickle.dumps(samples()))
    found = evaluate_dump(str(tmp_path / 'dump.pkl'), split_by='motion', topk=(1, 2))
    assert found == evaluate(samples(), split_by='motion', topk=(1, 2))


@pytest.mark.parametrize('names', [None, [f'motion {i}' for i in range(7)]])
def test_accuracy_of_every_class(names, tmp_path):
    data = samples(videos=12, classes=7, seed=3)
    path = tmp_path / 'new' / 'classes.json'
    metric = build(names and dict(classes=names), per_class_file=str(path))
    assert metric.per_class is None
    metric.process(None, data)
    mean = metric.evaluate(len(data))
    table = json.loads(path.read_text())
    assert table == metric.per_class
    assert list(table) == [str(label) for label in range(7)]
    for label, row in table.items():
        assert row['name'] == (names[int(label)] if names else f'class {label}')
        own = [s for s in data if int(s['gt_label']) == int(label)]
        assert row['videos'] == len(own)
        expected = evaluate(own) if own else {}
        assert row['video'] == expected.get('video/top1')
        assert row['clip'] == expected.get('clip/top1')
    present = [row['video'] for row in table.values() if row['videos']]
    assert np.mean(present) == pytest.approx(mean['video/mean_class'])


def test_names_come_from_the_data_set(tmp_path):
    (tmp_path / 'names.txt').write_text('grow\nshrink\n')
    (tmp_path / 'videos.txt').write_text('a.mp4 0\n')
    for classes in (str(tmp_path / 'names.txt'), ['grow', 'shrink']):
        data_set = VideoDataset(
            str(tmp_path / 'videos.txt'), [], metainfo=dict(classes=classes)
        )
        metric = build(data_set.metainfo)
        metric.process(None, samples(videos=2, classes=2))
        metric.evaluate(2)
        names = {label: row['name'] for label, row in metric.per_class.items()}
        assert names == {'0': 'grow', '1': 'shrink'}


@pytest.mark.parametrize(
    'classes, message',
    [
        (['a', 'b'], 'names 2 classes, the head has num_classes=7'),
        (list('abcdefgh'), 'names 8 classes, the head has num_classes=7'),
        ('gone.txt', "classes='gone.txt', which is no file"),
    ],
)
def test_wrong_names_of_classes_are_refused(classes, message):
    with pytest.raises(ValueError, match=message):
        build(dict(classes=classes)).process(None, samples())


WORKER = """
import json, os, sys
import dem_mmaction
from clips import samples
from mmaction.registry import METRICS
from mmengine.dist import get_rank, get_world_size
from mmengine.runner import runner

runner.init_dist('pytorch', backend='gloo')
data = samples(videos=11)
metric = METRICS.build(dict(type='ClipVideoAccuracy', split_by='motion'))
ranks = get_world_size()
padded = (len(data) + ranks - 1) // ranks * ranks  # as the sampler of MMEngine pads
for i in range(get_rank(), padded, ranks):
    metric.process(None, [data[i % len(data)]])
result = dict(metrics=metric.evaluate(len(data)), per_class=metric.per_class)
print(f'RESULT{json.dumps(result)}', flush=True)
os._exit(0)  # gloo's threads can abort an interpreter that ends
"""


@pytest.mark.parametrize('processes', [2, 4])
def test_same_in_several_processes_that_do_not_divide_the_videos(processes, tmp_path):
    worker = tmp_path / 'worker.py'
    worker.write_text(WORKER)
    printed = run_tool(worker, cwd=Path(__file__).parent, ranks=processes)
    results = [json.loads(part.splitlines()[0]) for part in printed.split('RESULT')[1:]]
    assert len(results) == processes
    alone = build(split_by='motion')
    alone.process(None, samples(videos=11))
    metrics = alone.evaluate(11)
    assert all(result['metrics'] == pytest.approx(metrics) for result in results)
    tables = [result['per_class'] for result in results if result['per_class']]
    assert tables == [alone.per_class]  # of the main process
