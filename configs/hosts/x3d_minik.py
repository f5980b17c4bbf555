# MMAction2's X3D-M (Feichtenhofer, CVPR 2020) without DEM, from scratch on
# miniKinetics, 4 GPUs. The thesis has no accuracy of it.
# tools/dist_train.sh configs/hosts/x3d_minik.py 4
_base_ = 'x3d_dem_minik.py'

model = dict(backbone=dict(conv_cfg=dict(_delete_=True, type='Conv3d')))
