"""Generated problems to solutions that a language model writes, as rows of a file that ``make-data`` then labels."""

import hashlib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from genverify.data import records
from genverify.data.making import maker
from genverify.data.values import Example, Kind, Tools
from genverify.engines.base import Finish, Request, Sampling
from genverify.errors import EngineError

if TYPE_CHECKING:
    from genverify.engines.base import Engine


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked of a language model."""

    kind: Kind
    problems: int
    """How many of the generator's problems, from the first on; at least 1."""
    seed: int
    samples: int = 1
    """Solutions to each problem, at least 1."""
    sampling: Sampling = field(default_factory=Sampling)

    def id(self, problem: int, draw: int) -> str:
        """Return the id of one solution; both numbers count from 0."""
        return f"{self.kind}-{self.seed}-{2 * problem:06d}-{draw}"


def jobs(
    asking: Asking, engine: "Engine", name: str, tools: Tools, done: Callable[[str], bool]
) -> Iterator[Callable[[], Coroutine[Any, Any, dict[str, Any]]]]:
    """Yield what is still to be asked; each job returns a row ``{"id", "example", "maker", "solution"}``.

    Args:
        asking: what is asked.
        engine: the model.
        name: what the records call it.
        tools: make sure that the problems are sound.
        done: tells of an id whether that solution is there already.
    """
    for number in range(asking.problems):
        missing = [draw for draw in range(asking.samples) if not done(asking.id(number, draw))]
        if not missing:
            continue
        (gold,) = maker(asking.kind)(range(2 * number, 2 * number + 1), asking.seed, tools)
        if isinstance(gold, Example):
            for draw in missing:
                yield partial(_ask, asking, engine, name, gold, asking.id(number, draw))


async def _ask(asking: Asking, engine: "Engine", name: str, gold: Example, id: str) -> dict[str, Any]:
    digest = hashlib.sha256(f"{asking.seed}/{id}".encode()).digest()
    sampling = replace(asking.sampling, seed=int.from_bytes(digest[:4], "big") >> 1)
    completion = await engine.complete(Request(prompt(asking.kind, gold), sampling=sampling))
    if completion.finish is Finish.ERROR:
        raise EngineError(f"{id}: the solution cannot be used: {completion.problem}")
    cut_off = completion.finish is not Finish.STOP
    example = records.fields(replace(gold, steps=()))
    return {"id": id, "example": example, "maker": f"engine:{name}", "cut_off": cut_off,
            "solution": completion.text}  # fmt: skip


def prompt(kind: Kind, gold: Example) -> str:
    """Return how a model is asked to solve a generated problem in a form whose steps can be labelled."""
    match kind:
        case Kind.LOGIC:
            from genverify.data import logic

            return logic.prompt(logic.question(gold))
        case Kind.ALGEBRA:
            from genverify.data import algebra

            return algebra.prompt(gold.problem)
        case Kind.CODE:
            from genverify.data import code

            return code.prompt(gold.problem)
        case Kind.TABLES:
            from genverify.data import tables

            return tables.prompt(gold.problem)
