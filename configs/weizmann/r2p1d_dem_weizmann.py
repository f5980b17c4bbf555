# A small R(2+1)D with DEM in every unit on the Weizmann actions of 7 people, daria left
# out for the test: 240 steps of 16 clips. It has no counterpart in the thesis.
# docs/data.md says how to prepare the videos.
# tools/train.py configs/weizmann/r2p1d_dem_weizmann.py
_base_ = [
    '../_base_/models/r2p1d_dem_10.py',
    '../_base_/datasets/weizmann.py',
    '../_base_/schedules/adam_onecycle_14e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes, dropout_ratio=0.5))
train_cfg = dict(max_epochs=60)  # of 4 steps
