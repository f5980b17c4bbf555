# R(2+1)D-18 with DEM from miniKinetics to UCF-101, split 2; conv5_x and classifier.
# The thesis: 73.38 % video top-1 (Table 4.4). Set init_cfg.checkpoint to your weights.
# tools/dist_train.sh configs/transfer/r2p1d_dem_ucf101_split2.py 4
_base_ = 'r2p1d_dem_ucf101_split1.py'

train_list = 'data/ucf101/train_split2.txt'
test_list = 'data/ucf101/test_split2.txt'

train_dataloader = dict(dataset=dict(ann_file=train_list))
val_dataloader = dict(dataset=dict(ann_file=test_list))
test_dataloader = dict(dataset=dict(ann_file=test_list))
