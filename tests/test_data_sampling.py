"""Balanced samples have the shares that they promise, merging invents no label, FoVer's defects show on demand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import examples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genverify.data.sampling import balanced, draw, instance_balanced, last_step_balanced, merged, prefixes
from genverify.data.splits import NAMES, Splits
from genverify.data.values import Example, StepLabel

LABELS = st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=8)


def labelled(labels: Sequence[bool | None], name: str = "x", **more: Any) -> Example:
    steps = tuple(examples.step(f"s{i}", StepLabel(right, "exact")) for i, right in enumerate(labels))
    return replace(examples.ALGEBRA, id=name, group=name, steps=steps, **more)


def some(count: int) -> list[Example]:
    """Return solutions of four steps: all right, wrong in the middle, wrong at the end, wrong in the last but one."""
    kinds = [(True, True, True, True), (True, False, True, True), (True, True, True, False), (True, True, False, True)]
    return [labelled(kinds[i % 4], f"e{i}") for i in range(count)]


# --- by last step ---------------------------------------------------------------------------------------------------


def shares(found: Sequence[Example], whole: dict[str, int], final: int) -> dict[bool, Counter[bool | None]]:
    """Return the labels of last steps, of prefixes that are ``final`` steps short of the whole and of the others."""
    counted: dict[bool, Counter[bool | None]] = {True: Counter(), False: Counter()}
    for prefix in found:
        is_final = len(prefix.steps) == whole[prefix.id.rpartition("/")[0]] - final
        counted[is_final][prefix.labels[-1]] += 1
    return counted


def test_last_steps_are_balanced_in_whole_solutions_and_in_the_others_apart() -> None:
    source = some(40)
    whole = {e.id: len(e.steps) for e in source}
    found = shares(list(last_step_balanced(lambda: iter(source), seed=1)), whole, 0)
    assert found[True] == {True: 10, False: 10}
    assert found[False] == {True: 20, False: 20}


def test_fovers_off_by_one_balances_the_last_step_but_one_and_leaves_final_answers_out_of_balance() -> None:
    source = some(40)
    whole = {e.id: len(e.steps) for e in source}
    found = list(last_step_balanced(lambda: iter(source), seed=1, compat="fover"))
    by_fover = shares(found, whole, 1)
    assert by_fover[True] == {True: 10, False: 10}
    assert by_fover[False][True] == by_fover[False][False] == 20
    finals = shares(found, whole, 0)[True]
    assert finals[True] != finals[False]  # pooled with ordinary steps, most final answers are right


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_the_share_of_right_last_steps_can_be_chosen(share: float) -> None:
    found = list(last_step_balanced(lambda: iter(some(400)), seed=3, share_right=share))
    assert sum(bool(e.labels[-1]) for e in found) / len(found) == pytest.approx(share, abs=0.01)
    with pytest.raises(ValueError, match="above 0 and below 1"):
        last_step_balanced(lambda: iter([]), seed=0, share_right=1.0)


@given(LABELS)
def test_prefixes_end_before_the_first_unknown_step_and_only_the_whole_gives_the_answer(
    labels: list[bool | None],
) -> None:
    example = labelled(labels)
    found = list(prefixes(example))
    known = labels.index(None) if None in labels else len(labels)
    assert [list(p.labels) for p in found] == [labels[:n] for n in range(1, known + 1)]
    assert [bool(p.answer) for p in found] == [n == len(labels) for n in range(1, known + 1)]


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(0, 5), st.integers(0, 9))
def test_exactly_as_many_are_drawn_as_wanted_or_all_there_are(items: list[int], want: int, seed: int) -> None:
    def found() -> list[int]:
        return list(draw(lambda: iter(items), lambda i: i or None, lambda _: {1: want, 2: 1}, seed))

    counts = Counter(found())
    assert counts[1] == min(want, items.count(1))
    assert counts[2] == min(1, items.count(2))
    assert counts[0] == counts[3] == 0
    assert found() == found()


def test_every_item_is_as_likely_to_be_drawn() -> None:
    drawn: Counter[int] = Counter()
    for seed in range(2000):
        drawn.update(balanced(lambda: iter(range(12)), lambda i: i % 3 == 0, (True, False), seed))
    of_the_many = [drawn[i] for i in range(12) if i % 3]
    assert all(drawn[i] == 2000 for i in range(0, 12, 3))
    assert all(850 < n < 1150 for n in of_the_many), of_the_many  # 1000 each, standard deviation 22


# --- by instance ----------------------------------------------------------------------------------------------------


def test_classes_are_equal_and_gold_makes_up_what_is_missing_of_the_right_ones() -> None:
    source = []
    for name, right, wrong in (("PROVED", 3, 90), ("DISPROVED", 1, 60), ("UNKNOWN", 0, 70)):
        problem = replace(examples.LOGIC.problem, answer=name)
        source += [labelled([True, True], f"{name}r{i}", maker="engine:x", problem=problem) for i in range(right)]
        source += [labelled([True, False], f"{name}w{i}", maker="engine:x", problem=problem) for i in range(wrong)]
        source += [labelled([True, True], f"{name}g{i}", maker="gold", problem=problem) for i in range(30)]
    names = ("PROVED", "DISPROVED", "UNKNOWN")
    found = list(instance_balanced(lambda: iter(source), seed=1, share_all_right=0.2, labels=names))
    cells = Counter((e.problem.answer, e.first_error is None) for e in found)
    assert cells == {(name, right): 15 if right else 60 for name in names for right in (True, False)}
    by_engine = Counter(e.problem.answer for e in found if e.first_error is None and e.maker != "gold")
    assert by_engine == {"PROVED": 3, "DISPROVED": 1}


def test_without_classes_the_share_of_all_right_solutions_is_met_and_unknown_ones_are_left_out() -> None:
    source = [*some(100), *(labelled([True, None], f"u{i}") for i in range(50))]
    found = list(instance_balanced(lambda: iter(source), seed=1, share_all_right=0.1))
    assert Counter(e.first_error is None for e in found) == {True: 8, False: 75}
    assert not [e for e in found if None in e.labels]


# --- merging --------------------------------------------------------------------------------------------------------


@given(LABELS, st.integers(0, 50), st.floats(0, 1))
def test_merging_keeps_every_word_and_the_last_step_and_invents_no_label(
    labels: list[bool | None], seed: int, p: float
) -> None:
    example = labelled(labels)
    made = merged(example, seed=seed, p=p)
    assert "\n".join(s.text for s in made.steps) == "\n".join(s.text for s in example.steps)
    assert made.steps[-1] == example.steps[-1]
    at = 0
    for step in made.steps:
        parts = labels[at : at + step.text.count("\n") + 1]
        assert len(parts) <= 2
        assert step.label.right is (False if False in parts else None if None in parts else True)
        at += len(parts)
    if len(labels) < 3 or p == 0:
        assert made == example


def test_which_steps_are_merged_differs_between_solutions_and_with_fovers_seed_it_does_not() -> None:
    source = [labelled([True] * 12, f"e{i}") for i in range(200)]

    def places(compat: str) -> Counter[tuple[int, ...]]:
        made = (merged(e, seed=7, compat=compat) for e in source)  # type: ignore[arg-type]
        return Counter(tuple(i for i, s in enumerate(e.steps) if "\n" in s.text) for e in made)

    assert len(places("fover")) == 1
    assert len(places("")) > 20
    merges = sum(len(at) * n for at, n in places("").items())
    assert 1.2 < merges / 200 < 2.2  # 10 places to begin at with p = 0.2, each merge passing over one


def test_claims_of_merged_steps_point_to_the_words_and_steps_that_they_pointed_to() -> None:
    source = examples.LOGIC
    steps = tuple(
        replace(s, claims=tuple(replace(c, span=(0, 5), text=s.text[:5], result_span=(6, 8)) for c in s.claims))
        for s in source.steps
    )
    made = merged(replace(source, steps=steps), seed=0, p=1.0)
    assert [s.text for s in made.steps] == ["fact1 & fact2 -> int1: B; fact12 & int1 -> int2: not C", steps[2].text]
    first, second = made.steps[0].claims
    assert (second.span, second.text) == ((26, 31), "fact1")
    assert made.steps[0].text[slice(*second.span)] == second.text
    assert second.result_span == (32, 34)
    assert (first.given_steps, second.given_steps) == ((-1, -1), (-1, 0))


def test_a_merged_step_has_a_correction_only_where_its_first_half_is_right() -> None:
    wrong = merged(examples.SNEAKY_ALGEBRA, seed=0, p=1.0).steps[0]
    assert (wrong.label.reason, wrong.error, wrong.correction) == ("17*24 = 408, not 418", "wrong product", "")
    code = replace(examples.CODE, steps=examples.CODE.steps[1:])
    assert merged(code, seed=0, p=1.0).steps[0].correction == "    best = items[0]\n    for item in items[1:]:"


# --- splits ---------------------------------------------------------------------------------------------------------


def test_all_solutions_of_a_problem_are_in_one_split_which_does_not_depend_on_the_others() -> None:
    splits = Splits(0.6, 0.2, 0.2, seed=4)
    source = examples.copies(2000)
    of = {e.id: splits.of(e) for e in source}
    assert all(of[a.id] == of[b.id] for a, b in zip(source[::2], source[1::2], strict=True))
    assert {e.id: splits.of(e) for e in source[:100]} == {e.id: of[e.id] for e in source[:100]}
    counted = Counter(of.values())
    assert [counted[name] / 2000 for name in NAMES] == pytest.approx([0.6, 0.2, 0.2], abs=0.05)
    assert {Splits(0.6, 0.2, 0.2, seed=5).of(e) == of[e.id] for e in source} == {True, False}


def test_shares_of_splits_must_be_shares() -> None:
    for shares_ in ((0.5, 0.1, 0.1), (1.2, -0.1, -0.1)):
        with pytest.raises(ValueError, match="1 together"):
            Splits(*shares_)
    assert list(Splits(1, 0, 0).used) == ["train"]
    assert {Splits(1, 0, 0).of(e) for e in examples.copies(50)} == {"train"}
    assert {Splits(0.3, 0.7, 0).of(e) for e in examples.copies(50)} == {"train", "validation"}
