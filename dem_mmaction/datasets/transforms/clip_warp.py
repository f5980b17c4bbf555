"""The thesis's spatial augmentation (section 4.1.2) as one affine warp a frame."""

import cv2
import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

Range = tuple[float, float]


@TRANSFORMS.register_module()
class ClipWarp(BaseTransform):
    """Resize with jitter, rotate, crop at random and flip, each drawn once a clip.

    A frame is resized to ``scale`` times a random factor, turned about its centre,
    cropped at a random place and flipped. The four steps are one matrix, so that pixels
    are interpolated once. Pixels that a rotation brings in from outside the frame are
    black.

    Required keys: ``imgs`` (frames of all clips, (H, W, 3) uint8), ``clip_len``,
    ``num_clips``. Changed: ``imgs``, (frames, height, width, 3) uint8, ``img_shape``.

    Args:
        size: Side of the crop in pixels, or its width and height, default 112.
        scale: Width and height in pixels to resize to, whatever the aspect ratio of the
            frame, default (171, 128).
        jitter: Lowest and highest factor on ``scale``, default (1.0, 1.2).
        max_angle: Rotations are drawn from [-max_angle, max_angle] degrees, default 15.
        flip_ratio: Probability of a horizontal flip, default 0.5.

    Raises:
        ValueError: The crop does not fit the smallest resized frame, or a value is
            outside its range.
    """

    def __init__(
        self,
        size: int | tuple[int, int] = 112,
        scale: tuple[int, int] = (171, 128),
        jitter: Range = (1.0, 1.2),
        max_angle: float = 15.0,
        flip_ratio: float = 0.5,
    ) -> None:
        if not 0 < jitter[0] <= jitter[1]:
            raise ValueError(f'jitter={jitter} must be (low, high), 0 < low <= high.')
        if not 0 <= max_angle < 180:
            raise ValueError(f'max_angle={max_angle} must be in [0, 180) degrees.')
        if not 0 <= flip_ratio <= 1:
            raise ValueError(f'flip_ratio={flip_ratio} must be in [0, 1].')
        smallest = _resized(scale, jitter[0])
        if isinstance(size, int):
            if not 1 <= size <= min(smallest):
                raise ValueError(
                    f'size={size} must be 1 to {min(smallest)}, the short side of '
                    f'scale={scale} times {jitter[0]}.'
                )
            self.crop = (size, size)
        else:
            size = self.crop = tuple(size)
            if len(size) != 2 or not all(map(_fits, size, smallest)):
                raise ValueError(
                    f'size={size} must be a side, or a width and a height of 1 to '
                    f'{smallest}, scale={scale} times {jitter[0]}.'
                )
        self.size = size
        self.scale = tuple(scale)
        self.jitter = tuple(jitter)
        self.max_angle = max_angle
        self.flip_ratio = flip_ratio

    def transform(self, results: dict) -> dict:
        """Warp every clip with its own parameters."""
        imgs = results['imgs']
        width, height = self.crop
        warped = np.empty((len(imgs), height, width, 3), np.uint8)
        for start in range(0, len(imgs), results['clip_len']):
            clip = slice(start, start + results['clip_len'])
            warp_clip(imgs[clip], warped[clip], *self.draw())
        results['imgs'] = warped
        results['img_shape'] = (height, width)
        return results

    def draw(self) -> tuple[tuple[int, int], float, tuple[int, int], bool]:
        """Draw resized (width, height), angle, (left, top) of the crop, and flip."""
        resized = _resized(self.scale, np.random.uniform(*self.jitter))
        angle = np.random.uniform(-self.max_angle, self.max_angle)
        corner = tuple(
            np.random.randint(side - own + 1)
            for side, own in zip(resized, self.crop, strict=True)
        )
        return resized, angle, corner, np.random.rand() < self.flip_ratio

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(size={self.size}, scale={self.scale}, '
            f'jitter={self.jitter}, max_angle={self.max_angle}, '
            f'flip_ratio={self.flip_ratio})'
        )


@TRANSFORMS.register_module()
class ClipCenterCrop(ClipWarp):
    """Resize and crop the centre: :class:`ClipWarp` with nothing drawn, for tests.

    Args:
        size: Side of the crop in pixels, or its width and height, default 112.
        scale: Width and height in pixels to resize to, default (171, 128).

    Raises:
        ValueError: The crop does not fit the resized frame.
    """

    def __init__(
        self, size: int | tuple[int, int] = 112, scale: tuple[int, int] = (171, 128)
    ) -> None:
        super().__init__(size, scale, jitter=(1.0, 1.0), max_angle=0.0, flip_ratio=0.0)

    def draw(self) -> tuple[tuple[int, int], float, tuple[int, int], bool]:
        """Return the parameters of the centre; nothing is drawn."""
        corner = tuple(
            (side - own) // 2 for side, own in zip(self.scale, self.crop, strict=True)
        )
        return self.scale, 0.0, corner, False


def warp_clip(
    frames: np.ndarray | list[np.ndarray],
    out: np.ndarray,
    resized: tuple[int, int],
    angle: float,
    corner: tuple[int, int],
    flip: bool,
) -> None:
    """Resize, rotate, crop and flip frames in one interpolation.

    Args:
        frames: Frames, each (H, W, 3) uint8.
        out: Array that takes the results, (frames, height, width, 3) uint8.
        resized: Width and height in pixels to resize to.
        angle: Counter-clockwise rotation in degrees about the centre of the resized
            frame.
        corner: Left and top of the crop in pixels of the resized frame.
        flip: Whether to mirror the crop.
    """
    height, width = out.shape[1:3]
    mirror = np.eye(3)
    if flip:
        mirror[0] = -1, 0, width - 1
    crop = np.eye(3)
    crop[:2, 2] = corner
    turn = np.eye(3)
    centre = ((resized[0] - 1) / 2, (resized[1] - 1) / 2)
    turn[:2] = cv2.getRotationMatrix2D(centre, -angle, 1)
    # Pixel centres: x + 0.5 scales, as in cv2.resize.
    source_height, source_width = frames[0].shape[:2]
    ratio = source_width / resized[0], source_height / resized[1]
    enlarge = np.diag([*ratio, 1.0])
    enlarge[:2, 2] = [0.5 * r - 0.5 for r in ratio]

    to_source = (enlarge @ turn @ crop @ mirror)[:2]
    border = cv2.BORDER_CONSTANT if angle else cv2.BORDER_REPLICATE
    for frame, target in zip(frames, out, strict=True):
        cv2.warpAffine(
            frame,
            to_source,
            (width, height),
            dst=target,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
        )


def _fits(side: int, largest: int) -> bool:
    return isinstance(side, int) and 1 <= side <= largest


def _resized(scale: tuple[int, int], factor: float) -> tuple[int, int]:
    return tuple(int(round(side * factor)) for side in scale)
