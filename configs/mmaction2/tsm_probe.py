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
frames = dict(_base_.sample, clip_len=_base_.segments, frame_interval=2)
images = [dict(type='FormatShape', input_format='NCHW'), _base_.pack[-1]]
train_pipeline = [dict(num_clips=1, **frames), dict(type='ArrayDecode'), *images]
val_pipeline = [
    dict(num_clips=1, test_mode=True, **frames),
    dict(type='ArrayDecode'),
    *images,
]
test_pipeline = [
    dict(type='VideoInit'),
    dict(num_clips=4, test_mode=True, **frames),
    dict(type='VideoDecode'),
    *images,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
