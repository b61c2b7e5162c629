"""The packages that calibration needs, and what to do where one is missing."""

from importlib.util import find_spec

from genverify.errors import UsageError


def need(*names: str) -> None:
    """Make sure that packages are there, before the function that needs them imports them.

    Raises:
        UsageError: one is not installed; the message has the line that installs it.
    """
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise UsageError(f"this needs {' and '.join(missing)}, not installed here: pip install 'genverify[calibrate]'")
