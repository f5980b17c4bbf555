# One block a stage and 16 base channels: the smallest network that learns the probe.
_base_ = 'r2p1d_dem_18.py'

base_channels = 16
model = dict(
    backbone=dict(depth=10, base_channels=base_channels),
    cls_head=dict(num_classes=8, in_channels=8 * base_channels),
)
