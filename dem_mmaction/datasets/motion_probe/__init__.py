"""The motion probe: generated videos whose class shows only in their motion.

There are two kinds. In the first, a shape moves over a background: it goes left, right,
up or down, turns left or right, grows or shrinks, or does two of these at once. In the
second, a harder one, a part of a field of dots drifts together, in directions that take
turns. Each video has its own speed, and in every second video the speed varies. Do not
flip the frames in training: a left motion that is mirrored is a right one.
"""

from .dots import CYCLES, DOT_PROFILES, DotsSpec
from .generate import generate_probe
from .render import render_video
from .shapes import CLASS_SETS, CLASSES, CLUTTER, PROFILES, ProbeSpec
from .sheet import contact_sheet
from .spec import SPLITS, VideoInfo, VideosSpec, video_info

__all__ = [
    'CLASSES',
    'CLASS_SETS',
    'CLUTTER',
    'CYCLES',
    'DOT_PROFILES',
    'PROFILES',
    'SPLITS',
    'DotsSpec',
    'ProbeSpec',
    'VideoInfo',
    'VideosSpec',
    'contact_sheet',
    'generate_probe',
    'render_video',
    'video_info',
]
