import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from mmaction.evaluation import AccMetric
from mmaction.registry import METRICS
from mmengine.logging import MMLogger

from dem_mmaction.evaluation.clip_video_accuracy import accuracy


def samples(videos=20, clips=3, classes=7, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [
        dict(
            clip_logits=torch.randn(clips, classes, generator=generator),
            gt_label=torch.tensor([i % classes]),  # no class is absent
            motion='steady' if i % 3 else 'varied',
        )
        for i in range(videos)
    ]


def evaluate(data, **kwargs):
    metric = METRICS.build(dict(type='ClipVideoAccuracy', **kwargs))
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


def test_average_is_of_probabilities_not_of_logits():
    # One very sure clip outweighs two that lean the other way in logits alone.
    logits = np.array([[9.0, 0.0], [0.0, 2.0], [0.0, 2.0]])
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert logits.mean(0).argmax() == 0 and probabilities.mean(0).argmax() == 1
    results = accuracy([dict(logits=logits, label=1)], topk=(1,))
    assert results['video/top1'] == 1
    assert results['clip/top1'] == pytest.approx(2 / 3)


@given(st.integers(1, 6), st.integers(1, 5), st.integers(2, 6), st.integers(0, 99))
def test_one_clip_a_video_makes_both_accuracies_one(videos, clips, classes, seed):
    data = [
        dict(logits=np.asarray(s['clip_logits']), label=int(s['gt_label']))
        for s in samples(videos, clips, classes, seed)
    ]
    results = accuracy(data, topk=(1, classes))
    assert results[f'video/top{classes}'] == results[f'clip/top{classes}'] == 1
    if clips == 1:
        assert results['video/top1'] == results['clip/top1']


def test_a_class_absent_from_the_list_is_named_and_left_out(tmp_path):
    # Labels 0 and 2 of 4; every video of 0 is right, every one of 2 is taken for 1.
    data = [
        dict(
            clip_logits=torch.eye(4)[[0 if label == 0 else 1]],
            gt_label=torch.tensor([label]),
        )
        for label in (0, 2, 2, 2)
    ]
    path = tmp_path / 'new' / 'classes.json'
    metric = METRICS.build(dict(type='ClipVideoAccuracy', per_class_file=str(path)))
    logged = []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())
    logger = MMLogger.get_current_instance()
    logger.addHandler(handler)
    for _ in range(2):
        metric.process(None, data)
        results = metric.evaluate(len(data))
    logger.removeHandler(handler)
    # MMAction2 would count class 1, which was predicted, as a third one at 0.
    assert results['video/mean_class'] == 0.5
    assert len(logged) == 1
    assert '2 of 4 classes have no video in the list: 1, 3.' in logged[0]
    classes = json.loads(path.read_text())
    assert classes['1'] == dict(video=None, clip=None, videos=0)
    assert classes['2'] == dict(video=0, clip=0, videos=3)


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


def test_label_outside_the_classes_is_named():
    sample = dict(clip_logits=torch.ones(2, 3), gt_label=torch.tensor([5]))
    with pytest.raises(ValueError, match='Label 5 with num_classes=3'):
        evaluate([sample])


def test_accuracy_of_every_class(tmp_path):
    data = samples(videos=12, classes=7, seed=3)
    mean = evaluate(data, per_class_file=str(tmp_path / 'new' / 'classes.json'))
    table = json.loads((tmp_path / 'new' / 'classes.json').read_text())
    assert list(table) == [str(label) for label in range(7)]
    for label, row in table.items():
        own = [s for s in data if int(s['gt_label']) == int(label)]
        assert row['videos'] == len(own)
        expected = evaluate(own) if own else {}
        assert row['video'] == expected.get('video/top1')
        assert row['clip'] == expected.get('clip/top1')
    present = [row['video'] for row in table.values() if row['videos']]
    assert np.mean(present) == pytest.approx(mean['video/mean_class'])


WORKER = """
import json, os, sys
sys.path.insert(0, {tests!r})
import dem_mmaction
from mmengine.dist import get_rank, get_world_size
from mmengine.runner import runner
from test_clip_video_accuracy import METRICS, samples

runner.init_dist('pytorch', backend='gloo')
data = samples(videos=11)
metric = METRICS.build(dict(type='ClipVideoAccuracy', split_by='motion'))
ranks = get_world_size()
padded = (len(data) + ranks - 1) // ranks * ranks  # as the sampler of MMEngine pads
for i in range(get_rank(), padded, ranks):
    metric.process(None, [data[i % len(data)]])
# In one write: torchrun's processes share an unbuffered output.
sys.stdout.write(f'RESULT{{json.dumps(metric.evaluate(len(data)))}}\\n')
sys.stdout.flush()
os._exit(0)  # gloo's threads can abort an interpreter that ends
"""


@pytest.mark.parametrize('processes', [2, 4])
def test_same_in_several_processes_that_do_not_divide_the_videos(processes, tmp_path):
    (tmp_path / 'worker.py').write_text(WORKER.format(tests=str(Path(__file__).parent)))
    done = subprocess.run(
        [
            sys.executable,
            '-m',
            'torch.distributed.run',
            f'--nproc_per_node={processes}',
            f'--master_port={29620 + processes}',
            str(tmp_path / 'worker.py'),
        ],
        capture_output=True,
        text=True,
        timeout=200,
        env=dict(
            os.environ,
            OMP_NUM_THREADS='1',
            PYTHONWARNINGS='ignore',
            PYTHONPATH=str(Path(__file__).resolve().parents[2]),
        ),
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results = [
        json.loads(part.splitlines()[0]) for part in done.stdout.split('RESULT')[1:]
    ]
    assert len(results) == processes
    alone = evaluate(samples(videos=11), split_by='motion')
    assert all(result == pytest.approx(alone) for result in results)
