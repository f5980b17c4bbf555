"""Parts of MMEngine configs, found by what they are."""

from collections.abc import Sequence

from mmengine.config import Config


def pipeline_of_test(config: Config) -> list[dict]:
    """The pipeline of the test, which not every config names by itself.

    Raises:
        ValueError: The config has none.
    """
    pipeline = config.get('test_pipeline')
    if pipeline is None and config.get('test_dataloader'):
        pipeline = config.test_dataloader.dataset.pipeline
    if pipeline is None:
        raise ValueError('The config has no test_pipeline and no test_dataloader.')
    return pipeline


def find_step(pipeline: Sequence[dict], *kinds: str) -> int:
    """Find a step of a pipeline by its type.

    Args:
        pipeline: Configs of data transforms.
        kinds: The ``type`` of the step, or several that will do.

    Returns:
        The index of the first such step.

    Raises:
        ValueError: There is none; names the types that there are.
    """
    found = [step['type'] for step in pipeline]
    for index, kind in enumerate(found):
        if kind in kinds:
            return index
    raise ValueError(
        f'The pipeline needs a step of type {" or ".join(kinds)}; it has {found}.'
    )


def split_at_decoding(pipeline: Sequence[dict]) -> tuple[list[dict], list[dict]]:
    """Split a pipeline into what reads a video and what is done with its frames.

    Args:
        pipeline: Configs of data transforms.

    Returns:
        The steps up to the one that decodes frames, with it, and those after it.

    Raises:
        ValueError: No step decodes frames; names the types that there are.
    """
    kinds = [str(step['type']) for step in pipeline]
    decoding = [i for i, kind in enumerate(kinds) if kind.endswith('Decode')]
    if not decoding:
        raise ValueError(
            'The pipeline needs a step that decodes frames, such as DecordDecode; it '
            f'has {kinds}.'
        )
    end = decoding[-1] + 1
    return list(pipeline[:end]), list(pipeline[end:])
