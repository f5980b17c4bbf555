# R(2+1)D-18 with DEM in every unit, from scratch on Kinetics-400, 4 GPUs.
# Future work in the thesis (section 5.2): it gives no accuracy.
# tools/dist_train.sh configs/kinetics400/r2p1d_dem_kinetics400.py 4
_base_ = [
    '../_base_/models/r2p1d_dem_18.py',
    '../_base_/datasets/kinetics400.py',
    '../_base_/schedules/adam_plateau.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes))
