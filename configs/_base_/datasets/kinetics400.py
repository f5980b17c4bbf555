# Kinetics-400, 400 classes, in lists of one "path label" a line.
_base_ = 'clips_16x112.py'

num_classes = 400
train_dataloader = dict(
    dataset=dict(ann_file='data/kinetics400/train.txt', num_classes=num_classes)
)
val_dataloader = dict(
    dataset=dict(ann_file='data/kinetics400/val.txt', num_classes=num_classes)
)
test_dataloader = dict(
    dataset=dict(ann_file='data/kinetics400/val.txt', num_classes=num_classes)
)
