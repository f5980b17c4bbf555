"""Training data that is in memory already: what a step takes without its videos."""

from functools import cached_property

from mmaction.registry import DATASETS

from dem_mmaction.datasets import VideoListDataset


@DATASETS.register_module()
class ResidentClips(VideoListDataset):
    """The clips of the first video, read once, whatever is asked for."""

    @cached_property
    def clips(self) -> dict:
        """What the pipeline makes of the first video."""
        return super().__getitem__(0)

    def __getitem__(self, index: int) -> dict:
        return dict(self.clips)
