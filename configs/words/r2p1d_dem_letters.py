# A small R(2+1)D with DEM in every unit on the 25 letters that are spoken in the same
# sentences as the words: what networks that know the words are fine-tuned to. It has no
# counterpart in the thesis. docs/data.md says how to prepare the videos.
# tools/train.py configs/words/r2p1d_dem_letters.py
_base_ = [
    '../_base_/models/r2p1d_dem_10.py',
    '../_base_/datasets/letters.py',
    '../_base_/schedules/adam_onecycle_14e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes, dropout_ratio=0.2))
