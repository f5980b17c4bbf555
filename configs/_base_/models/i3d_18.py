# MMAction2's I3D with two blocks a stage, a quarter of the channels, and frames that
# are not halved twice before the first block.
_base_ = 'mmaction::_base_/models/i3d_r50.py'

model = dict(
    backbone=dict(
        depth=18,
        base_channels=16,
        pool1_stride_s=1,
        inflate=((1, 1), (1, 0), (1, 0), (0, 1)),
        pretrained=None,
        pretrained2d=False,
    ),
    cls_head=dict(in_channels=128, dropout_ratio=0.2, average_clips=None),
)
