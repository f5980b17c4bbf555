# torchvision's R(2+1)D-18, trained on Kinetics-400, fine-tuned on your own videos with
# DEM in conv2_x, which starts as the identity: the first step is that of the network
# without DEM. One GPU. Fill in two lists and the number of classes. WEIGHTS are what
# torchvision downloads (r2plus1d_18-91a641e6.pth), as they are.
# tools/train.py configs/custom/r2p1d_dem_finetune.py \
#     --cfg-options model.backbone.init_cfg.checkpoint=WEIGHTS
_base_ = [
    '../_base_/models/r2p1d_dem_18.py',
    '../_base_/datasets/clips_16x112.py',
    '../_base_/schedules/adam_cosine_50e.py',
    '../_base_/default_runtime.py',
]

# Fill in here, not by --cfg-options, which come too late for what is built from them.
train_list = 'data/custom/train.txt'
val_list = 'data/custom/val.txt'
num_classes = 2

model = dict(
    backbone=dict(
        midplanes='torchvision',
        dem_stages=['conv2_x'],
        init_cfg=dict(
            type='Pretrained',
            checkpoint='r2plus1d_18-91a641e6.pth of torchvision (set '
            'model.backbone.init_cfg.checkpoint to its path)',
        ),
    ),
    cls_head=dict(num_classes=num_classes, dropout_ratio=0.5),
    # The pixels that torchvision's network was trained on.
    data_preprocessor=dict(mean=[110.2, 100.64, 95.997], std=[58.148, 56.47, 55.332]),
)
train_dataloader = dict(dataset=dict(ann_file=train_list, num_classes=num_classes))
val_dataloader = dict(dataset=dict(ann_file=val_list, num_classes=num_classes))
test_dataloader = dict(dataset=dict(ann_file=val_list, num_classes=num_classes))

# A tenth of the rate of a network that starts from nothing, and fewer epochs.
train_cfg = dict(max_epochs=15)
optim_wrapper = dict(optimizer=dict(lr=0.0001))
