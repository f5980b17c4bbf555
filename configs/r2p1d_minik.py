# R(2+1)D-18 without DEM, from scratch on miniKinetics, 4 GPUs.
# The thesis: 55.01 % video top-1, 43.01 % clip top-1. It is the first row of Table 4.3,
# the ablation, whose other rows are r2p1d_dem_minik.py and the configs in ablation/.
# tools/dist_train.sh configs/r2p1d_minik.py 4
_base_ = 'r2p1d_dem_minik.py'

model = dict(backbone=dict(dem_stages=[]))
