"""Accuracy of clips and of videos from one test run (section 4.1.3 of the thesis)."""

import json
import logging
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmaction.evaluation import top_k_accuracy
from mmaction.registry import METRICS
from mmengine.evaluator import BaseMetric
from mmengine.fileio import load
from mmengine.logging import print_log
from scipy.special import log_softmax


@METRICS.register_module()
class ClipVideoAccuracy(BaseMetric):
    """Clip and video accuracy and cross-entropy.

    A clip counts by itself; a video by the mean of its clips' softmax. Reads the logits
    of :class:`ClipVideoHead`, or those of any MMAction2 head with
    ``average_clips=None``. Results are gathered from all processes and every process
    gets the same numbers.

    Reports, each in [0, 1] but the last: ``video/top1``, ``video/top5``, ``clip/top1``,
    ``clip/top5``, ``video/mean_class``, and ``loss``, the clips' mean cross-entropy. A
    class without a video is named in a warning and left out of the mean over classes;
    MMAction2's ``AccMetric`` takes it for 0 once it is predicted.

    Args:
        topk: The k of top-k; those above the number of classes are left out.
        split_by: A field of the annotation list. Adds ``video/top1_VALUE`` and
            ``clip/top1_VALUE`` for each of its values.
        per_class_file: A JSON file to write the accuracy of every class to, see
            :func:`class_accuracy`.
        collect_device: ``'cpu'`` or ``'gpu'``, where results are gathered.
        prefix: Set before every name.
    """

    default_prefix = ''  # names say what they are; None would be warned of

    def __init__(
        self,
        topk: Sequence[int] = (1, 5),
        split_by: str | None = None,
        per_class_file: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        if min(topk) < 1:
            raise ValueError(f'topk={topk} must be 1 or more.')
        self.topk = tuple(topk)
        self.split_by = split_by
        self.per_class_file = per_class_file
        self._warned = False

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep logits, label and field of each video.

        Raises:
            ValueError: The head averaged the clips, or a label is not one of its
                classes.
            KeyError: The annotation list has no such field.
        """
        for sample in data_samples:
            logits = sample.get('clip_logits', sample.get('pred_score'))
            if logits is None or logits.ndim != 2:
                raise ValueError(
                    'There are no scores of single clips: the head averaged them. Use '
                    "cls_head=dict(type='ClipVideoHead', ...) or average_clips=None."
                )
            label = int(sample['gt_label'])
            if not 0 <= label < logits.shape[1]:
                raise ValueError(
                    f'Label {label} with num_classes={logits.shape[1]} of the head: '
                    f'labels must be 0 to {logits.shape[1] - 1}.'
                )
            result = dict(logits=logits.float().cpu().numpy(), label=label)
            if self.split_by is not None:
                if self.split_by not in sample:
                    raise KeyError(
                        f"split_by='{self.split_by}': samples have {sorted(sample)}. "
                        "Give the field in the annotation list ('path label "
                        f"{self.split_by}=...') and in meta_keys of PackActionInputs."
                    )
                result['group'] = str(sample[self.split_by])
            self.results.append(result)

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """The numbers listed above, from the results of all videos."""
        self._warn_of_absent_classes(results)
        metrics = OrderedDict(accuracy(results, self.topk))
        if self.split_by is not None:
            for group in sorted({result['group'] for result in results}):
                part = [result for result in results if result['group'] == group]
                for name, value in accuracy(part, (1,)).items():
                    if name.endswith('top1'):
                        metrics[f'{name}_{group}'] = value
        if self.per_class_file is not None:  # the main process alone comes here
            path = Path(self.per_class_file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(class_accuracy(results), indent=1) + '\n')
        return metrics

    def _warn_of_absent_classes(self, results: list[dict]) -> None:
        num_classes = results[0]['logits'].shape[1]
        absent = sorted(set(range(num_classes)) - {r['label'] for r in results})
        if absent and not self._warned:
            some = ', '.join(map(str, absent[:20]))
            print_log(
                f'{len(absent)} of {num_classes} classes have no video in the list: '
                f'{some}{" ..." if len(absent) > 20 else ""}. They are left out of '
                'video/mean_class and have no accuracy of their own.',
                logger='current',
                level=logging.WARNING,
            )
            self._warned = True  # once, not after every epoch


def evaluate_dump(path: str, **kwargs) -> dict[str, float]:
    """The metrics of predictions that ``test.py --dump`` wrote, without the network.

    Args:
        path: The pickle file.
        **kwargs: Arguments of :class:`ClipVideoAccuracy`.
    """
    metric = ClipVideoAccuracy(**kwargs)
    metric.process(None, load(path))
    return metric.compute_metrics(metric.results)


def class_accuracy(results: Sequence[dict]) -> dict[str, dict[str, float | int | None]]:
    """Top-1 of every class, by clips and by videos.

    Args:
        results: As in :func:`accuracy`.

    Returns:
        ``{label: {'video': top1, 'clip': top1, 'videos': count}}`` with labels as
        strings; None where a class has no video.
    """
    by_label = [[] for _ in range(results[0]['logits'].shape[1])]
    for result in results:
        by_label[result['label']].append(result)
    table = {}
    for label, own in enumerate(by_label):
        numbers = accuracy(own, (1,)) if own else {}
        table[str(label)] = dict(
            video=numbers.get('video/top1'),
            clip=numbers.get('clip/top1'),
            videos=len(own),
        )
    return table


def accuracy(results: Sequence[dict], topk: Sequence[int] = (1, 5)) -> dict[str, float]:
    """Clip and video accuracy of a list of videos.

    Args:
        results: One dict a video with ``logits``, (clips, num_classes), and ``label``.
        topk: The k of top-k; those above the number of classes are left out.
    """
    log_probs = [log_softmax(result['logits'], axis=1) for result in results]
    labels = [result['label'] for result in results]
    clip_labels = np.repeat(labels, [len(clips) for clips in log_probs])
    clips = np.concatenate(log_probs)
    videos = np.stack([np.exp(clips).mean(axis=0) for clips in log_probs])

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
