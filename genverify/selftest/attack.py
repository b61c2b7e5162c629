"""What an attack is: code that says PWNED if it got what it wanted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attack:
    """One attempt of code in a kernel to reach, harm or fool what is outside.

    It stops at the proof: where layers are missing, it does succeed, and must not take the one who tries it along.

    The code may hold ``@CANARY@`` (a folder with a secret), ``@HOST@`` (the process id of genverify), ``@PORT@`` (a
    service on the loopback address), ``@ABSTRACT@`` (a socket without a file) and ``@SITE@`` (the installed packages).
    """

    name: str
    title: str
    """What it tries, as one line of the table."""
    code: str
    """Prints a line that begins with ``PWNED`` if it succeeded; an exception is a failure of the attack."""
    expect: str = ""
    """A regular expression that the status, the facts and the texts of the cell must match; empty: any."""
    again: str = ""
    """Code of a second cell in the same kernel, whose output counts as well."""
    known_without: str = ""
    """A layer without which this attack is known, and documented, to succeed."""
