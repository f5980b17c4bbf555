"""Accuracy of clips and of videos from one test run (section 4.1.3 of the thesis)."""

import json
import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from mmaction.registry import METRICS
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from dem_mmaction.utils import write_text

from .accuracy import accuracy, class_accuracy, predictions
from .dump import read_dump


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

    Videos that could not be read, which ``BadVideosHook`` marks, are left out: a line
    of the log says how many of how many were tested, and names those that were not.

    Names of classes are those of the data set: set ``metainfo=dict(classes=...)`` of
    the data set to a list of names or to a file with one name a line.

    Args:
        topk: The k of top-k. Those above the number of classes are left out.
        split_by: A field of the annotation list. Adds ``video/top1_VALUE`` and
            ``clip/top1_VALUE`` for each of its values.
        per_class_file: A JSON file to write ``per_class`` to.
        collect_device: ``'cpu'`` or ``'gpu'``, where results are gathered.
        prefix: Set before every name.

    Attributes:
        per_class: The accuracy of every class in the last evaluation, see
            :func:`class_accuracy`. None before it, and in all but the main process.
        predictions: The class that each video of the last evaluation was taken for, in
            the order of the list. None as above.
        labels: The label of each video, in the same order. None as above.

    Raises:
        ValueError: A k is below 1.
    """

    default_prefix = ''  # names say what they are; None would be warned of
    leaves_out_bad_videos = True  # asked for by BadVideosHook

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
        self.per_class: dict[str, dict] | None = None
        self.predictions: list[int] | None = None
        self.labels: list[int] | None = None
        self._warned = False

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep logits, label and field of each video.

        Raises:
            ValueError: The head averaged the clips, scores are not finite, a label is
                not one of its classes, or the data set names another number of classes.
            KeyError: The annotation list has no such field.
        """
        for sample in data_samples:
            if sample.get('bad_videos'):
                # The first is the one of the list, the rest stood in for it in vain.
                self.results.append(dict(bad=sample['bad_videos'][0]))
                continue
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
            if not logits.isfinite().all():
                raise ValueError(
                    f"The scores of '{sample.get('filename', 'a video')}' are not "
                    'finite: the weights are not, or the network overflows.'
                )
            self._class_names(logits.shape[1])
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
        """Return the numbers listed above. The main process alone comes here.

        Args:
            results: What ``process`` kept, of the videos of all processes.
        """
        results = self._tested(results)
        names = self._class_names(results[0]['logits'].shape[1])
        self.per_class = class_accuracy(results, names)
        self.predictions = predictions(results)
        self.labels = [result['label'] for result in results]
        if self.per_class_file is not None:
            text = json.dumps(self.per_class, indent=1)
            write_text(self.per_class_file, text + '\n')
        self._warn_of_absent_classes(named=names is not None)

        metrics = OrderedDict(accuracy(results, self.topk))
        if self.split_by is not None:
            for group in sorted({result['group'] for result in results}):
                part = [result for result in results if result['group'] == group]
                for name, value in accuracy(part, (1,)).items():
                    if name.endswith('top1'):
                        metrics[f'{name}_{group}'] = value
        return metrics

    def _tested(self, results: list[dict]) -> list[dict]:
        """The videos that could be read; says which could not.

        Raises:
            ValueError: None could be read.
        """
        tested = [result for result in results if 'bad' not in result]
        bad = [result['bad'] for result in results if 'bad' in result]
        if bad:
            print_log(
                f'Accuracy is that of {len(tested):,} of {len(results):,} videos. '
                'Not read: '
                + '; '.join(f'{path} ({reason})' for path, reason in bad)
                + '.',
                logger='current',
                level=logging.WARNING,
            )
        if not tested:
            raise ValueError('No video could be read: there is no accuracy.')
        return tested

    def _class_names(self, num_classes: int) -> Sequence[str] | None:
        """Return the data set's names of classes, checked; None if it has none."""
        names = (self.dataset_meta or {}).get('classes')
        if names is None:
            return None
        if isinstance(names, str):  # what MMEngine leaves where there is no such file
            raise ValueError(
                f"metainfo of the data set has classes='{names}', which is no file "
                'with one name a line, nor a list of names.'
            )
        if len(names) != num_classes:
            raise ValueError(
                f'metainfo of the data set names {len(names)} classes, the head has '
                f'num_classes={num_classes}: give one name a class, in the order of '
                'labels.'
            )
        return names

    def _warn_of_absent_classes(self, named: bool) -> None:
        absent = [
            f'{label} ({row["name"]})' if named else label
            for label, row in self.per_class.items()
            if not row['videos']
        ]
        if absent and not self._warned:
            print_log(
                f'{len(absent)} of {len(self.per_class)} classes have no video in the '
                f'list: {", ".join(absent[:20])}{" ..." if len(absent) > 20 else ""}. '
                'They are left out of video/mean_class and have no accuracy of their '
                'own.',
                logger='current',
                level=logging.WARNING,
            )
            self._warned = True  # once, not after every epoch


def evaluate_dump(path: str, **kwargs) -> dict[str, float]:
    """Compute the metrics of predictions that ``test.py --dump`` wrote.

    Args:
        path: The pickle file. Nothing in it is executed: see :func:`read_dump`.
        **kwargs: Arguments of :class:`ClipVideoAccuracy`.

    Raises:
        ValueError: The file is no such dump.
    """
    metric = ClipVideoAccuracy(**kwargs)
    metric.process(None, read_dump(path))
    return metric.compute_metrics(metric.results)
