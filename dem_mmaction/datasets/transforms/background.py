"""What moves in a video of a camera that stands still."""

import math

import cv2
import decord
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from .sample_around import check_integers
from .video_io import naming


@TRANSFORMS.register_module()
class SubtractBackground(BaseTransform):
    """Leave of each frame by how much it differs from the background of its video.

    The background is the median of the video over time, as in the paper of the Weizmann
    actions (Blank et al., ICCV 2005, section 4), which goes on to silhouettes by a
    threshold. Here the largest difference of the three colours stays, whatever its
    sign: neither the scene nor the colour of the clothes is left. What stands still
    throughout the video is background, too.

    Required keys: ``imgs``, frames of the video as they were decoded, and its frames in
    memory as ``array``, uint8 (T, H, W, 3), or else its file as ``filename``, which is
    read again for every video. Changed: ``imgs``, uint8 (H, W, 3) with three equal
    channels, 0 for the background.

    Args:
        gain: What differences are multiplied by, above 0, default 2; they end at 255.
        frames: Number of frames, spread evenly over the video, that the median is of,
            default 15.

    Raises:
        ValueError: A value is outside its range; in a sample, frames are not as large
            as those of the video.
        VideoReadError: The file cannot be read.
    """

    def __init__(self, gain: float = 2.0, frames: int = 15) -> None:
        if not isinstance(gain, (int, float)) or not 0 < gain < math.inf:
            raise ValueError(f'gain={gain!r} must be a number above 0.')
        check_integers(1, frames=frames)
        self.gain = gain
        self.frames = frames
        # The background of the last file: clips of one video come one after another.
        self._last: tuple[str, np.ndarray] | None = None

    def transform(self, results: dict) -> dict:
        """Subtract the background from every frame of the clips."""
        background = self._background(results)
        for frame in results['imgs']:
            if frame.shape != background.shape:
                raise ValueError(
                    f"The video '{results.get('filename')}' has frames of shape "
                    f'{background.shape}, the clip of {frame.shape}: put '
                    'SubtractBackground before the steps that resize or crop.'
                )
        results['imgs'] = [self._change(own, background) for own in results['imgs']]
        return results

    def _background(self, results: dict) -> np.ndarray:
        if 'array' in results:
            video = results['array']
            return self._median(video[self._chosen(len(video))])
        path = results['filename']
        if self._last is None or self._last[0] != path:
            with naming(path):
                reader = decord.VideoReader(path, num_threads=1)
                frames = reader.get_batch(self._chosen(len(reader))).asnumpy()
            self._last = path, self._median(frames)
        return self._last[1]

    def _chosen(self, total: int) -> np.ndarray:
        """Numbers of the frames that the median is of."""
        count = min(self.frames, total)
        return np.linspace(0, total - 1, count).round().astype(int)

    @staticmethod
    def _median(frames: np.ndarray) -> np.ndarray:
        return np.median(frames, axis=0).astype(np.uint8)

    def _change(self, frame: np.ndarray, background: np.ndarray) -> np.ndarray:
        change = cv2.absdiff(frame, background).max(axis=2)
        return cv2.merge([cv2.convertScaleAbs(change, alpha=self.gain)] * 3)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(gain={self.gain}, frames={self.frames})'
