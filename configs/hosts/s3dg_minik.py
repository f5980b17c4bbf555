# S3D-G (Xie et al., ECCV 2018) without DEM, from scratch on miniKinetics, 4 GPUs.
# The thesis has no accuracy of it.
# tools/dist_train.sh configs/hosts/s3dg_minik.py 4
_base_ = 's3dg_dem_minik.py'

model = dict(backbone=dict(dem_stages=[]))
