# A small I3D of MMAction2 (Carreira and Zisserman, CVPR 2017) on the motion probe,
# generated videos of 32x32: 576 steps of 16 clips. Tested by tools/test_robustness.py,
# it can be put beside networks of this package.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/mmaction2/i3d_probe.py
_base_ = [
    '../_base_/models/i3d_18.py',
    '../_base_/datasets/motion_probe.py',
    '../_base_/schedules/adam_onecycle_8e.py',
    '../_base_/probe_runtime.py',
]

model = dict(cls_head=dict(num_classes=8))
