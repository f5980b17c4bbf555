"""Drawing of the probe's videos."""

import cv2
import numpy as np

from .dots import DotsSpec
from .dots_render import draw_dots
from .motion import RADIUS, trajectory
from .shapes import ProbeSpec
from .spec import VideoInfo, VideosSpec, video_info, video_rng

# Standard deviation of each frame's noise in grey levels.
_NOISE = 2.0
# Bits after the point in the corners handed to OpenCV.
_SUBPIXEL = 4


def render_video(
    spec: VideosSpec, split: str, index: int
) -> tuple[np.ndarray, VideoInfo]:
    """Draw one video. It depends on the arguments alone.

    Args:
        spec: Parameters of the videos. Their numbers have no influence on the pixels.
        split: ``'train'``, ``'val'`` or ``'test'``.
        index: Place in the split, at least 0.

    Returns:
        RGB frames, uint8, shape (T, H, W, 3), and class, profile and speed of the
        video.

    Raises:
        ValueError: ``split`` or ``index`` is not one of those accepted.
    """
    info = video_info(spec, split, index)
    draw = draw_dots if isinstance(spec, DotsSpec) else draw_shape
    return draw(spec, info, video_rng(spec, split, index, 'pixels')), info


def draw_shape(
    spec: ProbeSpec, info: VideoInfo, rng: np.random.Generator
) -> np.ndarray:
    """Draw the frames of a video of a shape.

    Args:
        spec: Parameters of the videos.
        info: What the video is like.
        rng: Source of everything else.

    Returns:
        RGB frames, uint8, shape (T, H, W, 3).
    """
    width, height = spec.size
    pose = trajectory(info, spec.frames, spec.size, rng)

    largest = max(RADIUS) * min(spec.size)
    shape_textured = spec.clutter != 'plain'
    background_textured = spec.clutter == 'textured'
    corners = _outline(rng)
    # Twice the radius, so that the surface covers the shape at every angle.
    skin = _surface(rng, (int(2 * largest),) * 2, 150, 255, shape_textured)
    background = _surface(rng, spec.size, 10, 50, background_textured)
    bar_skin = _surface(rng, spec.size, 60, 110, background_textured)
    noise = rng.standard_normal((spec.frames, height, width, 1), np.float32)

    # An upright bar, in the same place while it is there. The shape is left out
    # behind it: what stuck out on one side might tell the direction.
    bar = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [largest, height]
    passing = pose.centre[pose.hidden, 0]

    frames = np.empty((spec.frames, height, width, 3), np.uint8)
    for t in range(spec.frames):
        frame = background.copy()
        if pose.hidden[t]:
            _paint(
                frame,
                bar_skin,
                bar,
                np.array([passing[len(passing) // 2], height // 2]),
            )
        else:
            turn = _rotation(pose.angle[t])
            zoom = pose.radius[t] / largest
            _paint(
                frame,
                _warp(skin, zoom * turn, spec.size),
                pose.radius[t] * corners @ turn.T,
                pose.centre[t],
            )
        frame += _NOISE * noise[t]
        frames[t] = np.clip(np.rint(frame), 0, 255)
    return frames


def _outline(rng: np.random.Generator) -> np.ndarray:
    """Draw a random L, which no turn or reflection maps onto itself.

    Returns:
        Corners (x, y) around the centre of mass, the farthest at distance 1, shape
        (6, 2).
    """
    foot, stroke = rng.uniform(0.6, 0.8), rng.uniform(0.32, 0.42)
    corners = np.array(
        [(0, 0), (foot, 0), (foot, stroke), (stroke, stroke), (stroke, 1), (0, 1)]
    )
    # The upright and the rest of the foot, weighted by their lengths.
    middles = np.array([(stroke / 2, 1 / 2), ((foot + stroke) / 2, stroke / 2)])
    corners -= np.average(middles, axis=0, weights=(1, foot - stroke))
    corners[:, 0] *= rng.choice([-1, 1])
    return corners / np.linalg.norm(corners, axis=1).max()


def _surface(
    rng: np.random.Generator, size: tuple[int, int], low: int, high: int, textured: bool
) -> np.ndarray:
    """Colour a rectangle.

    Args:
        rng: Source of the colours and the texture.
        size: Width and height in pixels.
        low: Darkest value of a plain surface.
        high: Brightest value of a plain surface.
        textured: Whether to mix two contrasting colours, of any brightness, in
            blotches. A plain surface has one colour with a faint gradient.

    Returns:
        RGB, float32, shape (H, W, 3).
    """
    if not textured:
        colour = rng.uniform(low, high, 3) + rng.uniform(-8, 8, (2, 2, 1))
        return cv2.resize(colour.astype(np.float32), size)
    mix = np.zeros(size[::-1], np.float32)
    for cells in (4, 8, 16):
        blotches = rng.standard_normal((cells, cells), np.float32)
        mix += cv2.resize(blotches, size, interpolation=cv2.INTER_CUBIC)
    mix = np.clip(0.5 + mix / 4, 0, 1)[..., None]
    colour = rng.uniform(0, 255, 3).astype(np.float32)
    return mix * colour + (1 - mix) * ((colour + 128) % 256)


def _rotation(angle: float) -> np.ndarray:
    """Matrix, shape (2, 2), that turns (x, y) clockwise on the screen."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


def _warp(surface: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Transform a surface about its middle, into the middle of a frame."""
    source = np.array(surface.shape[1::-1]) // 2
    target = np.array(size) // 2
    shift = target - matrix @ source
    return cv2.warpAffine(
        surface, np.column_stack([matrix, shift]), size, borderMode=cv2.BORDER_REPLICATE
    )


def _paint(
    frame: np.ndarray, surface: np.ndarray, corners: np.ndarray, centre: np.ndarray
) -> None:
    """Paint a polygon that wraps around at the borders, in place.

    Args:
        frame: Picture to paint on, shape (H, W, 3).
        surface: Colours of the polygon when it stands in the middle, shape (H, W, 3).
        corners: Corners (x, y) relative to the centre, in pixels, shape (K, 2).
        centre: Position (x, y) in pixels, shape (2,).
    """
    # Drawn in the middle, up to the fraction of a pixel, then rolled into place.
    height, width = frame.shape[:2]
    middle = np.array([width // 2, height // 2])
    whole = np.floor(centre).astype(int)
    points = (corners + middle + centre - whole) * 2**_SUBPIXEL
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 255, cv2.LINE_AA, _SUBPIXEL)
    roll = tuple((whole - middle)[::-1])
    opacity = np.roll(mask, roll, (0, 1))[..., None] / np.float32(255)
    frame += opacity * (np.roll(surface, roll, (0, 1)) - frame)
