"""The errors that genverify raises, one branch for each boundary.

::

    GenverifyError
    ├── RecordError       a record (JSON line, file) is not what its schema says
    ├── GrammarError      a text is not in the formal language, or passes one of its bounds
    ├── EngineError       a language model did not answer; ``retryable`` says whether asking again may help
    ├── ToolError         a tool could not be started or talked to (never: "the claim is false")
    └── UsageError        the caller asked for something that does not exist

A failed check is not an error: it is a ``Check`` with the outcome UNDECIDED and a reason.
"""


class GenverifyError(Exception):
    """The root: catch it to catch all that genverify raises on purpose."""


class RecordError(GenverifyError):
    """A record is not what its schema says; the message names the place and the field."""


class GrammarError(GenverifyError):
    """A text is not in the formal language, or passes one of its bounds."""


class ToolError(GenverifyError):
    """A tool could not be started or talked to; it says nothing about any claim."""


class EngineError(GenverifyError):
    """A language model did not answer; it says nothing about any step.

    Args:
        message: which engine, what was asked, what came, what to do.
        retryable: whether the same request may succeed later (overload, a lost connection); never for a bad request.
    """

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class UsageError(GenverifyError):
    """The caller asked for something that does not exist; the message lists what does."""
