"""Whether a training has come to its end."""

from .records import Curve, RunRecord

#: Number of evaluations that must agree, and by how many points, rounded.
LAST, WITHIN = 3, 1
#: Share of its highest value that the learning rate must have come down to.
FINAL_LR = 0.02


def has_converged(curve: Curve) -> bool:
    """Whether accuracy stands still at the end of a schedule.

    It does when the top-1 of the last three evaluations on the validation part lies
    within one point, and the learning rate of the last one is at most 2 % of the
    highest: a rate that is still large can hide what the network has yet to learn. The
    point is a rounded one, below 1.5: of 192 videos two are more than a whole one.

    Args:
        curve: How the training went.
    """
    if len(curve.top1) < LAST:
        return False
    last = curve.top1[-LAST:]
    points = round(100 * (max(last) - min(last)))
    return points <= WITHIN and curve.lr[-1] <= FINAL_LR * max(curve.lr)


def unconverged(record: RunRecord) -> int:
    """Number of a record's trainings that have not come to their end."""
    return sum(not has_converged(curve) for curve in record.curves)
