import numpy as np
import pytest
from clips import samples
from hypothesis import given
from hypothesis import strategies as st

from dem_mmaction.evaluation import accuracy, class_accuracy


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


@given(st.lists(st.integers(1, 4), min_size=5, max_size=12), st.integers(0, 99))
def test_videos_may_have_different_numbers_of_clips(clips, seed):
    draw = np.random.default_rng(seed)
    data = [
        dict(logits=draw.normal(size=(n, 3)), label=i % 3) for i, n in enumerate(clips)
    ]
    probabilities = [
        np.exp(video['logits']) / np.exp(video['logits']).sum(1, keepdims=True)
        for video in data
    ]
    labels = np.array([video['label'] for video in data])
    results = accuracy(data, topk=(1, 2))
    means = np.stack([p.mean(0) for p in probabilities])
    right = means.argmax(1) == labels
    assert results['video/top1'] == pytest.approx(right.mean())
    place = (means > means[np.arange(len(data)), labels][:, None]).sum(1)
    assert results['video/top2'] == pytest.approx((place < 2).mean())
    by_class = [right[labels == label].mean() for label in range(3)]
    assert results['video/mean_class'] == pytest.approx(np.mean(by_class))
    clips = np.concatenate(probabilities)
    clip_labels = np.repeat(labels, [len(p) for p in probabilities])
    own = clips[np.arange(len(clips)), clip_labels]
    assert results['loss'] == pytest.approx(-np.log(own).mean())
    hits = clips.argmax(1) == clip_labels
    assert results['clip/top1'] == pytest.approx(hits.mean())


def test_class_accuracy_without_names():
    table = class_accuracy([dict(logits=np.eye(3)[[1, 1, 0, 0, 0]], label=1)])
    assert table['1'] == dict(name='class 1', video=0, clip=0.4, videos=1)
    assert table['2'] == dict(name='class 2', video=None, clip=None, videos=0)
