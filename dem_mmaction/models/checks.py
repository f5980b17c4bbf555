"""Checks of arguments that several modules share."""

from collections.abc import Iterable


def one_of(name: str, value: object, accepted: Iterable) -> None:
    """Refuse a value that is not one of those accepted.

    Raises:
        ValueError: Gives the name, the value and all accepted ones.
    """
    accepted = list(accepted)
    if value not in accepted:
        raise ValueError(f'{name}={value!r} must be one of {accepted}.')


def at_least(least: int, name: str, value: object) -> None:
    """Refuse a value that is no integer or is too small.

    Raises:
        ValueError: Gives the name, the value and the least accepted one.
    """
    # A bool is an int, too.
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f'{name}={value!r} must be an integer from {least} on.')
