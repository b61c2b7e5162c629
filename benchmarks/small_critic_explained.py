"""What the small critic writes about steps, through its protocol and llama.cpp: how much of it is of use, how fast."""

import asyncio
import resource
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from genverify.bench.processbench import Labelled
from genverify.claims.grammar import parse
from genverify.critic import Critic
from genverify.engines.llamacpp import embedded_critic
from genverify.errors import GrammarError
from genverify.protocols.asking import Ground
from genverify.protocols.reader import shipped
from genverify.tools.checkers import Checkers
from genverify.types import Critique, Step


def explained(sets: Mapping[str, Sequence[Labelled]], count: int) -> dict[str, Any]:
    """Return for each set what was written about its first ``count`` solutions, and speed and memory over all."""
    return asyncio.run(_explained(sets, count))


async def _explained(sets: Mapping[str, Sequence[Labelled]], count: int) -> dict[str, Any]:
    engine = embedded_critic(slots=2, context=2048)
    found: dict[str, Any] = {}
    walls: list[tuple[int, float]] = []
    with Checkers(workers=1) as checkers:
        critic = Critic(engine, shipped(), checkers=checkers)
        for name, rows in sets.items():
            steps: list[tuple[Step, Critique]] = []
            for row in rows[:count]:
                started = time.perf_counter()
                reading = await critic.read(row.problem, row.solution)
                walls.append((len(row.solution.steps), time.perf_counter() - started))
                critiques = [c for step in reading.critiques for c in step]
                steps += [(row.solution.steps[c.step], c) for c in critiques]
            found[name] = written(steps)
            print(name, found[name], flush=True)
    await engine.aclose()
    six = [wall for steps, wall in walls if 5 <= steps <= 7]
    return {
        "sets": found,
        "seconds_a_step": round(sum(wall for _, wall in walls) / sum(steps for steps, _ in walls), 2),
        "seconds_of_solutions_with_5_to_7_steps": {
            "solutions": len(six),
            "median": round(statistics.median(six), 2) if six else None,
            "most": round(max(six), 2) if six else None,
        },
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def written(steps: Sequence[tuple[Step, Critique]]) -> dict[str, Any]:
    """Return what of the lines about ``steps`` can be used."""
    with_numbers = [(step, c) for step, c in steps if any(char.isdigit() for char in step.text)]
    claims = [c.text.split("\n")[2:3] for _, c in with_numbers]
    parsed = [bool(line) and readable(line[0]) for line in claims]
    faithful = [
        ok and not missing(line[0], step.text) for ok, line, (step, _) in zip(parsed, claims, with_numbers, strict=True)
    ]
    outcomes = Counter(f"{check.tool}:{check.outcome}" for _, c in steps for check in c.checks)
    return {
        "steps": len(steps),
        "steps_with_numbers": len(with_numbers),
        "claim_parses": share(parsed),
        "claim_is_faithful": share(faithful),
        "checks": dict(sorted(outcomes.items())),
        "prompt_tokens_a_step": round(sum(c.prompt_tokens for _, c in steps) / max(1, len(steps))),
        "written_tokens_a_step": round(sum(c.completion_tokens for _, c in steps) / max(1, len(steps)), 1),
    }


def readable(line: str) -> bool:
    """Tell whether every part of a line is in the formal language, and there is one."""
    try:
        return all(parse(part) is not None for part in line.split(";")) and line != "-"
    except GrammarError:
        return False


def missing(line: str, text: str) -> bool:
    """Tell whether a number or name of a line does not occur in ``text``."""
    ground = Ground.of(text)
    return any(ground.missing(parse(part)) for part in line.split(";"))


def share(values: Sequence[bool]) -> float | None:
    """Return how many of ``values`` hold, in percent; None for none."""
    return round(100 * sum(values) / len(values), 1) if values else None
