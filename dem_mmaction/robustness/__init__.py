"""How much a recognizer suffers when time runs differently than in its training.

A *condition* is a way to choose the frames of a clip, such as every fourth frame. The
test reads each video once, decodes each frame once, and runs the network on the clips
of every condition. It takes any MMAction2 recognizer.
"""

from .conditions import SAMPLING_STEPS, SamplingRate, find_sampling
from .controls import CLIPS, config_of_control, controls_table, train_and_test
from .loop import ConditionTestLoop
from .plot import draw_over_rates
from .rates import config_at_rates, measure_at_rates, own_rate
from .report import rates_table, write_rates
from .results import ConditionResult, RateResults
from .transform import SampleConditions

__all__ = [
    'SAMPLING_STEPS',
    'CLIPS',
    'ConditionResult',
    'ConditionTestLoop',
    'RateResults',
    'SampleConditions',
    'SamplingRate',
    'config_at_rates',
    'config_of_control',
    'controls_table',
    'draw_over_rates',
    'find_sampling',
    'measure_at_rates',
    'own_rate',
    'rates_table',
    'train_and_test',
    'write_rates',
]
