# R3D-18, whose number of parameters the other networks match, from scratch on
# miniKinetics, 4 GPUs. The thesis gives its structure (Table 3.1) and no accuracy.
# tools/dist_train.sh configs/r3d_minik.py 4
_base_ = 'r2p1d_dem_minik.py'

model = dict(backbone=dict(unit='3d'))
