"""Parts of MMEngine configs, found by what they are."""

from collections.abc import Sequence


def find_step(pipeline: Sequence[dict], kind: str) -> int:
    """Find a step of a pipeline by its type.

    Args:
        pipeline: Configs of data transforms.
        kind: The ``type`` of the step.

    Returns:
        The index of the first such step.

    Raises:
        ValueError: There is none; names the types that there are.
    """
    kinds = [step['type'] for step in pipeline]
    if kind not in kinds:
        raise ValueError(f'The pipeline needs a step of type {kind}; it has {kinds}.')
    return kinds.index(kind)
