"""Parts of MMEngine configs, found by what they are."""

from collections.abc import Sequence


def find_step(pipeline: Sequence[dict], *wanted: str) -> int:
    """Find a step of a pipeline by its type.

    Args:
        pipeline: Configs of data transforms.
        *wanted: The ``type`` of the step, or several that it may have.

    Returns:
        The index of the first such step.

    Raises:
        ValueError: There is none; names the types that there are.
    """
    kinds = [step['type'] for step in pipeline]
    for index, kind in enumerate(kinds):
        if kind in wanted:
            return index
    raise ValueError(
        f'The pipeline needs a step of type {" or ".join(wanted)}; it has {kinds}.'
    )
