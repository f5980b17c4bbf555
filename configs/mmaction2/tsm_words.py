# A small TSM of MMAction2 (Lin et al., ICCV 2019) on 26 spoken words of the GRID
# corpus: 1,308 steps of 16 clips, from the weights of the TSM of the motion probe: from
# random ones it learned nothing in this time. Tested by tools/test_robustness.py, it
# can be put beside networks of this package. docs/data.md says how to prepare the
# videos.
# tools/train.py configs/mmaction2/tsm_probe.py
# tools/train.py configs/mmaction2/tsm_words.py
_base_ = [
    '../_base_/models/tsm_18.py',
    '../_base_/datasets/words.py',
    '../_base_/schedules/adam_onecycle_14e.py',
    '../_base_/probe_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes))
train_cfg = dict(max_epochs=6)
load_from = 'work_dirs/tsm_probe/epoch_8.pth'

# Frames of the same time as the other networks see, as images.
images = [_base_.image_format, _base_.pack[-1]]
train_pipeline = [
    dict(_base_.train_pipeline[0], **_base_.frames),
    *_base_.train_pipeline[1:-2],
    *images,
]
test_pipeline = [
    dict(_base_.test_pipeline[0], **_base_.frames),
    *_base_.test_pipeline[1:-2],
    *images,
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
