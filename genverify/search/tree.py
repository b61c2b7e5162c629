"""Search step by step: a policy proposes next steps, the verifier values the prefixes, a strategy decides what grows.

All prefixes of one round are extended and judged together. The whole tree is kept, with what became of every node.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Unpack

from genverify.search.budget import Limits, Purse
from genverify.search.refinement import text_of
from genverify.search.session import Choice, Choosing, Session
from genverify.search.values import Candidate, Origin, Selection
from genverify.types import Label, Problem

if TYPE_CHECKING:
    from genverify.policies import Policy
    from genverify.verifier import Verifier


class Fate(StrEnum):
    """What became of a node."""

    KEPT = "kept"
    """It was extended."""
    DROPPED = "dropped"
    """Others were better."""
    REJECTED = "rejected"
    """Its last step was found wrong, or nothing good came after it."""
    FINISHED = "finished"
    """It is a whole solution."""
    FAILED = "failed"
    """Nothing was written, or it could not be judged."""


@dataclass(frozen=True, slots=True)
class Node:
    """A prefix of a solution."""

    prefix: Candidate
    """The steps up to here; its ``index`` and ``parent`` are places in the tree, counted from 0."""
    value: float | None = None
    """What the strategy compares, higher is better; None if nothing is known."""
    fate: Fate = Fate.DROPPED

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the steps up to here."""
        return () if self.prefix.solution is None else tuple(s.text for s in self.prefix.solution.steps)

    @property
    def last_label(self) -> Label:
        """Return what is believed of the last step."""
        report = self.prefix.report
        return report.steps[-1].label if report is not None and report.steps else Label.UNDECIDED


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of a search."""

    width: int = 4
    """Prefixes (``beam``) or independent subtrees (``dvts``) that grow at once, at least 1."""
    expand: int = 4
    """Next steps proposed for each prefix, at least 1."""
    max_steps: int = 32
    """Most steps of a solution, at least 1."""
    iterations: int = 200
    """Most steps proposed in all by ``greedy``, at least 1: backtracking must come to an end."""
    lookahead: int = 2
    """Steps that ``lookahead`` writes after a prefix before it is valued, at least 1."""
    lookahead_weight: float = 0.5
    """How far the later value counts against the prefix's own, in [0, 1]."""
    prover_samples: int = 4
    """Solutions that the prover of ``progress`` finishes from each prefix, at least 1."""
    progress_weight: float = 0.5
    """Weight of the progress that the prover sees, at least 0."""

    def __post_init__(self) -> None:
        sizes = (self.width, self.expand, self.max_steps, self.iterations, self.lookahead, self.prover_samples)
        if min(sizes) < 1 or not 0.0 <= self.lookahead_weight <= 1.0 or self.progress_weight < 0.0:
            raise ValueError(f"sizes must be at least 1, lookahead_weight in [0, 1], progress_weight >= 0, got {self}")


@dataclass(frozen=True, slots=True)
class SearchTree:
    """What a search grew, and the solution chosen among those that it finished."""

    strategy: str
    nodes: tuple[Node, ...]
    """In the order in which they were written."""
    selection: Selection
    """The choice among the finished nodes; its candidates are numbered anew, in the order of ``finished``."""
    finished: tuple[int, ...]
    """Places (from 0) of the finished nodes."""


def search(
    problem: Problem | str,
    policy: "Policy",
    verifier: "Verifier",
    strategy: str = "beam",
    *,
    plan: Plan | None = None,
    prover: "Policy | None" = None,
    limits: Limits | None = None,
    **choice: Unpack[Choosing],
) -> SearchTree:
    """Search for a solution step by step.

    ``beam`` keeps the best prefixes of each round (step-level beam search, as in OVM and AlphaMath); ``dvts`` keeps the
    best one of each of several independent subtrees (diverse verifier tree search, search-and-learn); ``greedy`` takes
    the first step found right, else one that is undecided, tries again where all are found wrong, and goes back one
    step where that does not help (HGS-PRM); ``lookahead`` is a beam whose prefixes are valued after some further steps
    (ReARTeR; the exact form of its update is not known to us); ``progress`` is a beam that adds how much more often
    a prover finishes well from a prefix than from the one before (PAV, Setlur et al. 2024).

    Args:
        problem: what was asked.
        policy: proposes steps.
        verifier: values prefixes.
        strategy: a name in :data:`STRATEGIES`.
        plan: its sizes.
        prover: who finishes solutions for ``progress``; None takes the policy itself.
        limits: what may be used.
        choice: how prefixes are scored and one finished solution is chosen, the fields of :class:`Choice`.

    Raises:
        ValueError: there is no such strategy.
        ToolError: the checkers could not be started, or the verifier has been closed.
    """
    work = asearch(problem, policy, verifier, strategy, plan=plan, prover=prover, limits=limits, **choice)
    return verifier.run(work)


async def asearch(
    problem: Problem | str,
    policy: "Policy",
    verifier: "Verifier",
    strategy: str = "beam",
    *,
    plan: Plan | None = None,
    prover: "Policy | None" = None,
    limits: Limits | None = None,
    purse: Purse | None = None,
    **choice: Unpack[Choosing],
) -> SearchTree:
    """Do what :func:`search` does on the running event loop; ``purse`` shares one budget among several problems."""
    if strategy not in STRATEGIES:
        raise ValueError(f"strategy: expected one of {', '.join(STRATEGIES)}, got {strategy!r}")
    problem = Problem(text=problem) if isinstance(problem, str) else problem
    purse = purse or Purse(limits or Limits())
    session = Session(verifier, Choice(**choice), policy, purse)
    growth = _Growth(problem, session, plan or Plan())
    if strategy == "progress":
        growth.prover = Session(verifier, session.choice, prover or policy, purse)
    await STRATEGIES[strategy](growth)
    finished = tuple(n.prefix.index for n in growth.nodes if n.fate is Fate.FINISHED)
    whole = [replace(growth.nodes[i].prefix, index=at, parent=None) for at, i in enumerate(finished)]
    selection = await session.selected(problem, whole)
    if growth.prover is not None:
        more, spent = growth.prover.spent, selection.spent
        both = {name: getattr(spent, name) + getattr(more, name) for name in _ADDED}
        selection = replace(selection, spent=replace(spent, **both))
    return SearchTree(strategy, tuple(growth.nodes), selection, finished)


_ADDED: Final = (
    "policy_tokens", "policy_tokens_unknown", "policy_prompt_tokens", "policy_calls", "critic_tokens", "checks",
)  # fmt: skip


@dataclass(slots=True)
class _Growth:
    """A tree that grows."""

    problem: Problem
    session: Session
    plan: Plan
    nodes: list[Node] = field(default_factory=list)
    prover: Session | None = None
    worth: dict[int, float] = field(default_factory=dict)
    """How often the prover finishes well from each node; -1 is the root."""

    async def extend(self, parents: Sequence[Node | None], count: int) -> list[list[Node]]:
        """Propose ``count`` next steps after each parent (None: the empty prefix), all at once, and value them."""
        asked = [parent for parent in parents for _ in range(count)]
        start = len(self.nodes)
        written = await asyncio.gather(*(self._step(start + i, parent) for i, parent in enumerate(asked)))
        judged = await self.session.verified_all(self.problem, written)
        fresh = [Node(c, c.score, _fate(c)) for c in judged]
        self.nodes += fresh
        return [fresh[i : i + count] for i in range(0, len(fresh), count)]

    async def _step(self, index: int, parent: Node | None) -> Candidate:
        made = Candidate(index, None, origin=Origin.SAMPLED, parent=None if parent is None else parent.prefix.index)
        # every node is a draw of its own: the same prefix, come to twice, is continued differently
        return await self.session.written(self.problem, made, () if parent is None else parent.steps, one_step=True)

    def mark(self, node: Node, fate: Fate) -> Node:
        """Note what became of a node."""
        return self.put(replace(node, fate=fate))

    def put(self, node: Node) -> Node:
        """Put a node in the place of its older self."""
        self.nodes[node.prefix.index] = node
        return node

    def open(self, nodes: Sequence[Node]) -> list[Node]:
        """Return the nodes that can still grow."""
        return [n for n in nodes if n.fate is Fate.DROPPED and len(n.steps) < self.plan.max_steps]


def _fate(prefix: Candidate) -> Fate:
    if prefix.solution is None or prefix.failure is not None:
        return Fate.FAILED
    # a marked answer ends a solution also where the policy would talk on
    ended = prefix.complete or (prefix.answer is not None and prefix.answer_from == "marked")
    return Fate.FINISHED if ended else Fate.DROPPED


def best(nodes: Sequence[Node], count: int) -> list[Node]:
    """Return up to ``count`` of the best nodes by value, the earlier of equal ones.

    One with a step found wrong comes in only where there is no other: nothing right can grow from it. Of nodes that say
    the same one counts: a beam of copies is a beam of one.
    """
    left = [node for node in nodes if not node.prefix.refuted] or nodes
    distinct = {text_of(node.prefix): node for node in reversed(left)}
    ordered = sorted(distinct.values(), key=lambda node: node.prefix.index)
    return sorted(ordered, key=lambda n: -math.inf if n.value is None else n.value, reverse=True)[:count]


Value = Callable[[_Growth, Sequence[Node]], Awaitable[list[Node]]]


async def _as_scored(growth: _Growth, nodes: Sequence[Node]) -> list[Node]:
    """Leave the values as the verifier gave them."""
    return list(nodes)


async def _beam(growth: _Growth, value: Value = _as_scored) -> None:
    front: Sequence[Node | None] = [None]
    count = growth.plan.width * growth.plan.expand  # the first round has one parent for all
    while front:
        fresh = [n for group in await growth.extend(front, count) for n in group]
        valued = await value(growth, growth.open(fresh))
        front = [growth.mark(n, Fate.KEPT) for n in best(valued, growth.plan.width)]
        count = growth.plan.expand


async def _dvts(growth: _Growth) -> None:
    front: Sequence[Node | None] = [None] * growth.plan.width
    while front:
        groups = await growth.extend(front, growth.plan.expand)
        # a subtree in which a solution was finished is done; in the others the best prefix goes on
        going = [g for g in groups if not any(n.fate is Fate.FINISHED for n in g)]
        front = [growth.mark(n, Fate.KEPT) for group in going for n in best(growth.open(group), 1)]


async def _greedy(growth: _Growth) -> None:
    path: list[Node] = []
    tries: Counter[int] = Counter()
    proposed = 0
    while proposed < growth.plan.iterations:
        parent = path[-1] if path else None
        at = -1 if parent is None else parent.prefix.index
        found: Node | None = None
        while found is None and tries[at] < growth.plan.expand and proposed < growth.plan.iterations:
            ((fresh,),) = await growth.extend([parent], 1)
            tries[at] += 1
            proposed += 1
            if fresh.fate is not Fate.FAILED and fresh.last_label is Label.CORRECT:
                found = fresh
            elif fresh.last_label is Label.INCORRECT and fresh.fate is not Fate.FAILED:
                growth.mark(fresh, Fate.REJECTED)
        if found is None:
            # neutral steps are taken only where none was found right within the width
            neutral = [n for n in _children(growth, at) if n.fate in (Fate.DROPPED, Fate.FINISHED)]
            found = best(neutral, 1)[0] if neutral else None
        if found is not None and (found.fate is Fate.FINISHED or len(found.steps) >= growth.plan.max_steps):
            return
        if found is not None:
            path.append(growth.mark(found, Fate.KEPT))
        elif path:
            growth.mark(path.pop(), Fate.REJECTED)
            above = -1 if not path else path[-1].prefix.index
            tries[above] = min(tries[above], growth.plan.expand - 1)  # one more try after going back
        else:
            return


def _children(growth: _Growth, at: int) -> list[Node]:
    parent = None if at < 0 else at
    return [n for n in growth.nodes if n.prefix.parent == parent]


async def _lookahead(growth: _Growth) -> None:
    """Value a prefix also by what comes after it: ``v + weight * (v_later - v)``."""

    async def value(growth: _Growth, nodes: Sequence[Node]) -> list[Node]:
        return [growth.put(n) for n in await asyncio.gather(*(_seen_ahead(growth, n) for n in nodes))]

    await _beam(growth, value)


async def _seen_ahead(growth: _Growth, node: Node) -> Node:
    ahead = node.prefix
    for _ in range(growth.plan.lookahead):
        steps = () if ahead.solution is None else [s.text for s in ahead.solution.steps]
        blank = Candidate(node.prefix.index, None, origin=Origin.SAMPLED)
        written = await growth.session.written(growth.problem, blank, steps, one_step=True)
        if written.solution is None:
            break
        ahead = written
        if _fate(written) is Fate.FINISHED:
            break
    if ahead is node.prefix:
        return node
    later = (await growth.session.verified(growth.problem, ahead)).score
    if later is None or node.value is None:
        return replace(node, value=later if node.value is None else node.value)
    return replace(node, value=node.value + growth.plan.lookahead_weight * (later - node.value))


async def _progress(growth: _Growth) -> None:
    """Add to a prefix's value the progress that a prover sees: ``Q + weight * (Q'(prefix) - Q'(prefix before))``."""
    growth.worth[-1] = await _finished_well(growth, None)

    async def value(growth: _Growth, nodes: Sequence[Node]) -> list[Node]:
        worths = await asyncio.gather(*(_finished_well(growth, n) for n in nodes))
        valued = []
        for node, worth in zip(nodes, worths, strict=True):
            growth.worth[node.prefix.index] = worth
            before = growth.worth[-1 if node.prefix.parent is None else node.prefix.parent]
            own = 0.0 if node.value is None else node.value  # no value of its own: progress alone speaks
            valued.append(growth.put(replace(node, value=own + growth.plan.progress_weight * (worth - before))))
        return valued

    await _beam(growth, value)


async def _finished_well(growth: _Growth, node: Node | None) -> float:
    """Return the share of the prover's solutions from here that come to an end with no step found wrong."""
    session = growth.prover or growth.session
    steps = () if node is None else node.steps
    at = 0 if node is None else node.prefix.index
    drafts = await asyncio.gather(
        *(
            session.written(growth.problem, Candidate(at, None, origin=Origin.SAMPLED), steps, draw=draw)
            for draw in range(growth.plan.prover_samples)
        )
    )
    judged = await asyncio.gather(*(session.verified(growth.problem, draft) for draft in drafts))
    return sum(c.report is not None and c.complete and not c.refuted for c in judged) / len(judged)


STRATEGIES: Final[Mapping[str, Callable[[_Growth], Awaitable[None]]]] = {
    "beam": _beam,
    "dvts": _dvts,
    "greedy": _greedy,
    "lookahead": _lookahead,
    "progress": _progress,
}
"""The strategies by name."""


def draw(tree: SearchTree, width: int = 100) -> str:
    """Return the tree as indented text, a line for each node: what became of it, its value, its step."""
    children: dict[int | None, list[Node]] = {}
    for node in tree.nodes:
        children.setdefault(node.prefix.parent, []).append(node)
    chosen = None if tree.selection.chosen is None else tree.finished[tree.selection.chosen]
    lines: list[str] = [f"{tree.strategy}: {len(tree.nodes)} nodes, {len(tree.finished)} finished"]
    waiting = [(node, 0) for node in reversed(children.get(None, []))]
    while waiting:
        node, depth = waiting.pop()
        value = "   -  " if node.value is None else f"{node.value:6.3f}"
        step = " ".join(node.steps[-1].split()) if node.steps else str(node.prefix.failure and node.prefix.failure.what)
        mark = " <- chosen" if node.prefix.index == chosen else ""
        line = f"{'  ' * depth}{_SIGNS[node.fate]} {value} {step}"
        lines.append((line if len(line) <= width else line[: width - 1] + "…") + mark)
        waiting += [(child, depth + 1) for child in reversed(children.get(node.prefix.index, []))]
    return "\n".join(lines)


_SIGNS: Final = {Fate.KEPT: "+", Fate.DROPPED: "·", Fate.REJECTED: "x", Fate.FINISHED: "=", Fate.FAILED: "!"}
