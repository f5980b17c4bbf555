"""Windows of a long video, and what a test pipeline makes of each."""

import math
from collections.abc import Sequence
from pathlib import Path

import decord
import numpy as np
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope

from dem_mmaction.datasets.transforms import VideoInit, at_places, naming
from dem_mmaction.utils import split_at_decoding

#: Steps that sample clips of neighbouring frames, and how they take one from a window.
_ONE_CLIP = dict(
    DenseSampleFrames=dict(num_clips=1, num_sample_positions=1),
    SampleAround=dict(centre=None),
    SampleFrames=dict(num_clips=1),
)


def window_starts(frames: int, span: int, stride: int) -> list[int]:
    """First frames of windows that together cover a video.

    Args:
        frames: Number of frames of the video.
        span: Number of frames that a window spans.
        stride: Distance between windows in frames. The last window ends with the video
            and may lie nearer to the one before.

    Returns:
        The first frames, at least one; a video shorter than a window has it at 0.
    """
    last = max(0, frames - span)
    return [*range(0, last, stride), last]


class FramesOnce:
    """The frames of a video, each decoded once while windows move forward.

    Args:
        path: The video.

    Attributes:
        frames: Their number.
        fps: Frames a second on average.

    Raises:
        FileNotFoundError: There is no such file.
        VideoReadError: The file is not a video, or has no frames.
    """

    def __init__(self, path: str) -> None:
        self.path = str(path)
        if not Path(path).is_file():
            raise FileNotFoundError(f"No video '{path}'.")
        opened = VideoInit()(dict(filename=self.path))
        self._reader: decord.VideoReader = opened['video_reader']
        self.frames: int = opened['total_frames']
        self.fps: float = float(opened['avg_fps'])
        self._kept: dict[int, np.ndarray] = {}

    def take(self, indices: np.ndarray) -> list[np.ndarray]:
        """Give frames, and forget those before the first of them.

        Args:
            indices: Numbers of frames in any order, with repetitions.

        Returns:
            A frame an index, (H, W, 3) uint8 in RGB, each in memory of its own.

        Raises:
            VideoReadError: The decoder stopped at damage in the file.
        """
        needed, places = np.unique(indices, return_inverse=True)
        new = [i for i in needed.tolist() if i not in self._kept]
        kept = {i: frame for i, frame in self._kept.items() if i >= needed[0]}
        if new:
            with naming(self.path):
                decoded = self._reader.get_batch(new).asnumpy()
            kept.update(zip(new, decoded, strict=True))
        self._kept = kept
        # Later windows have these frames, too, and steps may write into them.
        return at_places([kept[i].copy() for i in needed.tolist()], places)


class WindowPipeline:
    """A test pipeline that is given windows of an open video in place of a file.

    The sampling steps of the pipeline see each window as a video of its own. Those that
    take clips of neighbouring frames take one clip from it, whatever number they take
    from a video in the test.

    Args:
        pipeline: Configs of a test pipeline, of this package or MMAction2's.
        window: Number of frames that a window spans. By default as many as a clip.

    Attributes:
        span: The same, known.

    Raises:
        ValueError: The pipeline does not decode frames, or has samples that are no
            clips of neighbouring frames and ``window`` is not given.
    """

    def __init__(self, pipeline: Sequence[dict], window: int | None = None) -> None:
        init_default_scope('mmaction')  # Compose finds MMAction2's steps there
        reading, transforms = split_at_decoding(pipeline)
        sampling = [
            dict(step)
            for step in reading
            if not str(step['type']).endswith(('Init', 'Decode'))
        ]
        lengths = [
            math.ceil(step['clip_len'] * step.get('frame_interval', 1))
            for step in sampling
            if step['type'] in _ONE_CLIP and step.get('clip_len', 16) > 1
        ]
        if lengths:
            for step in sampling:
                step.update(_ONE_CLIP.get(step['type'], {}))
        elif window is None:
            raise ValueError(
                f'{[step["type"] for step in sampling]} takes frames from all over a '
                'video: say how long a window is.'
            )
        self.span = window or max(lengths)
        self._sample = Compose(sampling)
        self._transform = Compose(transforms)

    def __call__(self, video: FramesOnce, start: int) -> dict:
        """Make of a window what the network takes.

        Args:
            video: The open video.
            start: First frame of the window.

        Returns:
            ``inputs`` and ``data_samples`` of MMAction2. A video shorter than a window
            is sampled as a test would sample it.
        """
        results = self._sample(
            dict(
                filename=video.path,
                total_frames=min(self.span, video.frames - start),
                start_index=start,
                avg_fps=video.fps,
                modality='RGB',
                label=-1,
            )
        )
        results['imgs'] = video.take(results['frame_inds'])
        shape = results['imgs'][0].shape[:2]
        return self._transform(dict(results, original_shape=shape, img_shape=shape))
