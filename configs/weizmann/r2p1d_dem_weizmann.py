# A small R(2+1)D with DEM in every unit on the Weizmann actions of 7 people, daria left
# out for the test: 400 steps of 16 clips. It has no counterpart in the thesis.
# docs/data.md says how to prepare the videos.
# tools/train.py configs/weizmann/r2p1d_dem_weizmann.py
_base_ = [
    '../_base_/models/r2p1d_dem_10.py',
    '../_base_/datasets/weizmann.py',
    '../_base_/schedules/adam_onecycle_8e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes, dropout_ratio=0.2))
train_cfg = dict(max_epochs=100, val_interval=2)  # of 4 steps
param_scheduler = dict(pct_start=0.1)
