"""Clips of one video at several rates, around one and the same frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope

from dem_mmaction.classification import FramesOnce
from dem_mmaction.utils import find_step, pixels, split_at_decoding

_SAMPLING = 'SampleFrames', 'DenseSampleFrames', 'SampleAround'


@dataclass(frozen=True)
class SeenClip:
    """A clip of a video, as a network takes it.

    Attributes:
        sample: ``inputs`` and ``data_samples`` of MMAction2, of one clip.
        seconds: Time in the video of each of its frames, (T,).
    """

    sample: dict
    seconds: np.ndarray

    @property
    def frames(self) -> np.ndarray:
        """The pixels that the network sees, (T, H, W, 3) uint8."""
        return pixels(self.sample['inputs'])


class ClipMaker:
    """Makes clips of any rate as a test pipeline makes those of its own.

    Args:
        pipeline: Configs of a test pipeline of this package or MMAction2's.

    Raises:
        ValueError: The pipeline does not take clips of neighbouring frames, or does not
            decode them.
    """

    def __init__(self, pipeline: Sequence[dict]) -> None:
        init_default_scope('mmaction')  # Compose finds MMAction2's steps there
        sampling = pipeline[find_step(pipeline, *_SAMPLING)]
        self.clip_len: int = sampling.get('clip_len', 16)
        self.frame_interval = sampling.get('frame_interval', 1)
        _, transforms = split_at_decoding(pipeline)
        self._transform = Compose(transforms)

    def __call__(
        self, path: str, rate: float = 1, middle: float | None = None
    ) -> SeenClip:
        """Make a clip.

        Args:
            path: The video.
            rate: The frames are this many times the config's own interval apart. Frames
                repeat beyond the ends of the video, and at rates below 1.
            middle: Second in the video of the frame in the middle of the clip, which is
                number ``clip_len // 2`` and the same at every rate. By default the
                middle of the video.

        Raises:
            FileNotFoundError: There is no such file.
            VideoReadError: It cannot be read.
            ValueError: The video ends before ``middle``, or ``rate`` is not above 0.
        """
        if not rate > 0:
            raise ValueError(f'rate={rate} must be above 0.')
        video = FramesOnce(path)
        centre = video.frames // 2 if middle is None else int(middle * video.fps)
        if not 0 <= centre < video.frames:
            raise ValueError(
                f"{middle} s is not in '{path}', which has "
                f'{video.frames / video.fps:.2f} s.'
            )
        steps = np.arange(self.clip_len) - self.clip_len // 2
        wanted = np.floor(centre + steps * self.frame_interval * rate)
        frames = np.clip(wanted, 0, video.frames - 1).astype(int)
        images = video.take(frames)
        shape = images[0].shape[:2]
        sample = dict(
            imgs=images,
            frame_inds=frames,
            clip_len=self.clip_len,
            frame_interval=self.frame_interval * rate,
            num_clips=1,
            filename=video.path,
            total_frames=video.frames,
            start_index=0,
            avg_fps=video.fps,
            modality='RGB',
            label=-1,
            original_shape=shape,
            img_shape=shape,
        )
        return SeenClip(self._transform(sample), frames / video.fps)
