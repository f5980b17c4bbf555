# A small I3D of MMAction2 (Carreira and Zisserman, CVPR 2017) on 26 spoken words of the
# GRID corpus: 1,744 steps of 16 clips. Tested by tools/test_robustness.py, it can be
# put beside networks of this package. docs/data.md says how to prepare the videos.
# tools/train.py configs/mmaction2/i3d_words.py
_base_ = [
    '../_base_/models/i3d_18.py',
    '../_base_/datasets/words.py',
    '../_base_/schedules/adam_onecycle_14e.py',
    '../_base_/probe_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes))
train_cfg = dict(max_epochs=8)
