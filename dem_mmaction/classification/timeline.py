"""Scores of windows over the time of a video."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

import numpy as np


@dataclass(frozen=True)
class Segment:
    """A time of a video in which one class leads.

    Attributes:
        start: Seconds from the start of the video.
        end: The same of its end.
        name: The class, or None where no class reaches the least score.
        score: Its mean score in [0, 1]; of the leading class where there is no name.
    """

    start: float
    end: float
    name: str | None
    score: float


@dataclass(frozen=True)
class Timeline:
    """The scores of the windows of a video.

    Attributes:
        video: Path of the video.
        fps: Frames a second.
        frames: Number of frames of the video.
        span: Number of frames that a window spans.
        starts: First frame of each window.
        scores: (windows, classes), in [0, 1].
        classes: Their names.
    """

    video: str
    fps: float
    frames: int
    span: int
    starts: tuple[int, ...]
    scores: np.ndarray
    classes: tuple[str, ...]

    @property
    def duration(self) -> float:
        """Seconds of the video."""
        return self.frames / self.fps

    @property
    def ends(self) -> list[int]:
        """The frame after the last of each window."""
        return [min(start + self.span, self.frames) for start in self.starts]

    @cached_property
    def parts(self) -> list[tuple[int, int, np.ndarray]]:
        """Parts between the bounds of windows: first frame, end, scores (classes, ).

        The scores of a part are the mean of those of the windows that it lies in. Parts
        between windows, with a stride above 1, are left out.
        """
        found = []
        starts, ends = np.array(self.starts), np.array(self.ends)
        for start, end in pairwise(sorted({*self.starts, *self.ends})):
            within = (starts <= start) & (ends >= end)
            if within.any():
                found.append((start, end, self.scores[within].mean(0)))
        return found

    def top(self, number: int) -> list[tuple[str, float]]:
        """The classes of the highest mean score over all windows, with that score."""
        return self._best(self.scores.mean(0), number)

    def window_top(self, index: int, number: int) -> list[tuple[str, float]]:
        """The classes of the highest score in a window, with that score."""
        return self._best(self.scores[index], number)

    def _best(self, scores: np.ndarray, number: int) -> list[tuple[str, float]]:
        best = np.argsort(-scores, kind='stable')[:number]
        return [(self.classes[i], float(scores[i])) for i in best]

    def segments(self, min_score: float = 0) -> list[Segment]:
        """Neighbouring parts in which the same class leads, as one each.

        Args:
            min_score: A class that leads with less is not named, default 0.
        """

        def leader(part: tuple[int, int, np.ndarray]) -> int | None:
            best = int(part[2].argmax())
            return best if part[2][best] >= min_score else None

        segments = []
        for label, group in groupby(self.parts, leader):
            own = list(group)
            for piece in _contiguous(own):
                lengths = [end - start for start, end, _ in piece]
                leading = [scores.max() for _, _, scores in piece]
                segments.append(
                    Segment(
                        start=piece[0][0] / self.fps,
                        end=piece[-1][1] / self.fps,
                        name=None if label is None else self.classes[label],
                        score=float(np.average(leading, weights=lengths)),
                    )
                )
        return segments


def _contiguous(parts: list) -> list[list]:
    """Split where a part does not begin at the end of the one before."""
    pieces = [parts[:1]]
    for before, part in pairwise(parts):
        if part[0] == before[1]:
            pieces[-1].append(part)
        else:
            pieces.append([part])
    return pieces
