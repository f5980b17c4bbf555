# R(2+1)D-18 with DEM from miniKinetics to UCF-101, split 1; conv5_x and classifier.
# The thesis: 73.46 % video top-1 (Table 4.4). Set init_cfg.checkpoint to your weights.
# tools/dist_train.sh configs/transfer/r2p1d_dem_ucf101_split1.py 4
_base_ = [
    '../_base_/models/r2p1d_dem_transfer.py',
    '../_base_/datasets/ucf101.py',
    '../_base_/schedules/sgd_plateau.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=101))
