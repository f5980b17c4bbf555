# MMAction2's TSM with two blocks a stage, of which a quarter of the channels moves each
# way. Its segments are 8 frames of a clip, two frames apart. MobileNetV2 in its place
# learned nothing of the motion probe in this time: its first shift moves one channel.
_base_ = 'mmaction::_base_/models/tsm_r50.py'

segments = 8
frames = dict(clip_len=segments, frame_interval=2)
image_format = dict(type='FormatShape', input_format='NCHW')
model = dict(
    backbone=dict(
        depth=18,
        shift_div=4,
        num_segments=segments,
        pretrained=None,
        pretrained2d=False,
    ),
    cls_head=dict(
        in_channels=512, num_segments=segments, dropout_ratio=0.2, average_clips=None
    ),
)
