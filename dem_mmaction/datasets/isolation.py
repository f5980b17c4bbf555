"""A pipeline in a process of its own, which a decoder may take with it.

decord 0.6.0 aborts the process on some damaged files (``std::bad_alloc``) and waits for
ever on others (dmlc/decord issues 269 and 363, open-mmlab/mmaction2 472 and 838). A
process that lives on tells which file it was.
"""

import os
from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from torch.utils.data import get_worker_info

from .handover import UsedAgain
from .pipeline_child import Entry, LostError, Pipeline, PipelineChild
from .seed_sample import SeedSample
from .transforms.video_io import VideoReadError
from .watch import Notes

# How often what a child has begun is given up before none looks ahead.
_PATIENCE = 3


class IsolatedPipeline:
    """Calls a pipeline in a child process, one sample at a time.

    Results, exceptions and random numbers are those of a call in this process: the
    child starts each sample with the state of this process's generators and hands it
    back, also with an error. Where the child was lost, they stand where they stood, or
    where a :class:`SeedSample` of the pipeline puts them. The child is forked at the
    first call, also inside a worker of a loader, and anew where it was lost. A file
    that has cost a child is not opened again.

    Args:
        pipeline: The pipeline; entries must have a ``filename``.
        limit: Seconds that a sample may take.
        notes: Where to note the file that is being read, if anywhere.

    Raises:
        VideoReadError: The child was lost with a file, or took too long.
    """

    def __init__(
        self, pipeline: Pipeline, limit: float, notes: Notes | None = None
    ) -> None:
        self.pipeline, self.limit, self.notes = pipeline, limit, notes
        self._child: PipelineChild | None = None
        self._lost: dict[str, str] = {}
        self._expected: deque[Entry] = deque()
        self._given_up = 0
        self._memory = UsedAgain()

    def __getstate__(self) -> dict:
        # A copy, or a worker that is not forked, has a child and notes of its own.
        own = {'_child': None, 'notes': None, '_memory': UsedAgain()}
        return {**self.__dict__, **own}

    def expect(self, infos: Iterable[dict]) -> None:
        """Name the entries of the next calls, so that the child goes on between them.

        Results are the same where other calls come, or where random numbers are drawn
        in between: then what the child has begun is given up with it. After three times
        no child goes on by itself any more: a new one takes longer than a sample.

        Args:
            infos: The entries, in the order of the calls.
        """
        if self._given_up < _PATIENCE:
            self._expected = deque(map(Entry.of, infos))

    def __call__(self, info: dict) -> Any:
        """The sample of an entry, see above."""
        entry = Entry.of(info)
        following: deque[Entry] = deque()
        if self._expected and self._expected[0] == entry:
            self._expected.popleft()
            following = self._expected
        if entry.path in self._lost:
            raise self._bad_video(entry.path, info)
        if self.notes is not None:
            worker = get_worker_info()
            self.notes.write(worker.id if worker else 0, entry.path)
        if self._child is None or self._child.owner != os.getpid():
            self._child = PipelineChild(self.pipeline)
        elif not self._child.may_be_asked_for(entry):
            self._child.kill()
            self._child = PipelineChild(self.pipeline)
            self._given_up += 1
            self._expected.clear()
        try:
            if not self._child.asked:
                readable = takewhile(lambda own: own.path not in self._lost, following)
                self._child.ask([entry, *readable])
            return self._child.take(self.limit, self._memory)
        except LostError as error:
            self._child = None
            self._lost[entry.path] = str(error)
            raise self._bad_video(entry.path, info) from None

    def _bad_video(self, path: str, info: dict) -> VideoReadError:
        """The error of a lost file; what is drawn next is this sample's own."""
        for step in getattr(self.pipeline, 'transforms', ()):
            if isinstance(step, SeedSample):
                step(info)
        return VideoReadError(path, self._lost[path])

    def use(self, pipeline: Pipeline) -> None:
        """Call another pipeline from now on; nothing changes where it is the same."""
        if pipeline is not self.pipeline:
            self.close()
            self.pipeline = pipeline

    def close(self) -> None:
        """End the child."""
        if self._child is not None and self._child.owner == os.getpid():
            self._child.kill()
        self._child = None

    def __del__(self) -> None:
        self.close()
