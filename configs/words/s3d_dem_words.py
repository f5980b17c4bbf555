# A small S3D with DEM in each separable convolution
# on 26 spoken words of the GRID corpus: 3,052 steps of 16 clips, from the weights of
# the S3D of the motion probe: from random ones it learned next to nothing in this time.
# Without DEM, in both trainings: --cfg-options model.backbone.dem_stages=[]. It has no
# counterpart in the thesis. docs/data.md says how to prepare the videos.
# tools/train.py configs/probe/s3d_dem_probe.py
# tools/train.py configs/words/s3d_dem_words.py
_base_ = [
    '../_base_/models/s3d_dem_20.py',
    '../_base_/datasets/words.py',
    '../_base_/schedules/adam_onecycle_14e.py',
    '../_base_/default_runtime.py',
]

model = dict(
    backbone=dict(
        init_cfg=dict(
            type='Pretrained',
            prefix='backbone.',
            checkpoint='work_dirs/s3d_dem_probe/epoch_11.pth',
        )
    ),
    cls_head=dict(num_classes=_base_.num_classes, dropout_ratio=0.2),
)
