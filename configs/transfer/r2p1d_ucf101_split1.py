# R(2+1)D-18 without DEM from miniKinetics to UCF-101, split 1; conv5_x and classifier.
# The thesis: 70.58 % video top-1 (Table 4.4). Set init_cfg.checkpoint to your weights.
# tools/dist_train.sh configs/transfer/r2p1d_ucf101_split1.py 4
_base_ = [
    '../_base_/models/r2p1d_dem_transfer.py',
    '../_base_/datasets/ucf101.py',
    '../_base_/schedules/sgd_plateau.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(
        dem_stages=[], init_cfg=dict(checkpoint='work_dirs/r2p1d_minik/best.pth')
    ),
    cls_head=dict(num_classes=101),
)
