# P3D-63, of ResNet-50 (Qiu et al., ICCV 2017), with DEM before each temporal
# convolution, as large as p3d_minik.py, from scratch on miniKinetics, 4 GPUs.
# The thesis names P3D as a host and has no accuracy of it.
# tools/dist_train.sh configs/hosts/p3d_dem_minik.py 4
_base_ = '../r2p1d_dem_minik.py'

model = dict(
    backbone=dict(_delete_=True, type='P3DDEM', depth=63),
    cls_head=dict(in_channels=2048),
)
