# A small R3D with DEM before each 3D convolution but the first
# on the motion probe, generated videos of 32x32: minutes on a CPU. Without DEM:
# --cfg-options model.backbone.dem_stages=[]. It has no counterpart in the thesis.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/probe/r3d_dem_probe.py
_base_ = [
    '../_base_/models/r3d_dem_10.py',
    '../_base_/datasets/motion_probe.py',
    '../_base_/schedules/adam_onecycle_8e.py',
    '../_base_/probe_runtime.py',
]

# Of 72 steps each.
train_cfg = dict(max_epochs=11)
