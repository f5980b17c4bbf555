# P3D-63, of ResNet-50 (Qiu et al., ICCV 2017), without DEM, from scratch on
# miniKinetics, 4 GPUs. The thesis has no accuracy of it.
# tools/dist_train.sh configs/hosts/p3d_minik.py 4
_base_ = 'p3d_dem_minik.py'

model = dict(backbone=dict(dem_stages=[]))
