# MMAction2's SlowOnly with two blocks a stage, a quarter of the channels, and frames
# that are not halved twice before the first block.
_base_ = 'mmaction::_base_/models/slowonly_r50.py'

model = dict(
    backbone=dict(depth=18, base_channels=16, pool1_stride_s=1, pretrained=None),
    cls_head=dict(in_channels=128, dropout_ratio=0.2, average_clips=None),
)
