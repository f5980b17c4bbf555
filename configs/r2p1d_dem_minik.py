# R(2+1)D-18 with DEM in every unit, from scratch on miniKinetics, 4 GPUs.
# The thesis: 58.30 % video top-1, 45.91 % clip top-1. It is the last row of Table 4.3,
# the ablation, whose other rows are r2p1d_minik.py and the configs in ablation/.
# tools/dist_train.sh configs/r2p1d_dem_minik.py 4
_base_ = [
    '_base_/models/r2p1d_dem_18.py',
    '_base_/datasets/minikinetics.py',
    '_base_/schedules/adam_plateau.py',
    '_base_/default_runtime.py',
]
