"""A runner that tests one video under the conditions sr1 and sr3, in no time."""

import torch
from mmaction.registry import METRICS
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import Dataset


class OneVideo(Dataset):
    """Too short for sr3."""

    metainfo = {}

    def __len__(self):
        return 1

    def __getitem__(self, index):
        clip = dict(inputs=torch.zeros(1), data_samples=0)
        return dict(clips=dict(sr1=clip, sr3=clip), too_short=dict(sr1=False, sr3=True))


class Nothing(BaseModel):
    """Predicts the same of each video."""

    def forward(self, inputs, data_samples, mode):
        return [dict(pred=1)]


@METRICS.register_module()
class CountVideos(BaseMetric):
    """How many videos it has seen."""

    def process(self, data_batch, data_samples):
        self.results += data_samples

    def compute_metrics(self, results):
        return dict(videos=len(results))


def tiny_runner(work_dir, test_cfg):
    """Build the runner with a test loop of a config."""
    return Runner(
        Nothing(),
        str(work_dir),
        test_dataloader=dict(
            dataset=OneVideo(), batch_size=1, num_workers=0, sampler=None
        ),
        test_cfg=test_cfg,
        test_evaluator=dict(type='CountVideos'),
        experiment_name=work_dir.name,
        default_scope='mmaction',
    )
