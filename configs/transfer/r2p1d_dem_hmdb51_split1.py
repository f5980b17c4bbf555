# R(2+1)D-18 with DEM in every unit, fine-tuned from miniKinetics on HMDB-51, split 1:
# conv5_x and the classifier train, the rest is frozen. 4 GPUs.
# The thesis: 43.14 % video top-1 (Table 4.4).
# WEIGHTS: work_dirs/r2p1d_dem_minik/best_video_top1_epoch_N.pth, with N the best
# epoch, which training configs/r2p1d_dem_minik.py leaves.
# tools/dist_train.sh configs/transfer/r2p1d_dem_hmdb51_split1.py 4 \
#     --cfg-options model.backbone.init_cfg.checkpoint=WEIGHTS
_base_ = [
    '../_base_/models/r2p1d_dem_transfer.py',
    '../_base_/datasets/hmdb51.py',
    '../_base_/schedules/sgd_plateau.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes))
