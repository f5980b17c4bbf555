# A small TSM of MMAction2 (Lin et al., ICCV 2019) on the motion probe, generated videos
# of 32x32: 576 steps of 16 clips. Tested by tools/test_robustness.py, it can be put
# beside networks of this package.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/mmaction2/tsm_probe.py
_base_ = [
    '../_base_/models/tsm_18.py',
    '../_base_/datasets/motion_probe.py',
    '../_base_/schedules/adam_onecycle_8e.py',
    '../_base_/probe_runtime.py',
]

model = dict(cls_head=dict(num_classes=8))

# Frames of the same time as the other networks see, as images.
images = [_base_.image_format, _base_.pack[-1]]
train_pipeline = [
    dict(_base_.train_pipeline[0], **_base_.frames),
    *_base_.train_pipeline[1:-2],
    *images,
]
val_pipeline = [
    dict(_base_.val_pipeline[0], **_base_.frames),
    *_base_.val_pipeline[1:-2],
    *images,
]
test_pipeline = [
    _base_.test_pipeline[0],
    dict(_base_.test_pipeline[1], **_base_.frames),
    *_base_.test_pipeline[2:-2],
    *images,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
