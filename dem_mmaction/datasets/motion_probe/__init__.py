"""The motion probe: generated videos whose class shows only in their motion.

A shape moves over a background and goes left, right, up or down, turns left or
right, grows or shrinks; or does two of these at once. Each video has its own
speed, and every second one a speed that varies. Don't flip the frames in
training: a mirrored left is a right.
"""

from .generate import generate_probe
from .render import render_video
from .sheet import contact_sheet
from .spec import (
    CLASS_SETS,
    CLASSES,
    CLUTTER,
    PROFILES,
    SPLITS,
    ProbeSpec,
    VideoInfo,
    video_info,
)

__all__ = [
    'CLASSES',
    'CLASS_SETS',
    'CLUTTER',
    'PROFILES',
    'SPLITS',
    'ProbeSpec',
    'VideoInfo',
    'contact_sheet',
    'generate_probe',
    'render_video',
    'video_info',
]
