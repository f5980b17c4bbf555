# A small S3D with DEM in each separable convolution
# on the motion probe, generated videos of 32x32: minutes on a CPU. Without DEM:
# --cfg-options model.backbone.dem_stages=[]. It has no counterpart in the thesis.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/probe/s3d_dem_probe.py
_base_ = [
    '../_base_/models/s3d_dem_20.py',
    '../_base_/datasets/motion_probe.py',
    '../_base_/schedules/adam_onecycle_8e.py',
    '../_base_/probe_runtime.py',
]

# Of 72 steps each.
train_cfg = dict(max_epochs=11)
