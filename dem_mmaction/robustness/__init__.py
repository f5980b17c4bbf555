"""How much a recognizer suffers when time runs differently than in its training.

A *condition* is a way to choose the frames of a clip, such as every fourth frame. The
test reads each video once, decodes each frame once, and runs the network on the clips
of every condition. It takes any MMAction2 recognizer.
"""

from .conditions import (
    CLEAN,
    SAMPLING_STEPS,
    Condition,
    SamplingRate,
    find_sampling,
    frames_taken,
)
from .config import config_of_condition, config_under
from .controls import CLIPS, config_of_control, controls_table, train_and_test
from .families import FAMILIES, SUITES, Family, condition_named, named_conditions, suite
from .loop import ConditionTestLoop
from .measure import measure_robustness, robustness_runner
from .measures import Measures, measures
from .plot import draw_over_rates
from .rates import config_at_rates, measure_at_rates, own_rate
from .report import rates_table, write_rates
from .results import ConditionResult, ConditionResults, RateResults
from .robustness_loop import RobustnessTestLoop
from .robustness_report import check_comparable, robustness_text, write_robustness
from .transform import SampleConditions

__all__ = [
    'CLEAN',
    'CLIPS',
    'FAMILIES',
    'SAMPLING_STEPS',
    'SUITES',
    'Condition',
    'ConditionResult',
    'ConditionResults',
    'ConditionTestLoop',
    'Family',
    'Measures',
    'RateResults',
    'RobustnessTestLoop',
    'SampleConditions',
    'SamplingRate',
    'check_comparable',
    'condition_named',
    'config_at_rates',
    'config_of_condition',
    'config_of_control',
    'config_under',
    'controls_table',
    'draw_over_rates',
    'find_sampling',
    'frames_taken',
    'measure_at_rates',
    'measure_robustness',
    'measures',
    'named_conditions',
    'own_rate',
    'rates_table',
    'robustness_runner',
    'robustness_text',
    'suite',
    'train_and_test',
    'write_rates',
    'write_robustness',
]
