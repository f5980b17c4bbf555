# R(2+1)D-18 with DEM on your own videos, one GPU: fill in two lists and the number of
# classes. A list holds one "path label" a line, paths relative to the list's own
# folder; docs/data.md has the command that writes both lists.
# tools/train.py configs/custom/r2p1d_dem_custom.py
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
base_channels = 64  # size of the network; with 16 it is a sixteenth as large
# A shorter run, whose learning rate then falls over that length:
# train_cfg = dict(max_epochs=10)

model = dict(
    # It starts from random weights, r2p1d_dem_finetune.py from torchvision's.
    backbone=dict(base_channels=base_channels),
    cls_head=dict(num_classes=num_classes, in_channels=8 * base_channels),
)
train_dataloader = dict(dataset=dict(ann_file=train_list, num_classes=num_classes))
val_dataloader = dict(dataset=dict(ann_file=val_list, num_classes=num_classes))
test_dataloader = dict(dataset=dict(ann_file=val_list, num_classes=num_classes))
