"""The stages of the network (Table 3.1 of the thesis), and where DEM stands in them."""

from collections.abc import Sequence

STAGES = ('conv1', 'conv2_x', 'conv3_x', 'conv4_x', 'conv5_x')

# Residual blocks of conv2_x to conv5_x, by the depth of the network.
BLOCKS = {10: (1, 1, 1, 1), 18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}


def blocks_with_dem(
    unit: str, dem_stages: Sequence[str] | None, blocks: Sequence[int]
) -> list[tuple[str, int]]:
    """Find the blocks that have DEM.

    Args:
        unit: ``'2plus1d'`` or ``'3d'``.
        dem_stages: Stages (``'conv3_x'``) and single blocks (``'conv3_x.0'``). None for
            all that have (2+1)D units.
        blocks: Number of blocks of conv2_x to conv5_x.

    Returns:
        Stage and index of each block; conv1 is one block.

    Raises:
        ValueError: There is no such stage or block, or it has no (2+1)D units.
    """
    num_blocks = dict(zip(STAGES, (1, *blocks), strict=True))
    if dem_stages is None:
        dem_stages = STAGES if unit == '2plus1d' else ()
    elif isinstance(dem_stages, str) or not isinstance(dem_stages, Sequence):
        raise ValueError(f"dem_stages={dem_stages!r} must be a list, e.g. ['conv2_x'].")
    if dem_stages and unit == '3d':
        raise ValueError(
            f"dem_stages={list(dem_stages)} with unit='3d': DEM stands between the two "
            "convolutions of a (2+1)D unit; use unit='2plus1d' or dem_stages=[]."
        )
    chosen = []
    for name in dem_stages:
        stage, dot, index = str(name).partition('.')
        if stage not in num_blocks or (
            dot and not (index.isdigit() and int(index) < num_blocks[stage])
        ):
            raise ValueError(
                f"dem_stages has '{name}'; known are the stages {STAGES} and their "
                f'blocks from 0, here {list(num_blocks.values())} of them, such as '
                "'conv2_x.0'."
            )
        indices = [int(index)] if dot else range(num_blocks[stage])
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
