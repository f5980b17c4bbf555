# R(2+1)D-18 with DEM in every unit, fine-tuned from miniKinetics on UCF-101, split 2:
# conv5_x and the classifier train, the rest is frozen. 4 GPUs.
# The thesis: 73.38 % video top-1 (Table 4.4).
# WEIGHTS: work_dirs/r2p1d_dem_minik/best_video_top1_epoch_N.pth, with N the best
# epoch, which training configs/r2p1d_dem_minik.py leaves.
# tools/dist_train.sh configs/transfer/r2p1d_dem_ucf101_split2.py 4 \
#     --cfg-options model.backbone.init_cfg.checkpoint=WEIGHTS
_base_ = 'r2p1d_dem_ucf101_split1.py'

train_dataloader = dict(dataset=dict(ann_file='data/ucf101/train_split2.txt'))
val_dataloader = dict(dataset=dict(ann_file='data/ucf101/test_split2.txt'))
test_dataloader = dict(dataset=dict(ann_file='data/ucf101/test_split2.txt'))
