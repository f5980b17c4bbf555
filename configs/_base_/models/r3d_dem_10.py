# R3D of one block a stage with DEM before its 3D convolutions, as large as without.
_base_ = 'r2p1d_dem_10.py'

model = dict(
    backbone=dict(unit='3d', dem_stages=['conv2_x', 'conv3_x', 'conv4_x', 'conv5_x'])
)
