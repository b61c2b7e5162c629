"""Measure logic records: speed, soundness of their labels, agreement with gold labels of public data.

::

    python benchmarks/data_logic.py [--speed N] [--recheck N] [--agreement FOLDER] [--seed S] [--out FILE]

``--speed`` makes N records, then labels the same proofs again in two ways timed in turn: batched over worker processes,
and by a loop as FoVer's pipeline runs it (names replaced in the text, one solver call after the other, one process).
``--recheck`` looks for counter-models of every step of N records without Z3 and without the checkers' code.
"""

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import record
import z3

from genverify.claims.grammar import App, Expr, Sym
from genverify.data import Dropped, Example, Tools, logic, opened
from genverify.data.logic import formulas
from genverify.data.logic import models as logic_models
from genverify.data.logic.agreement import agreement
from genverify.data.logic.readers import questions

SETS: Final = ("logic_prontoqa.jsonl", "logic_proofwriter.jsonl.gz", "share-alike/logic_folio.jsonl.gz")
"""Public sets with gold answers that a reader understands, by their names in the folder of labelled data."""


# --- a loop like FoVer's ----------------------------------------------------------------------------------------------


def naive(example: Example) -> list[bool]:
    """Label the steps of a symbolic example as FoVer does: right if the solver does not say ``sat``."""
    facts = dict(line.split(": ", 1) for line in example.formal["facts_formula"].splitlines())
    hypothesis = example.formal["hypothesis_formula"]
    steps = [step.text.split(" -> ", 1) for step in example.steps[:-1]]
    named = {said.split(": ", 1)[0]: said.split(": ", 1)[1] for _, said in steps if re.match(r"int\d+: ", said)}
    table = [(n, f"({f})") for n, f in (*reversed(facts.items()), *reversed(named.items()), ("hypothesis", hypothesis))]
    return [
        _follows(_replaced(cites, table), _replaced(re.sub(r"^int\d+: ", "", said), table)) for cites, said in steps
    ]


def _replaced(text: str, table: Sequence[tuple[str, str]]) -> str:
    for name, value in table:
        text = text.replace(name, value)
    return text


def _follows(premises: str, conclusion: str) -> bool:
    solver = z3.Solver()
    solver.add(_term(formulas.read(premises), {}))
    solver.add(z3.Not(_term(formulas.read(conclusion), {})))
    return bool(solver.check() != z3.sat)


def _term(expr: Expr, bound: dict[str, Any]) -> Any:  # noqa: ANN401 - z3 has no types
    thing = z3.DeclareSort("thing")
    if isinstance(expr, Sym):
        return z3.Bool(expr.name)
    assert isinstance(expr, App)
    if expr.head.startswith("@"):
        terms = [bound.get(a.name, z3.Const(a.name, thing)) for a in expr.args if isinstance(a, Sym)]
        return z3.Function(expr.head, *[thing] * len(terms), z3.BoolSort())(*terms)
    if expr.head in ("forall", "exists"):
        variable = z3.Const(f"{expr.args[0].name}!", thing)  # type: ignore[union-attr]
        body = _term(expr.args[1], {**bound, expr.args[0].name: variable})  # type: ignore[union-attr]
        return (z3.ForAll if expr.head == "forall" else z3.Exists)([variable], body)
    parts = [_term(arg, bound) for arg in expr.args]
    return {"and": z3.And, "or": z3.Or, "not": z3.Not, "->": z3.Implies}[expr.head](*parts)


# --- measures ---------------------------------------------------------------------------------------------------------


def examples(count: int, seed: int, tools: Tools) -> Iterator[Example | Dropped]:
    """Make records, and say every now and then how far that is."""
    for number, value in enumerate(logic.make(range(count), seed, tools), start=1):
        if number % 1000 == 0:
            print(f"  {number} of {count} records", flush=True)
        yield value


def speed(count: int, seed: int) -> dict[str, Any]:
    """Time the making of records, and two ways to label those of them that are symbolic."""
    with opened() as tools:
        list(logic.make(range(2), seed, tools))  # the workers start
        start = time.perf_counter()
        made = list(examples(count, seed, tools))
        made_s = time.perf_counter() - start
        symbolic = [e for e in made if isinstance(e, Example) and e.family.endswith("symbols")]
        start = time.perf_counter()
        jobs = [(logic.question(e), [step.text for step in e.steps]) for e in symbolic]
        ours = logic.label_many(jobs, tools)
        ours_s = time.perf_counter() - start
        compat = logic.label_many(jobs, tools, compat="fover")
    start = time.perf_counter()
    theirs = [naive(example) for example in symbolic]
    theirs_s = time.perf_counter() - start
    pairs = Counter(
        (label, right)
        for example, labels in zip(ours, theirs, strict=True)
        if isinstance(example, Example)
        for label, right in zip(example.labels, labels, strict=False)
    )
    alike = sum(
        tuple(labels) == example.labels[:-1]
        for example, labels in zip(compat, theirs, strict=True)
        if isinstance(example, Example)
    )
    return {
        "records": count,
        "dropped": dict(Counter(value.why for value in made if isinstance(value, Dropped))),
        "make_s": round(made_s, 2),
        "make_records_per_s": round(count / made_s, 1),
        "labelled_again": len(symbolic),
        "label_records_per_s": round(len(symbolic) / ours_s, 1),
        "fover_like_loop_records_per_s": round(len(symbolic) / theirs_s, 1),
        "compat_fover_same_as_loop": alike,
        "steps_ours_and_loop": {f"{ours}, {theirs}": n for (ours, theirs), n in sorted(pairs.items(), key=str)},
    }


def recheck(count: int, seed: int) -> dict[str, Any]:
    """Look for counter-models of all steps in worlds of up to three things."""
    found: Counter[str] = Counter()
    wrong: list[str] = []
    with opened() as tools:
        for value in examples(count, seed, tools):
            if isinstance(value, Dropped):
                found[f"dropped: {value.why}"] += 1
                continue
            for place, step in enumerate(value.steps):
                if step.claims and step.label.right is not None:
                    said = _agrees(step.claims[0].givens, step.claims[0].statement, step.label.right)
                    found[f"{'right' if step.label.right else 'wrong'}: {said}"] += 1
                    wrong += [f"{value.id} step {place}"] if said == "contradicted" else []
            found["gold solutions not all right"] += value.maker == "gold" and not all(value.labels)
    return {"records": count, "steps": dict(sorted(found.items())), "wrong_labels": wrong}


def _agrees(premises: Sequence[str], conclusion: str, right: bool) -> str:
    for size in (3, 2, 1):
        try:
            model = logic_models.counter_model(premises, conclusion, size)
        except logic_models.GaveUpError:
            continue
        if right:
            return f"agrees up to {size} things" if model is None else "contradicted"
        return f"agrees in {model.size} things" if model is not None else "not re-checked"
    return "not re-checked"


def agree(folder: Path) -> dict[str, Any]:
    """Compare gold answers with what Z3 finds, set by set."""
    results: dict[str, Any] = {}
    with opened() as tools:
        for name in SETS:
            if not (folder / name).is_file():
                print(f"  {folder / name} is not there")
                continue
            found = agreement(questions(folder / name), tools)
            results[name] = {
                "rows": found.rows,
                "read": found.read,
                "decided": found.decided,
                "agreeing": found.agreeing,
                "gold_and_found": {f"{gold}, {said}": n for (gold, said), n in sorted(found.table.items())},
                "not_read": dict(found.dropped),
            }
    return results


def main() -> None:
    """Run what was asked for and write it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", type=int, metavar="N", help="make and label N records, at least 1")
    parser.add_argument("--recheck", type=int, metavar="N", help="look for counter-models of N records, at least 1")
    parser.add_argument("--agreement", type=Path, metavar="FOLDER", help="the folder of labelled public data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=record.RESULTS / "data_logic.json")
    args = parser.parse_args()
    measures: dict[str, Any] = {}
    if args.speed:
        measures["speed"] = speed(args.speed, args.seed)
    if args.recheck:
        measures["recheck"] = recheck(args.recheck, args.seed)
    if args.agreement:
        measures["agreement"] = agree(args.agreement)
    if not measures:
        parser.error("nothing to do: give --speed, --recheck or --agreement")
    for name, result in measures.items():
        print(name, *(f"  {key}: {value}" for key, value in result.items()), sep="\n")
    record.write(args.out, {**record.circumstances(), "seed": args.seed, **measures})


if __name__ == "__main__":
    main()
