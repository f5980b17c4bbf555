"""Whether a training has come to its end."""

from collections.abc import Sequence

import numpy as np

from .records import Curve

#: Number of evaluations that must agree, and by how many points, rounded.
LAST, WITHIN = 3, 1
#: Share of its highest value that the learning rate must have come down to.
FINAL_LR = 0.02


def have_converged(curves: Sequence[Curve]) -> bool:
    """Whether accuracy stands still at the end of a schedule.

    It does when the top-1 of the last three evaluations on the validation part lies
    within one point, and the learning rate of the last one is at most 2 % of the
    highest: a rate that is still large can hide what the network has yet to learn. The
    point is a rounded one, below 1.5: of 192 videos two are more than a whole one.

    Args:
        curves: How the training on each fold went. What counts is the mean of their
            accuracies, as it does for the result: a fold may have ten videos.
    """
    if any(len(curve.top1) < LAST for curve in curves):
        return False
    last = np.mean([curve.top1[-LAST:] for curve in curves], axis=0)
    points = round(100 * float(np.ptp(last)))
    low = all(curve.lr[-1] <= FINAL_LR * max(curve.lr) for curve in curves)
    return points <= WITHIN and low
