# R(2+1)D-18 with DEM from miniKinetics to HMDB-51, split 3; conv5_x and classifier.
# The thesis: 42.22 % video top-1 (Table 4.4). Set init_cfg.checkpoint to your weights.
# tools/dist_train.sh configs/transfer/r2p1d_dem_hmdb51_split3.py 4
_base_ = 'r2p1d_dem_hmdb51_split1.py'

train_list = 'data/hmdb51/train_split3.txt'
test_list = 'data/hmdb51/test_split3.txt'

train_dataloader = dict(dataset=dict(ann_file=train_list))
val_dataloader = dict(dataset=dict(ann_file=test_list))
test_dataloader = dict(dataset=dict(ann_file=test_list))
