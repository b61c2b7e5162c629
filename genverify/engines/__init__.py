"""Language models behind one awaitable: a request goes in, a completion comes out."""

from genverify.engines.base import Completion, Engine, Finish, Message, Request, Sampling
from genverify.engines.loading import load

__all__ = ["Completion", "Engine", "Finish", "Message", "Request", "Sampling", "load"]
