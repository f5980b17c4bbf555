# Something-Something v2, 174 classes. No flip: some of them tell left from right.
_base_ = 'clips_16x112.py'

train_list = 'data/sthv2/train.txt'
val_list = 'data/sthv2/val.txt'
num_classes = 174

train_pipeline = _base_.train_pipeline
train_pipeline[3].flip_ratio = 0.0

train_dataloader = dict(
    dataset=dict(ann_file=train_list, num_classes=num_classes, pipeline=train_pipeline)
)
val_dataloader = dict(dataset=dict(ann_file=val_list, num_classes=num_classes))
test_dataloader = dict(dataset=dict(ann_file=val_list, num_classes=num_classes))
