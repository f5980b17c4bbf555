"""What a scenario is, and how the total is counted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What a scenario was expected to do and what it did.

    Attributes:
        name: The scenario.
        expected: What should be seen.
        seen: What was seen, from weights, files and counts.
        lost: Whether work, a file's name or a result was lost.
        hung: Whether it did not end in its time.
        executed: Whether data was executed, or written outside the output folder.
    """

    name: str
    expected: str
    seen: str
    lost: bool = False
    hung: bool = False
    executed: bool = False

    @property
    def fine(self) -> bool:
        """Whether all is as expected."""
        return not (self.lost or self.hung or self.executed)


#: A group of scenarios: outcomes, one after the other.
Group = Callable[[], Iterator[Outcome]]


def total(outcomes: list[Outcome]) -> str:
    """The last line of a report."""
    lost, hung, executed = (
        sum(getattr(own, name) for own in outcomes)
        for name in ('lost', 'hung', 'executed')
    )
    return f'scenarios {len(outcomes)}, lost {lost}, hung {hung}, executed {executed}'
