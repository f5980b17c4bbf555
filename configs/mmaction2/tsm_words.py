# A small TSM of MMAction2 (Lin et al., ICCV 2019) on 26 spoken words of the GRID
# corpus: 1,744 steps of 16 clips. Tested by tools/test_robustness.py, it can be put
# beside networks of this package. docs/data.md says how to prepare the videos.
# tools/train.py configs/mmaction2/tsm_words.py
_base_ = [
    '../_base_/models/tsm_mobilenet_v2.py',
    '../_base_/datasets/words.py',
    '../_base_/schedules/adam_onecycle_14e.py',
    '../_base_/probe_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes))
train_cfg = dict(max_epochs=8)

shape = dict(type='FormatShape', input_format='NCHW')
train_pipeline = [*_base_.train_pipeline[:-2], shape, _base_.train_pipeline[-1]]
test_pipeline = [*_base_.test_pipeline[:-2], shape, _base_.test_pipeline[-1]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
