"""A test under several conditions in one pass over the videos."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import torch
from mmaction.registry import LOOPS
from mmengine import dist
from mmengine.evaluator import Evaluator
from mmengine.runner import Runner, TestLoop, autocast
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode

from dem_mmaction.evaluation import ClipVideoAccuracy

from .results import ConditionResult

# Arguments of metrics that name a file to write: each condition gets one of its own.
_FILES = ('per_class_file', 'out_file_path')


@LOOPS.register_module()
class ConditionTestLoop(TestLoop):
    """Test on what :class:`SampleConditions` returns, each condition by itself.

    Every condition has an evaluator of its own, built from the config's. What they
    find is in :attr:`results`; hooks and loggers get the metrics behind
    ``<condition>/``, with ``<condition>/too_short``, the number of videos that are
    shorter than one clip. A file that a metric writes gets ``_<condition>`` at the end
    of its name.

    Args:
        runner: The runner.
        dataloader: The test loader, or its config.
        evaluator: The config of the evaluator; built once a condition.
        conditions: The names of the conditions of ``SampleConditions``.
        fp16: Test in mixed precision.

    Attributes:
        results: By the name of each condition; there once the test has ended. Accuracy
            by class and predictions are in those of the main process alone.
        labels: The label of each video, in the order of the list; likewise.
        multiply_adds: Those of convolutions and matrix products on the clips of the
            first video, under one condition.
    """

    #: The metrics that hooks and loggers get; None: all.
    LOGGED: ClassVar[tuple[str, ...] | None] = None

    def __init__(
        self,
        runner: Runner,
        dataloader: DataLoader | dict,
        evaluator: dict | list,
        conditions: Sequence[str],
        fp16: bool = False,
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16)
        self.evaluators: dict[str, Evaluator] = {
            name: runner.build_evaluator(_of_condition(evaluator, name))
            for name in conditions
        }
        for own in self.evaluators.values():
            own.dataset_meta = self.evaluator.dataset_meta
        self.results: dict[str, ConditionResult] = {}
        self.labels: tuple[int, ...] = ()
        self.multiply_adds: int | None = None

    def run(self) -> dict[str, float]:
        """Test; the metrics of all conditions, the same in every process."""
        self.runner.call_hook('before_test')
        self.runner.call_hook('before_test_epoch')
        self.runner.model.eval()
        self._too_short = dict.fromkeys(self.evaluators, 0)
        for idx, data_batch in enumerate(self.dataloader):
            self.run_iter(idx, data_batch)

        self.results = self.collect()
        metrics = {}
        for name, result in self.results.items():
            for metric, value in result.metrics.items():
                if self.LOGGED is None or metric in self.LOGGED:
                    metrics[f'{name}/{metric}'] = value
            metrics[f'{name}/too_short'] = result.too_short
        self.runner.call_hook('after_test_epoch', metrics=metrics)
        self.runner.call_hook('after_test')
        return metrics

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """Test a batch of videos under every condition."""
        self.runner.call_hook('before_test_iter', batch_idx=idx, data_batch=data_batch)
        outputs = []
        for name, evaluator in self.evaluators.items():
            clips = data_batch['clips'][name]
            outputs = self.predict(clips)
            evaluator.process(data_samples=outputs, data_batch=clips)
            self._too_short[name] += sum(map(int, data_batch['too_short'][name]))
        self.runner.call_hook(
            'after_test_iter', batch_idx=idx, data_batch=data_batch, outputs=outputs
        )

    def collect(self) -> dict[str, ConditionResult]:
        """What all processes have found, by condition."""
        return {name: self._result(name) for name in self.evaluators}

    def predict(self, clips: dict) -> list:
        """What the model gives for a batch of clips."""
        with autocast(enabled=self.fp16), self._counting(len(clips['inputs'])):
            return self.runner.model.test_step(clips)

    @contextmanager
    def _counting(self, videos: int) -> Iterator[None]:
        """Count the multiply-adds of the first batch."""
        if self.multiply_adds is not None:
            yield
            return
        with FlopCounterMode(display=False) as counter:
            yield
        self.multiply_adds = counter.get_total_flops() // (2 * videos)

    def _result(self, name: str) -> ConditionResult:
        """Gather what the processes have found under a condition."""
        evaluator, videos = self.evaluators[name], len(self.dataloader.dataset)
        metrics = evaluator.evaluate(videos)
        too_short = torch.tensor(self._too_short[name])
        dist.all_reduce(too_short)
        # Samplers of several processes repeat videos to share them evenly.
        result = ConditionResult(metrics, too_short=min(int(too_short), videos))
        for metric in evaluator.metrics:
            if isinstance(metric, ClipVideoAccuracy) and metric.per_class:
                self.labels = tuple(metric.labels)
                return replace(
                    result,
                    classes=metric.per_class,
                    predictions=tuple(metric.predictions),
                )
        return result


def _of_condition(evaluator: dict | list, name: str) -> dict | list:
    """The config of an evaluator whose files are named after a condition."""
    if isinstance(evaluator, (list, tuple)):
        return [_of_condition(metric, name) for metric in evaluator]
    files = {key: Path(evaluator[key]) for key in _FILES if evaluator.get(key)}
    named = {
        key: str(path.with_name(f'{path.stem}_{name}{path.suffix}'))
        for key, path in files.items()
    }
    return dict(evaluator, **named)
