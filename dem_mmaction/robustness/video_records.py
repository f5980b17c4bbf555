"""What is kept of each video under a condition: enough for every figure, and small."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.special import log_softmax, softmax
from torch import nn

from .results import ConditionResult

_TOP = (1, 5)


class VideoRecord(NamedTuple):
    """The outcome of one video under one condition.

    Attributes:
        rank: The place of the true class among the scores of the video, 0 for the
            highest.
        prediction: The class of the highest score.
        score: That score, in [0, 1], rounded.
        clip_ranks: The place of the true class among the scores of each clip.
        loss: Sum of the clips' cross-entropy.
    """

    rank: int
    prediction: int
    score: float
    clip_ranks: tuple[int, ...]
    loss: float


def record_of(sample: Mapping[str, Any], by_score: bool = False) -> VideoRecord:
    """Make the record of a video from what the head gives, logits of each clip.

    Args:
        sample: A data sample as a dict, with ``gt_label`` and ``clip_logits`` or
            ``pred_score``, (clips, num_classes).
        by_score: Average logits instead of the softmax of the clips.

    Raises:
        ValueError: There are no scores of single clips, they are not finite, or the
            label is none of the classes.
    """
    logits = sample.get('clip_logits', sample.get('pred_score'))
    if logits is None or logits.ndim != 2:
        raise ValueError(
            'The head gives no scores of single clips: it needs average_clips=None.'
        )
    logits, label = logits.float().cpu().numpy(), int(sample['gt_label'])
    if not 0 <= label < logits.shape[1]:
        raise ValueError(
            f'Label {label} with {logits.shape[1]} classes of the head: labels must be '
            f'0 to {logits.shape[1] - 1}.'
        )
    if not np.isfinite(logits).all():
        raise ValueError('The scores are not finite: the network overflows.')
    log_probs = log_softmax(logits, axis=1)
    scores = softmax(logits.mean(axis=0)) if by_score else np.exp(log_probs).mean(0)
    return VideoRecord(
        _rank(scores, label),
        int(scores.argmax()),
        round(float(scores.max()), 4),
        tuple(_rank(clip, label) for clip in log_probs),
        round(float(-log_probs[:, label].sum()), 6),
    )


def _rank(scores: np.ndarray, label: int) -> int:
    """The order of MMAction2's ``top_k_accuracy``."""
    return int(np.flatnonzero(np.argsort(scores)[::-1] == label)[0])


def result_of(
    records: Sequence[VideoRecord],
    labels: Sequence[int],
    num_classes: int,
    too_short: int = 0,
) -> ConditionResult:
    """The results under a condition, with the metrics of ``ClipVideoAccuracy``.

    Args:
        records: Those of all videos, in the order of the list.
        labels: The label of each.
        num_classes: Number of classes; no top-k is given for a k above it.
        too_short: Number of videos that are shorter than one clip.
    """
    ranks = np.array([own.rank for own in records])
    clips = np.concatenate([own.clip_ranks for own in records])
    metrics = {}
    for name, places in (('video', ranks), ('clip', clips)):
        for k in _TOP:
            if k <= num_classes:
                metrics[f'{name}/top{k}'] = float((places < k).mean())
    predictions = tuple(own.prediction for own in records)
    hits, labels = np.equal(predictions, labels), np.array(labels)
    metrics['video/mean_class'] = float(
        np.mean([hits[labels == label].mean() for label in np.unique(labels)])
    )
    metrics['loss'] = float(sum(own.loss for own in records) / len(clips))
    return ConditionResult(
        metrics,
        too_short,
        predictions=predictions,
        ranks=tuple(ranks.tolist()),
        scores=tuple(own.score for own in records),
    )


def keep_clips_apart(model: nn.Module) -> bool:
    """Let the heads of a recognizer give the scores of each clip, in place of a mean.

    Args:
        model: The recognizer; changed.

    Returns:
        Whether a head averaged the scores, not the softmax, see :func:`record_of`.
    """
    by_score = False
    for module in model.modules():
        if hasattr(module, 'average_clips'):
            by_score |= module.average_clips == 'score'
            module.average_clips = None
    return by_score


def fixed_frames(model: nn.Module) -> tuple[str, int] | None:
    """Where a network says that its number of frames is fixed, and at which.

    TSM, TAM and TRN are built for ``num_segments``; with others they would fail, or mix
    the frames of several videos.

    Returns:
        The name of the module and the number; None where nothing is fixed.
    """
    for name, module in model.named_modules():
        number = getattr(module, 'num_segments', None)
        if isinstance(number, int) and number > 1:
            return f'{name}.num_segments', number
    return None
