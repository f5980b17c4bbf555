# torchvision's R(2+1)D-18, trained on Kinetics-400, fine-tuned on your own videos with
# DEM in conv2_x, which starts as the identity: the first step is that of the network
# without DEM. One GPU. The lists and the number of classes are those filled in in
# r2p1d_dem_custom.py. WEIGHTS are what torchvision downloads
# (r2plus1d_18-91a641e6.pth), as they are.
# tools/train.py configs/custom/r2p1d_dem_finetune.py \
#     --cfg-options model.backbone.init_cfg.checkpoint=WEIGHTS
_base_ = 'r2p1d_dem_custom.py'

model = dict(
    backbone=dict(
        base_channels=64,
        midplanes='torchvision',
        dem_stages=['conv2_x'],
        init_cfg=dict(
            type='Pretrained',
            checkpoint='r2plus1d_18-91a641e6.pth of torchvision (set '
            'model.backbone.init_cfg.checkpoint to its path)',
        ),
    ),
    cls_head=dict(in_channels=512, dropout_ratio=0.5),
    # The pixels that torchvision's network was trained on.
    data_preprocessor=dict(mean=[110.2, 100.64, 95.997], std=[58.148, 56.47, 55.332]),
)

# A tenth of the rate of a network that starts from nothing, and fewer epochs.
train_cfg = dict(max_epochs=15)
optim_wrapper = dict(optimizer=dict(lr=0.0001))
