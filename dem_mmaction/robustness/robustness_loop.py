"""A test under many conditions that goes on where it was cut off."""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from mmaction.registry import DATASETS, LOOPS
from mmengine.logging import print_log
from mmengine.runner import Runner
from torch.utils.data import Dataset, Subset

from .conditions import CLEAN
from .journal import Journal
from .loop import ConditionTestLoop
from .results import ConditionResult
from .video_records import (
    VideoRecord,
    fixed_frames,
    keep_clips_apart,
    record_of,
    result_of,
)


class _Remaining(Subset):
    """The part of a data set that is still to be tested."""

    @property
    def metainfo(self) -> dict:
        return self.dataset.metainfo


@LOOPS.register_module()
class RobustnessTestLoop(ConditionTestLoop):
    """Test under every condition, keep small records, go on after a kill.

    What was found is written to a journal batch by batch, see :class:`.Journal`. Videos
    that it has are not read again. A condition that the network or a video refuses is
    left out from then on, and :attr:`refused` has the reason; an error under the clean
    condition is raised.

    Args:
        runner: The runner.
        dataloader: The config of the test loader.
        evaluator: Not used: all metrics are computed from the records.
        conditions: The names of the conditions of ``SampleConditions``, the clean one
            first.
        folder: Folder of the journal.
        frames: By the name of a condition with another number of frames, that number.
        fp16: Test in mixed precision.

    Attributes:
        results: By the name of each condition; there once the test has ended, the same
            in every process.
        refused: By the name of a condition that was left out, why.
        labels: The label of each video, in the order of the list.
        classes: The names of the classes; empty where the data set names none.
    """

    # Hundreds of numbers would make a line that nobody reads.
    LOGGED = ('video/top1',)

    def __init__(
        self,
        runner: Runner,
        dataloader: dict,
        evaluator: dict | list,
        conditions: Sequence[str],
        folder: str,
        frames: Mapping[str, int] = {},
        fp16: bool = False,
    ) -> None:
        self.journal = Journal(Path(folder))
        dataloader = copy.deepcopy(dataloader)
        dataset = DATASETS.build(dataloader['dataset'])
        dataset.full_init()
        self._videos = len(dataset)
        dataloader['dataset'] = self._remaining(dataset)
        super().__init__(runner, dataloader, [], conditions, fp16)
        self.refused: dict[str, str] = {}
        for line in self.journal.found:
            self.refused.update(line['refused'])
            self.multiply_adds = line['multiply_adds']
        self.classes = tuple((dataset.metainfo or {}).get('classes') or ())
        self._by_score = keep_clips_apart(runner.model)
        self._refuse_lengths(frames)

    def _remaining(self, dataset: Dataset) -> Subset:
        done = {index for line in self.journal.found for index in line['videos']}
        return _Remaining(dataset, [i for i in range(len(dataset)) if i not in done])

    def _refuse_lengths(self, frames: Mapping[str, int]) -> None:
        fixed = fixed_frames(self.runner.model)
        for name, number in frames.items():
            if fixed is not None and number != fixed[1]:
                self._refuse(
                    name, f'the network takes {fixed[1]} frames alone ({fixed[0]})'
                )

    def _refuse(self, name: str, reason: str) -> None:
        if name not in self.refused:
            self.refused[name] = reason
            print_log(f"'{name}' is not tested: {reason}", logger='current')

    def run(self) -> dict[str, float]:
        """Test what is missing; the metrics of all conditions."""
        if not len(self.dataloader.dataset):
            self.dataloader = ()  # samplers cannot share out nothing
        return super().run()

    @torch.no_grad()
    def run_iter(self, idx: int, data_batch: dict) -> None:
        """Test a batch of videos under every condition, and write it down."""
        hook = dict(batch_idx=idx, data_batch=data_batch)
        self.runner.call_hook('before_test_iter', **hook)
        refused_before, outputs, labels = dict(self.refused), [], []
        records, too_short = {}, {}
        for name in self.evaluators:
            for error in filter(None, data_batch['errors'][name]):
                self._refuse(name, error)
            if name in self.refused:
                continue
            try:
                outputs = [
                    own.to_dict() for own in self.predict(data_batch['clips'][name])
                ]
                records[name] = [record_of(own, self._by_score) for own in outputs]
            except Exception as error:  # whatever a network of others raises
                if name == CLEAN.name:
                    raise
                first = (str(error) or type(error).__name__).splitlines()[0]
                self._refuse(name, f'{type(error).__name__}: {first}')
                continue
            labels = [int(own['gt_label']) for own in outputs]
            self._num_classes = _num_classes(outputs[0])
            too_short[name] = list(map(bool, data_batch['too_short'][name]))
        self.journal.write(
            dict(
                videos=list(map(int, data_batch['index'])),
                labels=labels,
                num_classes=self._num_classes,
                records=records,
                too_short=too_short,
                multiply_adds=self.multiply_adds,
                refused={
                    name: reason
                    for name, reason in self.refused.items()
                    if name not in refused_before
                },
            )
        )
        self.runner.call_hook('after_test_iter', **hook, outputs=outputs)

    def collect(self) -> dict[str, ConditionResult]:
        """Gather what all processes and all calls have found."""
        lines = self.journal.gather()
        for line in lines:
            self.refused.update(line['refused'])
        # Samplers of several processes repeat videos to share them evenly.
        found = {
            video: (line, place)
            for line in lines
            for place, video in enumerate(line['videos'])
        }
        if missing := self._videos - len(found):
            raise RuntimeError(f'{missing} of {self._videos} videos were not tested.')
        places = [found[video] for video in sorted(found)]
        self.labels = tuple(line['labels'][place] for line, place in places)
        return {
            name: result_of(
                [_record(line['records'][name][place]) for line, place in places],
                self.labels,
                lines[0]['num_classes'],
                sum(line['too_short'][name][place] for line, place in places),
            )
            for name in self.evaluators
            if name not in self.refused
        }


def _record(values: Sequence) -> VideoRecord:
    rank, prediction, score, clip_ranks, loss = values
    return VideoRecord(rank, prediction, score, tuple(clip_ranks), loss)


def _num_classes(output: Mapping) -> int:
    return int(output.get('clip_logits', output.get('pred_score')).shape[-1])
