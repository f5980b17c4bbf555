# MMAction2's SlowOnly with two blocks a stage, an eighth of the channels, and frames
# that are not halved before the first block: motion is seen in the last two stages
# alone, and from frames of half the size small networks learned nothing of it.
_base_ = 'mmaction::_base_/models/slowonly_r50.py'

model = dict(
    backbone=dict(
        depth=18, base_channels=8, conv1_stride_s=1, pool1_stride_s=1, pretrained=None
    ),
    cls_head=dict(in_channels=64, dropout_ratio=0.2, average_clips=None),
)
