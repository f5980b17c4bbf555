# A small R(2+1)D with DEM in every unit on the motion probe, generated videos of 32x32:
# minutes on a CPU. It has no counterpart in the thesis.
# docs/comparisons.md has its accuracies.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/probe/r2p1d_dem_probe.py
_base_ = [
    '../_base_/models/r2p1d_dem_10.py',
    '../_base_/datasets/motion_probe.py',
    '../_base_/schedules/adam_onecycle_8e.py',
    '../_base_/probe_runtime.py',
]

# Of 72 steps: until then R(2+1)D has found nearly all of the motions, without DEM and
# with it in conv2_x.
train_cfg = dict(max_epochs=11)
