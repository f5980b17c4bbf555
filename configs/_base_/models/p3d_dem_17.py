# P3D of one block a stage: A, B, C and one of 2D convolutions. 0.8 million parameters.
_base_ = 'r2p1d_dem_10.py'

base_channels = 20
model = dict(
    backbone=dict(_delete_=True, type='P3DDEM', depth=17, base_channels=base_channels),
    cls_head=dict(in_channels=32 * base_channels),
)
