# R(2+1)D-18 with DEM in every unit, stem of 14 midplanes, miniKinetics at SR 4, 4 GPUs.
# The thesis: video top-1 49.00, 54.26, 56.27 % tested at SR 1, 2, 4 (Table 4.1).
# tools/dist_train.sh configs/multirate/r2p1d_dem_sr4_minik.py 4
_base_ = [
    '../_base_/models/r2p1d_dem_18.py',
    '../_base_/datasets/minikinetics_sr4.py',
    '../_base_/schedules/adam_plateau.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(midplanes='vmz'))
