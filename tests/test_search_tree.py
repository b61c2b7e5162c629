"""Search step by step on planted mistakes: every strategy finds its way, keeps its tree, and stays within its sizes."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from genverify.policies import Draft, Task
from genverify.search import STRATEGIES, Candidate, Limits, Node, Plan, SearchTree, draw, search
from genverify.search.planted import PlantedPolicy, problem
from genverify.search.records import tree_line
from genverify.search.tree import Fate, best
from genverify.types import Problem, Provenance, Report, Solution
from genverify.verifier import Verifier

SMALL = Plan(width=2, expand=3, prover_samples=2)


def grow(verifier: Verifier, strategy: str, seed: int = 0, rate: float = 0.3, plan: Plan = SMALL) -> SearchTree:
    return search(problem(seed, 4), PlantedPolicy(rate, rate), verifier, strategy, plan=plan)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_finds_what_one_draft_rarely_does(strategy: str, verifier: Verifier) -> None:
    trees = [grow(verifier, strategy, seed) for seed in range(5)]
    assert sum(tree.selection.correct is True for tree in trees) >= 4  # one draft is right in a quarter of the cases


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_record_is_a_tree_whose_children_go_on_from_their_parents(strategy: str, verifier: Verifier) -> None:
    tree = grow(verifier, strategy)
    for at, node in enumerate(tree.nodes):
        assert node.prefix.index == at
        parent = None if node.prefix.parent is None else tree.nodes[node.prefix.parent]
        assert node.steps[:-1] == (() if parent is None else parent.steps)
        assert parent is None or parent.fate in (Fate.KEPT, Fate.REJECTED)
    assert [n.prefix.index for n in tree.nodes if n.fate is Fate.FINISHED] == list(tree.finished)
    assert tree.selection.spent.policy_tokens >= sum(n.prefix.tokens for n in tree.nodes)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_tree_can_be_saved_and_drawn(strategy: str, verifier: Verifier) -> None:
    tree = grow(verifier, strategy)
    row = json.loads(tree_line(tree))
    assert [n["fate"] for n in row["nodes"]] == [n.fate for n in tree.nodes]
    assert row["selection"]["answer"] == tree.selection.answer
    drawn = draw(tree).splitlines()
    assert len(drawn) == len(tree.nodes) + 1
    assert sum(line.endswith("<- chosen") for line in drawn) == 1


def test_the_same_search_grows_the_same_tree(verifier: Verifier) -> None:
    assert [n.steps for n in grow(verifier, "beam").nodes] == [n.steps for n in grow(verifier, "beam").nodes]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.usefixtures("ends")
def test_a_policy_that_never_comes_to_an_end_is_stopped(strategy: str, verifier: Verifier) -> None:
    class Endless:
        max_tokens = 20

        async def write(self, problem: Problem, steps: object, task: Task) -> Draft:
            return Draft(f"And then {task.draw}.\n\n", 4, complete=False)

        async def rewrite(self, problem: Problem, solution: Solution, step: int, critique: str, task: Task) -> Draft:
            raise AssertionError("nothing is rewritten here")

        async def aclose(self) -> None:
            return None

    tree = search("Go.", Endless(), verifier, strategy, plan=replace(SMALL, max_steps=3, iterations=30))
    assert tree.finished == ()
    assert tree.selection.chosen is None
    assert max(len(n.steps) for n in tree.nodes) == 3


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_policy_that_always_fails_leaves_a_tree_of_failures(strategy: str, verifier: Verifier) -> None:
    tree = search(problem(0), PlantedPolicy(0.0, raises=1.0), verifier, strategy, plan=SMALL)
    assert tree.selection.chosen is None
    assert all(n.fate is Fate.FAILED and n.prefix.failure for n in tree.nodes)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_budget_is_kept(strategy: str, verifier: Verifier) -> None:
    tree = search(problem(0), PlantedPolicy(0.2), verifier, strategy, plan=SMALL, limits=Limits(tokens=120))
    assert tree.selection.spent.policy_tokens <= 120


def test_greedy_goes_back_where_a_step_leads_nowhere(verifier: Verifier) -> None:
    trees = [grow(verifier, "greedy", seed, rate=0.7) for seed in range(8)]
    back = [n for tree in trees for n in tree.nodes if n.fate is Fate.REJECTED and not n.prefix.refuted]
    assert back, "with seven mistakes in ten, some right step has only wrong ones after it"


def node(index: int, text: str, value: float | None, first_error: int | None = None) -> Node:
    report = Report((), first_error, Provenance(""))
    return Node(Candidate(index, Solution.from_steps((text,)), report=report), value)


PICKS: list[tuple[list[Node], list[int]]] = [
    ([node(0, "a", 0.2), node(1, "b", 0.9), node(2, "c", None)], [1, 0]),
    ([node(0, "a", 0.2), node(1, "a ", 0.2), node(2, "c", 0.1)], [0, 2]),
    ([node(0, "a", 0.9, 0), node(1, "b", None)], [1]),
    ([node(0, "a", 0.3, 0), node(1, "b", 0.4, 0)], [1, 0]),
    ([], []),
]


@pytest.mark.parametrize(("nodes", "picked"), PICKS)
def test_a_beam_keeps_distinct_prefixes_without_a_wrong_step(nodes: list[Node], picked: list[int]) -> None:
    assert [n.prefix.index for n in best(nodes, 2)] == picked


@pytest.mark.parametrize("wrong", [{"width": 0}, {"lookahead_weight": 1.5}, {"progress_weight": -1.0}])
def test_sizes_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    make: Callable[..., Plan] = Plan
    with pytest.raises(ValueError, match="sizes must be at least 1"):
        make(**wrong)


def test_an_unknown_strategy_is_named_with_those_there_are(verifier: Verifier) -> None:
    with pytest.raises(ValueError, match=r"expected one of beam, dvts.*got 'magic'"):
        search("x", PlantedPolicy(0.0), verifier, "magic")
