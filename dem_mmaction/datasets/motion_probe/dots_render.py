"""Drawing of random dots."""

import numpy as np

from .dots import DotsSpec
from .dots_motion import dot_paths, drift
from .spec import VideoInfo

# Standard deviation of a dot in pixels: small, but wide enough for the codec.
_BLUR = 1.0
# Grey levels of the background and of a dot, the same in all videos: networks learn
# motion sooner where nothing else differs.
_BACKGROUND, _DOT = 20, 230
# Standard deviation of each frame's noise in grey levels.
_NOISE = 2.0


def draw_dots(spec: DotsSpec, info: VideoInfo, rng: np.random.Generator) -> np.ndarray:
    """Draw the frames of a video: bright dots on a dark background.

    Args:
        spec: Parameters of the videos.
        info: What the video is like.
        rng: Source of everything else.

    Returns:
        RGB frames, grey, uint8, shape (T, H, W, 3).
    """
    path = dot_paths(drift(info, spec, rng), info.coherence, spec, rng)
    width, height = spec.size
    across = _profile(path[..., 0], width)
    down = _profile(path[..., 1], height)
    # A dot is the product of its two profiles; where dots meet, it gets no brighter.
    opacity = np.minimum(np.matmul(down.swapaxes(1, 2), across), 1)
    noise = _NOISE * rng.standard_normal(opacity.shape)
    grey = _BACKGROUND + (_DOT - _BACKGROUND) * opacity + noise
    grey = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def _profile(position: np.ndarray, side: int) -> np.ndarray:
    """Brightness of dots along one side, which wraps around.

    Args:
        position: Centre in periods, shape (T, dots).
        side: Length in pixels.

    Returns:
        Brightness, at most 1, shape (T, dots, side).
    """
    away = np.arange(side) - side * position[..., None]
    away = (away + side / 2) % side - side / 2
    return np.exp(-0.5 * (away / _BLUR) ** 2)
