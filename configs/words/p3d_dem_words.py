# A small P3D with DEM before each temporal convolution
# on 26 spoken words of the GRID corpus: 3,052 steps of 16 clips. Without DEM:
# --cfg-options model.backbone.dem_stages=[]. It has no counterpart in the thesis.
# docs/data.md says how to prepare the videos.
# tools/train.py configs/words/p3d_dem_words.py
_base_ = [
    '../_base_/models/p3d_dem_17.py',
    '../_base_/datasets/words.py',
    '../_base_/schedules/adam_onecycle_14e.py',
    '../_base_/default_runtime.py',
]

model = dict(cls_head=dict(num_classes=_base_.num_classes, dropout_ratio=0.2))
