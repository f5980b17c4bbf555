# R3D-18, the network whose parameters the others match, from scratch on miniKinetics.
# The thesis gives its structure (Table 3.1) and no accuracy.
# tools/dist_train.sh configs/r3d_minik.py 4
_base_ = 'r2p1d_dem_minik.py'

model = dict(backbone=dict(unit='3d'))
