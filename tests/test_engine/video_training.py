"""A training on small video files, of a network of eight weights."""

from itertools import count

import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

import dem_mmaction  # noqa: F401  registers the data set, the steps and the hooks

_runs = count()
SAMPLE = dict(type='SampleFrames', clip_len=4)
END = [
    dict(type='VideoDecode'),
    dict(type='ClipWarp', size=16, scale=(24, 24)),
    dict(type='FormatShape', input_format='NCTHW'),
    dict(
        type='PackActionInputs', meta_keys=('img_shape', 'filename', 'frame_interval')
    ),
]
PIPELINE = [dict(type='VideoInit'), dict(SAMPLE, num_clips=2), *END]
TEST_PIPELINE = [
    dict(type='VideoInit'),
    dict(SAMPLE, num_clips=2, test_mode=True),
    *END[:1],
    dict(type='ClipCenterCrop', size=16, scale=(24, 24)),
    *END[2:],
]


class Colours(BaseModel):
    """Tells two classes apart by the mean colour of a clip, with dropout."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Linear(3, 2)
        self.files = []

    def forward(self, inputs, data_samples, mode):
        clips = torch.stack(inputs).float() / 255  # (N, clips, 3, T, H, W)
        colours = clips.mean(dim=(-3, -2, -1))
        if mode == 'loss':
            self.files += [own.filename for own in data_samples]
            colours = nn.functional.dropout(colours, 0.2)
        logits = self.weight(colours)
        if mode == 'loss':
            labels = torch.cat([own.gt_label for own in data_samples])
            labels = labels.repeat_interleave(logits.shape[1])
            return dict(
                loss_cls=nn.functional.cross_entropy(logits.flatten(0, 1), labels)
            )
        for own, scores in zip(data_samples, logits, strict=True):
            own.set_field(scores, 'clip_logits')
            own.set_field(scores.mean(dim=0), 'pred_score')
        return data_samples


def loader(ann_file, pipeline=PIPELINE, workers=0, **kwargs):
    """The config of a loader of two videos a batch."""
    testing = pipeline is TEST_PIPELINE
    dataset = dict(type='VideoListDataset', ann_file=str(ann_file), pipeline=pipeline)
    return dict(
        batch_size=2,
        drop_last=not testing,
        num_workers=workers,
        persistent_workers=workers > 0,
        sampler=dict(type='DefaultSampler', shuffle=not testing),
        dataset=dict(dataset, test_mode=testing, **kwargs),
    )


def video_runner(work_dir, train=None, val=None, test=None, epochs=1, **kwargs):
    """A runner with the loaders given, on the CPU.

    Args:
        train: Config of a loader; likewise ``val`` and ``test``.
        **kwargs: Arguments of MMEngine's ``Runner`` beside.
    """
    if train:
        kwargs.setdefault('optim_wrapper', dict(optimizer=dict(type='Adam', lr=0.1)))
        kwargs.update(
            train_dataloader=train, train_cfg=dict(by_epoch=True, max_epochs=epochs)
        )
    for part, own in (('val', val), ('test', test)):
        if own:
            kwargs[f'{part}_dataloader'] = own
            kwargs[f'{part}_cfg'] = dict()
            kwargs.setdefault(f'{part}_evaluator', dict(type='ClipVideoAccuracy'))
    torch.manual_seed(0)
    return Runner(
        Colours(),
        str(work_dir),
        randomness=dict(seed=7),
        default_scope='mmaction',
        log_level='WARNING',
        experiment_name=f'videos-{next(_runs)}',  # MMEngine keeps a logger by name
        **kwargs,
    )
