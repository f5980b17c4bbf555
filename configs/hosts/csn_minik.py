# MMAction2's ir-CSN-50 (Tran et al., ICCV 2019) without DEM, from scratch on
# miniKinetics, 4 GPUs. The thesis has no accuracy of it.
# tools/dist_train.sh configs/hosts/csn_minik.py 4
_base_ = 'csn_dem_minik.py'

model = dict(backbone=dict(conv_cfg=dict(_delete_=True, type='Conv3d')))
