"""A video whose frames tell their number, and a config that classifies videos."""

import cv2
import numpy as np

SIZE = 40, 32  # width and height; decord 0.6.0 cannot batch frames 48 wide
FPS = 10

CONFIG = """
custom_imports = dict(imports=['dem_mmaction'])
default_scope = 'mmaction'
model = dict(
    type='Recognizer3D',
    backbone=dict(type='R2Plus1DDEM', depth=10, base_channels=4),
    cls_head=dict(type='I3DHead', num_classes=3, in_channels=32),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[128.0] * 3, std=[50.0] * 3, format_shape='NCTHW'),
)
test_pipeline = [
    dict(type='DecordInit'),
    dict(type='SampleFrames', clip_len=8, frame_interval=2, num_clips=4,
         test_mode=True),
    dict(type='DecordDecode'),
    dict(type='Resize', scale=(32, 32), keep_ratio=False),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs'),
]
"""


BITS = 8  # white and black bars of 5 columns


def write_video(path, frames):
    """Write frames that show their number in binary."""
    code = cv2.VideoWriter_fourcc(*'mp4v')
    writer = cv2.VideoWriter(str(path), code, FPS, SIZE)
    for number in range(frames):
        bars = [255 * (number >> bit & 1) for bit in range(BITS)]
        row = np.repeat(np.array(bars, np.uint8), SIZE[0] // BITS)
        writer.write(np.broadcast_to(row[None, :, None], (*SIZE[::-1], 3)).copy())
    writer.release()
    return str(path)


def numbers(frames):
    """The numbers of frames as :func:`write_video` wrote them."""
    bars = [frame.reshape(SIZE[1], BITS, -1).mean((0, 2)) > 127 for frame in frames]
    return [int(own @ (1 << np.arange(BITS))) for own in bars]
