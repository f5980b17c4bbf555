# S3D-G (Xie et al., ECCV 2018) with DEM in each separable convolution, as large as
# s3dg_minik.py, from scratch on miniKinetics, 4 GPUs.
# The thesis names S3D as a host and has no accuracy of it.
# tools/dist_train.sh configs/hosts/s3dg_dem_minik.py 4
_base_ = '../r2p1d_dem_minik.py'

model = dict(
    backbone=dict(_delete_=True, type='S3DDEM', gating=True),
    cls_head=dict(in_channels=1024),
)
