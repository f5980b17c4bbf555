# HMDB-51, 51 classes, split 1 of the three official ones.
_base_ = 'clips_16x112_transfer.py'

num_classes = 51
train_dataloader = dict(
    dataset=dict(ann_file='data/hmdb51/train_split1.txt', num_classes=num_classes)
)
val_dataloader = dict(
    dataset=dict(ann_file='data/hmdb51/test_split1.txt', num_classes=num_classes)
)
test_dataloader = dict(
    dataset=dict(ann_file='data/hmdb51/test_split1.txt', num_classes=num_classes)
)
