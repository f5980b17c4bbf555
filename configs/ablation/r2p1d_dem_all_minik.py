# Ablation: R(2+1)D-18 with DEM in every stage, from scratch on miniKinetics, 4 GPUs.
# The thesis: 58.30 % video top-1, 45.91 % clip top-1 (Table 4.3).
# tools/dist_train.sh configs/ablation/r2p1d_dem_all_minik.py 4
_base_ = '../r2p1d_dem_minik.py'
