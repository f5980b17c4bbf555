# UCF-101, official split 1; three clips of a video in tests.
_base_ = 'clips_16x112.py'

train_list = 'data/ucf101/train_split1.txt'
val_list = 'data/ucf101/test_split1.txt'
num_classes = 101

test_pipeline = _base_.test_pipeline
test_pipeline[1].num_clips = 3

train_dataloader = dict(
    dataset=dict(ann_file=train_list, num_classes=num_classes))
val_dataloader = dict(dataset=dict(ann_file=val_list, num_classes=num_classes))
test_dataloader = dict(
    dataset=dict(ann_file=val_list, num_classes=num_classes, pipeline=test_pipeline))
