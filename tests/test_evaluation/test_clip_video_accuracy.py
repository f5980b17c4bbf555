import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from mmaction.evaluation import AccMetric
from mmaction.registry import METRICS

from dem_mmaction.evaluation.clip_video_accuracy import accuracy


def samples(videos=20, clips=3, classes=7, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [
        dict(
            clip_logits=torch.randn(clips, classes, generator=generator),
            gt_label=torch.randint(classes, (1, ), generator=generator),
            motion='steady' if i % 3 else 'varied') for i in range(videos)
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
        metric.process(None, [
            dict(pred_score=score, gt_label=label.view(1))
            for score, label in zip(scores, truth, strict=True)])
        return metric.evaluate(len(truth))

    video = acc_metric(logits.softmax(-1).mean(1), labels)
    clip = acc_metric(logits.flatten(0, 1), labels.repeat_interleave(3))
    assert results['video/top1'] == pytest.approx(video['acc/top1'])
    assert results['video/top5'] == pytest.approx(video['acc/top5'])
    assert results['video/mean_class'] == pytest.approx(video['acc/mean1'])
    assert results['clip/top1'] == pytest.approx(clip['acc/top1'])
    assert results['clip/top5'] == pytest.approx(clip['acc/top5'])
    loss = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), labels.repeat_interleave(3))
    assert results['loss'] == pytest.approx(loss.item(), rel=1e-5)


def test_average_is_of_probabilities_not_of_logits():
    # One very sure clip outweighs two that lean the other way in logits alone.
    logits = np.array([[9., 0.], [0., 1.], [0., 1.]])
    results = accuracy([dict(logits=logits, label=1)], topk=(1, ))
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert results['video/top1'] == float(probabilities.mean(0).argmax() == 1)
    assert results['clip/top1'] == pytest.approx(2 / 3)


@given(st.integers(1, 6), st.integers(1, 5), st.integers(2, 6), st.integers(0, 99))
def test_one_clip_a_video_makes_both_accuracies_one(videos, clips, classes, seed):
    data = [dict(logits=np.asarray(s['clip_logits']), label=int(s['gt_label']))
            for s in samples(videos, clips, classes, seed)]
    results = accuracy(data, topk=(1, classes))
    assert results[f'video/top{classes}'] == results[f'clip/top{classes}'] == 1
    if clips == 1:
        assert results['video/top1'] == results['clip/top1']


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
        evaluate([], topk=(0, ))


def test_label_outside_the_classes_is_named():
    sample = dict(clip_logits=torch.ones(2, 3), gt_label=torch.tensor([5]))
    with pytest.raises(ValueError, match='Label 5 with num_classes=3'):
        evaluate([sample])
