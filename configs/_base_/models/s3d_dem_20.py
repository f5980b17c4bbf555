# S3D with 20 base channels instead of 64: 0.8 million parameters.
_base_ = 'r2p1d_dem_10.py'

base_channels = 20
model = dict(
    backbone=dict(_delete_=True, type='S3DDEM', base_channels=base_channels),
    cls_head=dict(in_channels=16 * base_channels),
)
