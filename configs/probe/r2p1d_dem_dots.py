# A small R(2+1)D with DEM in every unit on random dots, the harder kind of the motion
# probe: generated videos of 32x32, 1,200 steps. It has no counterpart in the thesis.
# docs/data.md describes them.
# tools/data/make_probe.py data/dots_probe --kind dots --val 384 --test 768
# tools/train.py configs/probe/r2p1d_dem_dots.py
_base_ = [
    '../_base_/models/r2p1d_dem_10.py',
    '../_base_/datasets/dots_probe.py',
    '../_base_/schedules/adam_onecycle_8e.py',
    '../_base_/probe_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes))
train_cfg = dict(max_epochs=16)  # of 75 steps
