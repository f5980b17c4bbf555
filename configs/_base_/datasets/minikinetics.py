# miniKinetics, 200 classes, 80,000 videos to train on and 5,000 to test on, in lists of
# one "path label" a line.
_base_ = 'clips_16x112.py'

num_classes = 200
train_dataloader = dict(
    dataset=dict(ann_file='data/minikinetics/train.txt', num_classes=num_classes)
)
val_dataloader = dict(
    dataset=dict(ann_file='data/minikinetics/val.txt', num_classes=num_classes)
)
test_dataloader = dict(
    dataset=dict(ann_file='data/minikinetics/val.txt', num_classes=num_classes)
)
