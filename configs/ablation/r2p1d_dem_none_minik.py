# Ablation: R(2+1)D-18 with DEM in no stage, from scratch on miniKinetics, 4 GPUs.
# The thesis: 55.01 % video top-1, 43.01 % clip top-1 (Table 4.3).
# tools/dist_train.sh configs/ablation/r2p1d_dem_none_minik.py 4
_base_ = '../r2p1d_minik.py'
