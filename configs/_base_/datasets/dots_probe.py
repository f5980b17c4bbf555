# Random dots, the harder kind of the motion probe: generated videos of 32x32, 4 classes
# of drifts that frames without their order do not tell apart, half of the videos
# steady, half of varied speed. A video is tested by one clip: several would hide how
# hard a clip is. Generate it first:
#     tools/data/make_probe.py data/dots_probe --kind dots --val 384 --test 768
_base_ = 'motion_probe.py'

num_classes = 4
train_dataloader = dict(
    dataset=dict(ann_file='data/dots_probe/train.txt', num_classes=num_classes)
)
val_dataloader = dict(
    dataset=dict(ann_file='data/dots_probe/val.txt', num_classes=num_classes)
)
test_pipeline = [
    dict(step, num_clips=1) if step.type == 'SampleFrames' else step
    for step in _base_.test_pipeline
]
test_dataloader = dict(
    batch_size=64,
    dataset=dict(
        ann_file='data/dots_probe/test.txt',
        num_classes=num_classes,
        pipeline=test_pipeline,
    ),
)
