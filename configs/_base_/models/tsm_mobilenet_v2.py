# MMAction2's TSM on MobileNetV2 with half of the channels. The 16 frames of a clip are
# its segments.
_base_ = 'mmaction::_base_/models/tsm_mobilenet_v2.py'

segments = 16
model = dict(
    backbone=dict(
        widen_factor=0.5, num_segments=segments, pretrained=None, pretrained2d=False
    ),
    cls_head=dict(num_segments=segments, dropout_ratio=0.2, average_clips=None),
)
