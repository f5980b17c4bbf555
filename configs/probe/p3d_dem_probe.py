# A small P3D with DEM before each temporal convolution
# on the motion probe, generated videos of 32x32: minutes on a CPU. Without DEM:
# --cfg-options model.backbone.dem_stages=[]. It has no counterpart in the thesis.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/probe/p3d_dem_probe.py
_base_ = [
    '../_base_/models/p3d_dem_17.py',
    '../_base_/datasets/motion_probe.py',
    '../_base_/schedules/adam_onecycle_8e.py',
    '../_base_/probe_runtime.py',
]

# Of 72 steps each.
train_cfg = dict(max_epochs=11)
