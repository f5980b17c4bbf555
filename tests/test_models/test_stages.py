import pytest

from dem_mmaction.models.stages import STAGES, blocks_with_dem, check_dem_units

BLOCKS = dict(zip(STAGES, (1, 1, 2, 3, 1), strict=True))


def test_every_block_unless_others_are_named():
    found = blocks_with_dem(None, BLOCKS)
    assert found == blocks_with_dem(list(STAGES), BLOCKS)
    assert [stage for stage, _ in found] == (
        ['conv1', 'conv2_x'] + ['conv3_x'] * 2 + ['conv4_x'] * 3 + ['conv5_x']
    )
    assert [block for _, block in found] == [0, 0, 0, 1, 0, 1, 2, 0]


def test_stages_and_single_blocks():
    found = blocks_with_dem(('conv1.0', 'conv4_x.2', 'conv3_x'), BLOCKS)
    assert found == [('conv1', 0), ('conv4_x', 2), ('conv3_x', 0), ('conv3_x', 1)]


def test_stages_without_a_place_for_dem_are_none_of_them():
    places = {stage: BLOCKS[stage] for stage in STAGES[1:]}
    assert {stage for stage, _ in blocks_with_dem(None, places)} == set(places)
    assert blocks_with_dem([], places) == []
    with pytest.raises(ValueError, match=r"'conv1'; known are the stages \('conv2_x'"):
        blocks_with_dem(['conv1'], places)


@pytest.mark.parametrize(
    'dem_stages, message',
    [
        ('conv1', "dem_stages='conv1' must be a list"),
        (1, 'dem_stages=1 must be a list'),
        (['conv6_x'], r"'conv6_x'; known.*conv5_x.*\[1, 1, 2, 3, 1\]"),
        (['conv3_x.2'], "'conv3_x.2'"),
        (['conv1.1'], "'conv1.1'"),
        (['conv2_x.'], "'conv2_x.'"),
        (['conv2_x.-1'], "'conv2_x.-1'"),
    ],
)
def test_bad_values_are_named(dem_stages, message):
    with pytest.raises(ValueError, match=message):
        blocks_with_dem(dem_stages, BLOCKS)


@pytest.mark.parametrize('dem_units', [(0, 1), [1, 0], [0], (1,)])
def test_some_of_the_units_of_a_block(dem_units):
    check_dem_units(dem_units)


@pytest.mark.parametrize('dem_units', [[], [2], [-1], 0, None, '01', [[0]], {0, 1}])
def test_other_units_are_named(dem_units):
    with pytest.raises(ValueError, match=r'dem_units=.*must be \[0, 1\], \[0\] or'):
        check_dem_units(dem_units)
