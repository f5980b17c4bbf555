# Something-Something v2, 174 classes, in lists of one "path label" a line. No flip:
# some classes tell left from right.
_base_ = 'clips_16x112.py'

num_classes = 174
train_pipeline = [
    dict(step, flip_ratio=0.0) if step.type == 'ClipWarp' else step
    for step in _base_.train_pipeline
]
train_dataloader = dict(
    dataset=dict(
        ann_file='data/sthv2/train.txt',
        num_classes=num_classes,
        pipeline=train_pipeline,
    )
)
val_dataloader = dict(
    dataset=dict(ann_file='data/sthv2/val.txt', num_classes=num_classes)
)
test_dataloader = dict(
    dataset=dict(ann_file='data/sthv2/val.txt', num_classes=num_classes)
)
