"""Data loaders that give nothing, or that torch refuses."""

import functools


def check_dataloaders() -> None:
    """Name a data set smaller than a batch; where no workers are, none persist.

    Of a loader that would be empty, the message says the list and what to set.
    """
    from mmengine.runner import Runner

    build = Runner.build_dataloader
    if hasattr(build, '__wrapped__'):
        return

    @functools.wraps(build)
    def build_checked(dataloader, *args, **kwargs):
        if isinstance(dataloader, dict) and not dataloader.get('num_workers'):
            dataloader = {**dataloader, 'persistent_workers': False}
        built = build(dataloader, *args, **kwargs)
        if built.drop_last and not len(built):
            samples = len(built.sampler)
            raise ValueError(
                f'{_name(built.dataset)} has {samples} samples for each process, fewer '
                f'than a batch of {built.batch_size}, and drop_last=True leaves them '
                f'out. Set batch_size of its loader to {max(1, samples)} or less.'
            )
        return built

    Runner.build_dataloader = staticmethod(build_checked)


def _name(dataset) -> str:
    ann_file = getattr(dataset, 'ann_file', '')
    return f"The data set of '{ann_file}'" if ann_file else type(dataset).__name__
