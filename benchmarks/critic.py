"""Steps and tokens a second of the critic while tools are slow or stuck, beside other ways to schedule the same work.

::

    python benchmarks/critic.py [--quick] [--part simulated|chains|real] [--out FILE]
        [--engine transformers|vllm] [--shape tiny|1.5b] [--device cpu|cuda]

Writes ``results/critic.json``. All systems send the same requests about the same made-up solutions and run the same
code, in this one run; the lengths are drawn from a seed (``critic_trace.py``), the tools wait as long as they are told.

* ``bare``: the engine alone, fed the same requests, with no tools, no protocol and no request for a verdict; the best
  of several numbers of chains at once is what the others are compared with
* ``B0``: GenPRM's loop, one request at a time, tools in line, the 20 likeliest tokens of every token
* ``B1``: lock-step rounds: generate for all, run the code of all one after the other, then the next round
* ``B1p``: the same with as many tools at once as genverify has; ``rounds of N`` are stronger than what is published:
  a round holds the N chains that fit the cache, and chains that end are replaced
* ``B2``: a task for each chain, no prefix cache, the 20 likeliest tokens of every token
* ``genverify``, and genverify with one thing taken away or changed

B0, B1 and B1p have the prefix cache, as an engine of today has by default; B1 and B1p pay nothing for their scores.

The engine is simulated (``critic_engine.py``: what a card costs a step is stated there and in the results, and was
chosen, not measured), on a clock on which waiting is skipped and the host's Python counts. The part ``real`` runs a
small model with random weights in real time: on vLLM with the lengths and the waiting of the trace, on the transformers
engine, which writes slowly on a CPU, with steps a sixth as long, so that what comes once a step, the request for the
verdict, weighs six times as much there. The targets are judged on the simulated part alone.
"""

import argparse
import asyncio
import gc
import json
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import record
from critic_baselines import Completes, Seen, all_at_once, bare, lock_step, one_at_a_time
from critic_engine import Card, SimulatedEngine, run
from critic_real import SHAPES, real
from critic_trace import SlowTools, Trace, drawn, joined

from genverify.critic import MAX_CHAINS, Critic
from genverify.engines.base import Completion, Engine, Request, Sampling
from genverify.protocols.base import Budget, Chain
from genverify.protocols.genprm import GenPRM
from genverify.types import Critique, LabelConvention, Problem, Solution

SEED: Final = 4
WORKERS: Final = MAX_CHAINS
"""Tools at once for B1p: as many as genverify can have, which has at most one for each chain under way."""
STUCK_S: Final = 5.0
"""A stuck tool is given up this long after the injected latency: GenPRM's own limit for a block of code."""
COLD_S: Final = 0.47
"""Until a fresh ipykernel gives its first result: the median in results/kernels.json of the kernels benchmark."""
LATENCIES: Final = (0.0, 0.1, 1.0, 5.0)
HANGS: Final = 0.01
NEMO_TASKS: Final = 512
"""B2's tasks at once: the default of NeMo-Skills (``max_concurrent_requests``)."""


@dataclass(frozen=True, slots=True)
class Timed:
    """GenPRM's protocol, noting how long every step takes."""

    seen: Seen
    inner: GenPRM = field(default_factory=GenPRM)
    name: str = "genprm"

    @property
    def prompt_sha256(self) -> str:
        """Return the protocol's."""
        return self.inner.prompt_sha256

    @property
    def sampling(self) -> Sampling:
        """Return the protocol's."""
        return self.inner.sampling

    @property
    def convention(self) -> LabelConvention:
        """Return the protocol's."""
        return self.inner.convention

    async def critiques(self, problem: Problem, solution: Solution, chain: Chain) -> AsyncGenerator[Critique, None]:
        """Yield what the protocol yields."""
        clock = asyncio.get_running_loop().time
        began = since = clock()
        try:
            async with aclosing(self.inner.critiques(problem, solution, chain)) as critiques:
                async for critique in critiques:
                    now = clock()
                    self.seen.steps_s.append(now - since)
                    yield critique
                    since = clock()
        finally:  # also where the critic has seen enough
            self.seen.chains_s.append(clock() - began)


@dataclass(frozen=True, slots=True)
class Setting:
    """What genverify runs with."""

    max_chains: int = MAX_CHAINS
    early_exit: bool = False


async def genverify(trace: Trace, engine: Engine, tools: SlowTools, seen: Seen, setting: Setting) -> None:
    """Read all solutions with the critic."""
    critic = Critic(
        engine,
        Timed(seen),
        samples=trace.samples,
        kernels=tools,
        budget=Budget(tokens=10**6, seconds=10**6, code_s=tools.limit_s),
        max_chains=setting.max_chains,
        early_exit=setting.early_exit,
    )
    readings = 0
    async for reading in critic.read_many(trace.items):
        readings += 1
        seen.tokens += reading.meter.completion_tokens
        seen.lost += len(reading.failures)
        if any(c.p_correct is None for step in reading.critiques for c in step):
            raise SystemExit("a verdict was not read: the trace does not speak GenPRM's protocol")
    seen.lost += (len(trace.items) - readings) * trace.samples
    seen.tool_s = tools.waited_s


@dataclass(frozen=True, slots=True)
class System:
    """One way to do the work: the engine it uses, its tools, and who waits for what."""

    drive: Callable[[Trace, Any, SlowTools, Seen], Awaitable[None]]
    prefix_cache: bool = True
    logprobs: bool = False
    blocking: bool = False
    open_s: float = 0.0


async def _b0(trace: Trace, engine: Completes, tools: SlowTools, seen: Seen) -> None:
    """Read every tenth solution once: one at a time, a rate does not depend on how many there are."""
    chains = [(number, 0) for number in range(0, len(trace.items), 10)]
    await one_at_a_time(trace, engine, tools, seen, chains)


async def _with(
    drive: Callable[..., Awaitable[None]], what: object, trace: Trace, engine: object, tools: SlowTools, seen: Seen
) -> None:
    await drive(trace, engine, tools, seen, what)


def bare_of(most: int) -> System:
    """Return the engine alone with ``most`` chains at once."""
    return System(partial(_with, bare, most))


def lock_step_of(workers: int, width: int) -> System:
    """Return lock-step rounds."""
    return System(partial(_with, lock_step, (workers, width)))


def genverify_of(setting: Setting | None = None, **more: Any) -> System:  # noqa: ANN401
    """Return genverify."""
    return System(partial(_with, genverify, setting or Setting()), **more)


ALL: Final = 10**6
WIDER: Final = MAX_CHAINS * 3 // 2
BARE: Final = {
    f"bare, {MAX_CHAINS} chains": bare_of(MAX_CHAINS),
    f"bare, {WIDER} chains": bare_of(WIDER),
    "bare, all chains": bare_of(ALL),
}
SYSTEMS: Final = {
    "B0": System(_b0, logprobs=True),
    "B1": lock_step_of(1, ALL),
    f"B1, rounds of {MAX_CHAINS}": lock_step_of(1, MAX_CHAINS),
    "B1p": lock_step_of(WORKERS, ALL),
    f"B1p, rounds of {MAX_CHAINS}": lock_step_of(WORKERS, MAX_CHAINS),
    f"B1p, rounds of {WIDER}": lock_step_of(WORKERS, WIDER),
    "B2": System(partial(_with, all_at_once, NEMO_TASKS), prefix_cache=False, logprobs=True),
    "genverify": genverify_of(),
    f"genverify, {WIDER} chains": genverify_of(Setting(max_chains=WIDER)),
}
SHORT: Final = ("B0", f"B1, rounds of {MAX_CHAINS}", f"B1p, rounds of {WIDER}", "B2", "genverify")
"""What is measured at all latencies; the others, weaker or ours, at 0 and 1 s."""
CALM: Final = (f"B1p, rounds of {MAX_CHAINS}", "genverify")
"""Measured once more without tools that hang."""
ABLATIONS: Final = {
    "genverify, tools block": genverify_of(blocking=True),
    "genverify, no bound on chains": genverify_of(Setting(max_chains=ALL)),
    "genverify, no prefix cache": genverify_of(prefix_cache=False),
    "genverify, top 20 everywhere": genverify_of(logprobs=True),
    "genverify, cold kernels": genverify_of(open_s=COLD_S),
    "genverify, early exit": genverify_of(Setting(early_exit=True)),
}


def once(system: System, trace: Trace, latency_s: float, card: Card) -> dict[str, Any]:
    """Run one system on the simulated engine; a run that hangs ends with an error."""
    engine = SimulatedEngine(trace, card, prefix_cache=system.prefix_cache, logprobs=system.logprobs)
    tools = SlowTools(trace, latency_s, latency_s + STUCK_S, open_s=system.open_s, blocking=system.blocking)
    seen = Seen()

    async def timed() -> float:
        clock = asyncio.get_running_loop().time
        started = clock()
        await system.drive(trace, engine, tools, seen)
        return clock() - started

    gc.collect()
    cpu = time.process_time()
    seconds = run(timed())
    cpu = time.process_time() - cpu
    used = engine.used
    if used.written != seen.tokens:
        raise SystemExit(f"the engine wrote {used.written} tokens, {seen.tokens} were counted")
    return {
        **figures(seen, tools, seconds),
        "engine_busy": round(used.busy_s / seconds, 3),
        "mean_texts": round(used.texts_s / seconds, 1),
        "prompt_cached": round(1 - used.read / used.prompt, 3),
        "host_ms_per_step": round(1000 * cpu / len(seen.steps_s), 3),
    }


def figures(seen: Seen, tools: SlowTools, seconds: float) -> dict[str, Any]:
    """Return what counts about a run."""
    steps = sorted(seen.steps_s)
    return {
        "seconds": round(seconds, 2),
        "steps_per_s": round(len(steps) / seconds, 3),
        "solutions_per_s": round(len(seen.chains_s) / seconds, 3),
        "tokens_per_s": round(seen.tokens / seconds, 1),
        "step_p50_s": round(steps[len(steps) // 2], 3),
        "step_p95_s": round(steps[int(0.95 * len(steps))], 3),
        "tool_wait_share": round(seen.tool_s / sum(seen.chains_s), 3),
        "code_runs": tools.runs,
        "stuck_tools_given_up": tools.stuck,
        "tools_at_once": tools.most,
        "left_hanging": tools.now + tools.open_now,
        "lost_chains": seen.lost,
    }


def simulated(quick: bool) -> dict[str, Any]:
    """Measure all systems under all latencies."""
    card = Card()
    check_that_all_ask_the_same()
    solutions, samples = (40, 7) if quick else (256, 4)
    trace, calm = (drawn(solutions, samples, seed=SEED, hangs=h) for h in (HANGS, 0.0))
    alone = {name: once(system, calm, 0.0, card) for name, system in BARE.items()}
    best = max(row["tokens_per_s"] for row in alone.values())
    found: dict[str, Any] = {
        "clock": "processor time of this process plus skipped waiting",
        "card": asdict(card),
        "trace": described(trace),
        "tools": {"hangs": HANGS, "given_up_after_latency_plus_s": STUCK_S, "workers_of_B1p": WORKERS},
        "chains_at_once": {"genverify": MAX_CHAINS, "B2": NEMO_TASKS, "B0": 1, "B1 and B1p": "all, or as named"},
        "bare": alone,
        "latencies": {},
    }
    for name, row in alone.items():
        show(name, row, best)
    for latency in (0.0, 1.0) if quick else LATENCIES:
        few = quick or latency not in (0.0, 1.0)
        systems = {name: SYSTEMS[name] for name in SHORT} if few else {**SYSTEMS, **ABLATIONS}
        rows = found["latencies"][f"{latency:g} s"] = {}
        for name, system in systems.items():
            rows[name] = once(system, trace, latency, card)
            show(f"{latency:g} s  {name}", rows[name], best)
        if not few:
            for name in CALM:
                rows[f"{name}, no tool hangs"] = once(SYSTEMS[name], calm, latency, card)
                show(f"{latency:g} s  {name}, no tool hangs", rows[f"{name}, no tool hangs"], best)
        rows["genverify_to"] = ratios(rows, best)
        print(f"{latency:g} s  genverify to {json.dumps(rows['genverify_to'])}", flush=True)
    found["targets"] = targets(found["latencies"])
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """An engine that notes what it is asked to write."""

    inner: SimulatedEngine
    texts: set[str] = field(default_factory=set)
    capabilities: frozenset[str] = frozenset({"messages", "prefix", "choices", "seed"})

    async def complete(self, request: Request) -> Completion:
        if not request.choices and not isinstance(request.prompt, str):
            self.texts.add(joined(request.prompt, request.prefix))
        return await self.inner.complete(request)

    def provenance(self) -> Mapping[str, str]:
        return self.inner.provenance()

    async def aclose(self) -> None:
        await self.inner.aclose()


def check_that_all_ask_the_same() -> None:
    """Make sure that the baselines' prompts are genverify's to the letter, or the comparison would be worth nothing."""
    trace, asked = drawn(6, 2, seed=SEED, hangs=0.0), []
    for name in ("genverify", "B1p", "B2", "bare"):
        engine, seen = _Asked(SimulatedEngine(trace)), Seen()
        system = SYSTEMS.get(name) or bare_of(ALL)
        tools = SlowTools(trace, 0.1, STUCK_S)
        run(_awaited(system.drive(trace, engine, tools, seen)))
        asked.append((engine.texts, seen.tokens, tools.runs if name != "bare" else trace.blocks))
    if asked != [(asked[0][0], trace.tokens, trace.blocks)] * len(asked):
        raise SystemExit("the systems do not ask the same: the benchmark is wrong")


async def _awaited(what: Awaitable[None]) -> None:
    await what


def described(trace: Trace) -> dict[str, Any]:
    """Return what a trace is, for the record."""
    return {
        "seed": SEED, "solutions": len(trace.items), "samples": trace.samples, "steps": len(trace.plans),
        "tokens": trace.tokens, "tokens_per_step": round(trace.tokens / len(trace.plans), 1),
        "code_blocks": trace.blocks, "hanging_blocks": trace.fates("hang"), "lengths": asdict(trace.lengths),
    }  # fmt: skip


def ratios(rows: dict[str, Any], best_bare: float) -> dict[str, float]:
    """Return genverify's tokens a second to those of the others under one latency, each at its best width."""
    ours = rows["genverify"]["tokens_per_s"]
    found = {"bare": round(ours / best_bare, 3)}
    for name in ("B0", "B1", "B1p", "B2"):
        widths = [row for other, row in rows.items() if other == name or other.startswith(f"{name}, rounds of")]
        widths = [row for row in widths if row["stuck_tools_given_up"] or name == "B0"]  # B0 reads a part only
        found[name] = round(ours / max(row["tokens_per_s"] for row in widths), 2)
    calm = [rows[name] for name in (f"{name}, no tool hangs" for name in CALM) if name in rows]
    if calm:
        found["bare, no tool hangs"] = round(calm[1]["tokens_per_s"] / best_bare, 3)
        found["B1p, no tool hangs"] = round(calm[1]["tokens_per_s"] / calm[0]["tokens_per_s"], 2)
    return found


def targets(latencies: dict[str, Any]) -> dict[str, Any]:
    """Return what was to be reached and what was, with 1 % of the tools stuck."""
    to = {float(name.split()[0]): rows["genverify_to"] for name, rows in latencies.items()}
    every = [row for rows in latencies.values() for name, row in rows.items() if name != "genverify_to"]
    wanted = [("to_bare_at_0_s", to[0.0]["bare"], 0.9), ("to_bare_at_1_s", to[1.0]["bare"], 0.8)]
    wanted += [(f"to_B1p_at_{s:g}_s", ratio["B1p"], 1.3) for s, ratio in to.items()]
    wanted += [("to_B1_at_1_s", to[1.0]["B1"], 3.0)]
    reached = {name: {"value": value, "wanted": least, "reached": value >= least} for name, value, least in wanted}
    hanging = sum(row["left_hanging"] + row["lost_chains"] for row in every)
    return {**reached, "hangs": {"value": hanging, "wanted": 0, "reached": hanging == 0}}


def show(name: str, row: dict[str, Any], best_bare: float) -> None:
    """Print a line about one run."""
    share = row["tokens_per_s"] / best_bare
    print(
        f"{name:42} {row['steps_per_s']:8.2f} steps/s {row['tokens_per_s']:9.0f} tok/s {share:6.3f} of bare"
        f"  tools {row['tool_wait_share']:.2f}  p50 {row['step_p50_s']:.2f} p95 {row['step_p95_s']:.2f} s"
        f"  stuck {row['stuck_tools_given_up']}  lost {row['lost_chains']}",
        flush=True,
    )


def chains(quick: bool) -> dict[str, Any]:
    """See that memory stays flat over 2,000 chains, and that none of 500 at once is lost while tools die and hang."""
    memory = run(_memory(200 if quick else 2000))
    print(f"memory: {json.dumps(memory)}", flush=True)
    trace = drawn(100, 5, seed=SEED, hangs=HANGS, deaths=0.01)
    tools = SlowTools(trace, 0.1, 0.1 + STUCK_S)
    seen = Seen()
    run(genverify(trace, SimulatedEngine(trace), tools, seen, Setting(max_chains=500)))
    crowd = {
        "chains": 500, "ended": len(seen.chains_s), "lost": seen.lost, "code_runs": tools.runs,
        "tools_died": tools.died, "tools_stuck": tools.stuck, "left_hanging": tools.now + tools.open_now,
        "kernels_opened": tools.opened, "steps": len(seen.steps_s), "steps_of_the_trace": len(trace.plans),
    }  # fmt: skip
    print(f"500 chains at once: {json.dumps(crowd)}", flush=True)
    return {"memory": memory, "crowd": crowd}


async def _memory(chains: int) -> dict[str, Any]:
    """Follow the resident memory while one critic reads one chain after the other, 64 at once."""
    trace = drawn(50, 1, seed=SEED, hangs=0.0)
    items = [trace.items[i % len(trace.items)] for i in range(chains)]
    critic = Critic(
        SimulatedEngine(trace, Card(kv_tokens=200_000)), GenPRM(), kernels=SlowTools(trace, 0.0, STUCK_S), max_chains=64
    )
    sizes, number = {}, 0
    async for _ in critic.read_many(items):
        number += 1
        if number % (chains // 10) == 0:
            gc.collect()
            sizes[number] = _resident_mib()
    return {
        "chains": chains,
        "resident_mib": sizes,
        "growth_second_half_mib": round(sizes[chains] - sizes[chains // 2], 2),
    }


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), 2)


def main() -> None:
    """Run all parts, or one, and write them down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few chains and latencies, to see that it runs")
    parser.add_argument("--part", choices=("simulated", "chains", "real"), help="one part only, written only to --out")
    parser.add_argument("--out", type=Path, help="instead of results/critic.json")
    parser.add_argument("--shape", choices=tuple(SHAPES), default="tiny", help="of the real part's model")
    parser.add_argument("--engine", choices=("transformers", "vllm"), default="transformers", help="of the real part")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="of the real part")
    args = parser.parse_args()
    result: dict[str, Any] = record.circumstances(("pydantic",))
    parts: dict[str, Callable[[bool], dict[str, Any]]] = {
        "chains": chains,
        "simulated": simulated,
        "real": partial(real, shape=args.shape, device=args.device, engine=args.engine),
    }  # memory first, while there is little of it
    for name, part in parts.items():
        if args.part in (None, name):
            result[name] = part(args.quick)
    print(json.dumps(result.get("simulated", {}).get("targets", {}), indent=2))
    if args.out is not None or args.part is None:
        record.write(args.out or record.RESULTS / "critic.json", result)


if __name__ == "__main__":
    main()
