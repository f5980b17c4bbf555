import pytest

from dem_mmaction.utils import markdown_table


def test_columns_line_up():
    table = markdown_table(
        ['network', 'SR', 'top-1'], [['R(2+1)D', 1, '70.3'], ['DEM', 16, '8.1']]
    )
    assert table == (
        '| network |  SR | top-1 |\n'
        '| ------- | --: | ----: |\n'
        '| R(2+1)D |   1 |  70.3 |\n'
        '| DEM     |  16 |   8.1 |\n'
    )
    two = markdown_table(['a', 'b', 'c'], [['x', 'y', 1]], left=2)
    assert two.splitlines()[1:] == ['| --- | --- | --: |', '| x   | y   |   1 |']


def test_a_ragged_row_is_refused():
    with pytest.raises(ValueError):
        markdown_table(['a', 'b'], [['x']])
