# R(2+1)D-18 with DEM in conv3_x alone, from scratch on miniKinetics, 4 GPUs.
# The thesis: 61.07 % video top-1, 49.47 % clip top-1 (Table 4.3).
# tools/dist_train.sh configs/ablation/r2p1d_dem_conv3_x_minik.py 4
_base_ = '../r2p1d_dem_minik.py'

model = dict(backbone=dict(dem_stages=['conv3_x']))
