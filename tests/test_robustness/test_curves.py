import pytest

from dem_mmaction.robustness import ConditionResult, ConditionResults
from dem_mmaction.robustness.curves import draw_all, draw_families

LABELS = [0, 1, 2, 0]
# How many of the four videos are known.
KNOWN = {'clean': 4, 'freeze=0.4': 3, 'freeze=0.2': 1, 'reverse': 2, 'shuffled': 1}


def model(title, without=()):
    """A model that takes the videos that it does not know for class 9."""
    results = {
        name: ConditionResult(
            {'video/top1': known / 4},
            predictions=LABELS[:known] + [9] * (4 - known),
            ranks=[0] * known + [5] * (4 - known),
        )
        for name, known in KNOWN.items()
        if name not in without
    }
    return ConditionResults('clean', results, labels=LABELS, title=title)


def drawn(axes):
    """The ticks, and by model the heights of its points."""
    lines = [bars.lines[0] for bars in axes.containers]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    return labels, [list(line.get_ydata()) for line in lines]


def test_families_are_curves_and_what_has_no_severity_is_points():
    figures = draw_families([model('a')])
    assert list(figures) == ['freeze', 'others']
    panels = {family: figure.axes[0] for family, figure in figures.items()}
    assert drawn(panels['freeze']) == (['clean', '0.4', '0.2'], [[100, 75, 25]])
    assert drawn(panels['others']) == (
        ['clean', 'reverse', 'shuffled'],
        [[100, 50, 25]],
    )
    styles = {
        family: axes.containers[0].lines[0].get_linestyle()
        for family, axes in panels.items()
    }
    assert styles == dict(freeze='-', others='None')
    assert not panels['freeze'].get_legend()  # one model needs none


def test_models_share_conditions_and_one_legend():
    figure = draw_all([model('a'), model('b', without=('freeze=0.2', 'reverse'))])
    first, second = (axes for axes in figure.axes if axes.get_visible())
    assert drawn(first)[0] == ['clean', '0.4'] and len(drawn(first)[1]) == 2
    assert drawn(second)[0] == ['clean', 'shuffled']
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ['a', 'b']
    assert not any(axes.get_legend() for axes in figure.axes)


def test_figures_of_several_models_stand_alone():
    for figure in draw_families([model('a'), model('b')]).values():
        texts = figure.axes[0].get_legend().get_texts()
        assert [text.get_text() for text in texts] == ['a', 'b']


@pytest.mark.parametrize('shared', [(), ('reverse',)])
def test_models_without_a_common_condition_have_no_figure(shared):
    only = [name for name in KNOWN if name not in ('clean', *shared)]
    figure = draw_all([model('a'), model('b', without=only)])
    assert (figure is None) == (not shared)
