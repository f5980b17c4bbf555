"""Accuracy of clips, of videos and of classes, computed from logits."""

from collections.abc import Sequence

import numpy as np
from mmaction.evaluation import top_k_accuracy
from scipy.special import log_softmax


def accuracy(results: Sequence[dict], topk: Sequence[int] = (1, 5)) -> dict[str, float]:
    """Clip and video accuracy of a list of videos.

    Args:
        results: One dict a video with ``logits``, (clips, num_classes), and ``label``.
        topk: The k of top-k. Those above the number of classes are left out.

    Returns:
        The numbers that :class:`ClipVideoAccuracy` lists, by name.
    """
    log_probs = [log_softmax(result['logits'], axis=1) for result in results]
    labels = [result['label'] for result in results]
    clip_labels = np.repeat(labels, [len(clips) for clips in log_probs])
    clips, videos = np.concatenate(log_probs), _video_scores(log_probs)

    topk = tuple(k for k in topk if k <= clips.shape[1])
    metrics = {}
    for name, scores, truth in (
        ('video', videos, labels),
        ('clip', clips, clip_labels),
    ):
        values = top_k_accuracy(list(scores), list(truth), topk)
        for k, value in zip(topk, values, strict=True):
            metrics[f'{name}/top{k}'] = float(value)
    hits, labels = videos.argmax(axis=1) == labels, np.array(labels)
    metrics['video/mean_class'] = float(
        np.mean([hits[labels == label].mean() for label in np.unique(labels)])
    )
    metrics['loss'] = float(-clips[np.arange(len(clips)), clip_labels].mean())
    return metrics


def predictions(results: Sequence[dict]) -> list[int]:
    """The class that each video is taken for: that of its highest mean softmax.

    Args:
        results: As in :func:`accuracy`.
    """
    scores = _video_scores([log_softmax(own['logits'], axis=1) for own in results])
    return scores.argmax(axis=1).tolist()


def _video_scores(log_probs: Sequence[np.ndarray]) -> np.ndarray:
    """The mean softmax of each video's clips, (videos, num_classes)."""
    return np.stack([np.exp(clips).mean(axis=0) for clips in log_probs])


def class_accuracy(
    results: Sequence[dict], names: Sequence[str] | None = None
) -> dict[str, dict[str, str | float | int | None]]:
    """Top-1 accuracy of every class, by clips and by videos.

    Args:
        results: As in :func:`accuracy`.
        names: The name of each class, in the order of labels. None gives ``'class 0'``,
            ``'class 1'`` and so on.

    Returns:
        ``{label: {'name': name, 'video': top1, 'clip': top1, 'videos': count}}`` with
        labels as strings. Both accuracies are None for a class that has no video.
    """
    by_label = [[] for _ in range(results[0]['logits'].shape[1])]
    for result in results:
        by_label[result['label']].append(result)
    if names is None:
        names = [f'class {label}' for label in range(len(by_label))]
    table = {}
    for label, (name, own) in enumerate(zip(names, by_label, strict=True)):
        numbers = accuracy(own, (1,)) if own else {}
        table[str(label)] = dict(
            name=name,
            video=numbers.get('video/top1'),
            clip=numbers.get('clip/top1'),
            videos=len(own),
        )
    return table
