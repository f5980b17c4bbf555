"""The stages of a network (Table 3.1 of the thesis), and where DEM stands in them."""

from collections.abc import Mapping, Sequence

STAGES = ('conv1', 'conv2_x', 'conv3_x', 'conv4_x', 'conv5_x')

# Residual blocks of conv2_x to conv5_x, by the depth of the network.
BLOCKS = {10: (1, 1, 1, 1), 18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}


def blocks_with_dem(
    dem_stages: Sequence[str] | None, blocks: Mapping[str, int]
) -> list[tuple[str, int]]:
    """Find the blocks that have DEM.

    Args:
        dem_stages: Stages (``'conv3_x'``) and single blocks (``'conv3_x.0'``). None for
            all.
        blocks: Number of blocks of each stage in which DEM has a place; conv1 is one
            block.

    Returns:
        Stage and index of each block.

    Raises:
        ValueError: There is no such stage or block, or DEM has no place in it.
    """
    if dem_stages is None:
        dem_stages = list(blocks)
    elif isinstance(dem_stages, str) or not isinstance(dem_stages, Sequence):
        raise ValueError(f"dem_stages={dem_stages!r} must be a list, e.g. ['conv2_x'].")
    chosen = []
    for name in dem_stages:
        stage, dot, index = str(name).partition('.')
        if stage not in blocks or (
            dot and not (index.isdigit() and int(index) < blocks[stage])
        ):
            raise ValueError(
                f"dem_stages has '{name}'; known are the stages {tuple(blocks)} and "
                f'their blocks from 0, here {list(blocks.values())} of them, such as '
                "'conv2_x.0'."
            )
        indices = [int(index)] if dot else range(blocks[stage])
        chosen += [(stage, i) for i in indices]
    return chosen


def check_dem_units(dem_units: Sequence[int]) -> None:
    """Refuse what does not choose some of the two units of a residual block.

    Raises:
        ValueError: Names the value and what is accepted.
    """
    chosen = isinstance(dem_units, Sequence) and list(dem_units)
    if not chosen or not all(unit in (0, 1) for unit in chosen):
        raise ValueError(
            f'dem_units={dem_units!r} must be [0, 1], [0] or [1]: the units of a '
            'residual block that have DEM; dem_stages chooses the blocks.'
        )
