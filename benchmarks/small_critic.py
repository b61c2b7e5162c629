"""The small critic against the model it was trained from, with tools and without; writes ``results/small_critic.json``.

::

    python benchmarks/small_critic.py --work FOLDER [--data FOLDER] [--adapter FOLDER] [--only MODEL] [--explained N]

Labelled public rows (``--data``, by default where ``GENVERIFY_DATA`` points), none of which was trained on, and
solutions generated with a seed that was not trained on. Each model reads each solution once; readings are kept in
``--work``, so a run that was stopped goes on. How a model's two readings (the word, and the surprise at the numbers)
are mixed, and from which probability on a step is called wrong, is fitted on the sets marked ``fit`` and on no other.
``--explained N`` has N solutions of each test set read through the protocol and llama.cpp, for what the critic writes,
its speed and its memory.
"""

import argparse
import json
import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import record
from small_critic_rows import SETS, SUBSAMPLE_SEED, kept, read_all, rows_of

from genverify.bench.metrics import RESAMPLES, Figure, Measure, Sums, figures, harmonic, interval
from genverify.bench.processbench import Labelled
from genverify.calibration.metrics import Figure as Estimate
from genverify.calibration.metrics import Judgement, quality
from genverify.fusion import DEFAULT_WEIGHTS, Evidence
from genverify.fusion.rule import log_odds_rule
from genverify.fusion.weights import probability
from genverify.protocols.reader import asked
from genverify.protocols.surprise import Mix, numbers, proved, unproved
from genverify.tools.checkers import Checkers
from genverify.train.heldout import auroc as area
from genverify.types import Critique, Label
from genverify.verifier import Verifier

MODELS: Final = ("base", "trained")


@dataclass(frozen=True, slots=True)
class Read:
    """One solution, what the tools found, and what a model read."""

    row: Labelled
    evidence: tuple[Evidence, ...]
    readings: tuple[tuple[float, tuple[float, ...]], ...]
    """For each step the log-odds of ``correct`` and what each number costs, in nats; a long solution is cut off."""

    def numbers(self, tools: bool) -> list[tuple[float, float]]:
        """Return for each step the log-odds of ``correct`` and the surprise, without what ``tools`` have proved."""
        return [(odds, sum(self._counted(n, costs, tools))) for n, (odds, costs) in enumerate(self.readings)]

    def _counted(self, step: int, costs: Sequence[float], tools: bool) -> Iterator[float]:
        text = self.row.solution.steps[step].text
        shown = asked("", (text,))[0]
        left = unproved(text, shown, proved(self.evidence[step].checks) if tools else ())
        return (cost for place, cost in zip(numbers(shown), costs, strict=False) if place in left)

    def labelled(self) -> Iterator[tuple[int, bool]]:
        """Yield the steps whose label is known, and whether each is right: those up to the first error."""
        last = len(self.row.solution.steps) - 1 if self.row.label < 0 else self.row.label
        for step in range(min(last + 1, len(self.readings))):
            yield step, step != self.row.label


def tools_found(sets: Mapping[str, Sequence[Labelled]]) -> dict[str, list[tuple[Evidence, ...]]]:
    """Return for each solution of each set what the tools found of its steps."""
    with Checkers(workers=1) as checkers, Verifier(checkers) as verifier:
        return {
            name: [tuple(map(Evidence.of, verifier.critique(r.problem, r.solution).steps)) for r in rows]
            for name, rows in sets.items()
        }


# --- fitting --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is fitted for a model: a probability that says what it means, and from where on a step is called wrong."""

    mix: Mix
    cut: float = 0.5


WORD: Final = Fitted(Mix())
SURPRISE: Final = Fitted(Mix(0.0, 0.0, -0.1))
"""One reading alone; how it ranks steps does not depend on the number."""


def fitted(reads: Sequence[Read], tools: bool) -> Fitted:
    """Return the mix for a model, by logistic regression on its readings, and the cut with the best F1.

    Where the word ``correct`` would count against a step, it is left out.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    steps = [(found[at], right) for read in reads for found in [read.numbers(tools)] for at, right in read.labelled()]
    x, y = np.array([r for r, _ in steps]), np.array([right for _, right in steps])
    for used in ([0, 1], [1]):
        scale = x[:, used].std(axis=0)
        model = LogisticRegression(C=10.0, max_iter=1000).fit(x[:, used] / scale, y)
        *verdict, surprise = (float(w) for w in model.coef_[0] / scale)
        if not verdict or verdict[0] >= 0:
            break
    parts = (float(model.intercept_[0]), verdict[0] if verdict else 0.0, surprise)
    mix = Mix(*(round(part, 4) for part in parts))
    judge = with_tools if tools else critic_alone
    cuts = [round(probability(at / 8), 4) for at in range(49)]
    return Fitted(mix, max(cuts, key=lambda cut: value(reads, lambda r: judge(r, Fitted(mix, cut)))))


# --- judging --------------------------------------------------------------------------------------------------------

Judge = Callable[[Read], list[tuple[float | None, bool]]]
"""A solution to the probability that each step is right, None where there is none, and whether it is called wrong."""


def tools_alone(read: Read) -> list[tuple[float | None, bool]]:
    """Judge by the tools."""
    opinions = [log_odds_rule(e, DEFAULT_WEIGHTS) for e in read.evidence]
    return [(o.p, o.label is Label.INCORRECT) for o in opinions]


def critic_alone(read: Read, of: Fitted, *, tools: bool = False) -> list[tuple[float | None, bool]]:
    """Judge by the critic; with ``tools`` what they have proved is no surprise."""
    ps = [of.mix.probability(probability(odds), nats) for odds, nats in read.numbers(tools)]
    return [(p, p < of.cut) for p in ps] + [(None, False)] * (len(read.evidence) - len(ps))


def with_tools(read: Read, of: Fitted) -> list[tuple[float | None, bool]]:
    """Judge by both, fused by the default rule with the weights that ship."""
    found = []
    for evidence, (p, _) in zip(read.evidence, critic_alone(read, of, tools=True), strict=True):
        critiques = () if p is None else (Critique(evidence.index, "", p, cut=of.cut),)
        opinion = log_odds_rule(replace(evidence, critiques=critiques), DEFAULT_WEIGHTS)
        found.append((opinion.p, opinion.label is Label.INCORRECT))
    return found


def tally(read: Read, judge: Judge, prefix: str = "") -> dict[str, float]:
    """Return what a solution adds to the sums of ProcessBench's F1."""
    called = next((n for n, (_, wrong) in enumerate(judge(read)) if wrong), -1)
    kind, hit = ("right", "left") if read.row.label < 0 else ("wrong", "found")
    return {kind: 1.0, prefix + hit: float(called == read.row.label)}


def f1_of(sums: Sums, prefix: str = "") -> float | None:
    """Return ProcessBench's F1: the harmonic mean of the two shares; None without both kinds."""
    if not sums.get("wrong") or not sums.get("right"):
        return None
    return harmonic(sums.get(prefix + "found", 0.0) / sums["wrong"], sums.get(prefix + "left", 0.0) / sums["right"])


def value(reads: Sequence[Read], judge: Judge) -> float:
    """Return F1."""
    sums: dict[str, float] = {}
    for read in reads:
        for name, amount in tally(read, judge).items():
            sums[name] = sums.get(name, 0.0) + amount
    return f1_of(sums) or 0.0


def located(reads: Sequence[Read], judge: Judge) -> dict[str, list[float | None]]:
    """Return F1 and its two shares with their 95 % intervals over solutions."""
    measures = (
        Measure("f1", "", f1_of, "wrong"),
        Measure("found", "", lambda s: s["found"] / s["wrong"] if s.get("wrong") else None, "wrong", "found"),
        Measure("left_alone", "", lambda s: s["left"] / s["right"] if s.get("right") else None, "right", "left"),
    )
    needed = {"wrong": 0.0, "found": 0.0, "right": 0.0, "left": 0.0}
    found = figures([{**needed, **tally(r, judge)} for r in reads], _all_needed(measures))
    return {measure.name: shown(found[measure.name]) for measure in measures}


def _all_needed(measures: Sequence[Measure]) -> tuple[Measure, ...]:
    """Return ``measures``, each told to need what F1 needs, so that no sum is left out of the resamples."""
    return (
        *measures,
        Measure("wrong", "", lambda _: None, "wrong", "found"),
        Measure("right", "", lambda _: None, "right", "left"),
    )


def gained(reads: Sequence[Read], one: Judge, other: Judge) -> list[float | None]:
    """Return by how much ``one`` has the better F1, with its 95 % interval over the same resamples for both."""
    needed = dict.fromkeys(("wrong", "right", "a_found", "a_left", "b_found", "b_left"), 0.0)
    tallies = [{**needed, **tally(r, one, "a_"), **tally(r, other, "b_")} for r in reads]

    def more(sums: Sums) -> float | None:
        a, b = f1_of(sums, "a_"), f1_of(sums, "b_")
        return None if a is None or b is None else a - b

    helpers = [Measure(name, "", lambda _: None, name) for name in needed]
    return shown(figures(tallies, [Measure("gain", "", more, "wrong"), *helpers])["gain"])


def judgements(reads: Sequence[Read], judge: Judge) -> list[Judgement]:
    """Return what is made of every labelled step; one without a probability gets one half."""
    found = []
    for read in reads:
        ps = judge(read)
        for step, right in read.labelled():
            p = ps[step][0]
            found.append(Judgement(0.5 if p is None else p, right, read.row.problem.text))
    return found


def auroc(reads: Sequence[Read], judge: Judge) -> list[float | None]:
    """Return the step AUROC with its 95 % interval over problems; a step without a probability ties with one half."""
    return shown(quality(judgements(reads, judge)).auroc)


def ranked_better(pairs: Sequence[tuple[Read, Read]], judges: tuple[Judge, Judge]) -> list[float | None]:
    """Return by how much the second of two readings has the better step AUROC, with its 95 % interval.

    Args:
        pairs: two models' readings of each solution.
        judges: how each is judged. A step without a probability ties with one half.
    """
    problems: dict[str, list[tuple[float, float, bool]]] = {}
    for pair in pairs:
        one, other = (judge(read) for judge, read in zip(judges, pair, strict=True))
        for step, right in pair[0].labelled():
            p, q = (0.5 if found[step][0] is None else found[step][0] for found in (one, other))
            problems.setdefault(pair[0].row.problem.text, []).append((float(p or 0.0), float(q or 0.0), right))

    def gain(steps: Sequence[tuple[float, float, bool]]) -> float | None:
        values = [area([s[n] for s in steps if s[2]], [s[n] for s in steps if not s[2]]) for n in (0, 1)]
        return None if None in values else float(values[1] or 0.0) - float(values[0] or 0.0)

    groups, rng = list(problems.values()), random.Random(0)
    drawn = (gain([step for group in rng.choices(groups, k=len(groups)) for step in group]) for _ in range(RESAMPLES))
    low, high = interval([value for value in drawn if value is not None])
    found = gain([step for group in groups for step in group])
    return [None if x is None else round(100 * x, 1) for x in (found, low, high)]


def gains(
    base: Mapping[str, Sequence[Read]], trained: Mapping[str, Sequence[Read]], fits: Sequence[Fitted]
) -> dict[str, Any]:
    """Return what training has added to the step AUROC of each set.

    Args:
        base: what the plain model has read.
        trained: what the trained one has read of the same.
        fits: with tools, of the one and of the other.
    """
    kinds: dict[str, tuple[Judge, Judge]] = {
        "word": (lambda r: critic_alone(r, WORD),) * 2,
        "surprise": (lambda r: critic_alone(r, SURPRISE),) * 2,
        "surprise_less_proved": (lambda r: critic_alone(r, SURPRISE, tools=True),) * 2,
        "critic_and_tools": (lambda r: with_tools(r, fits[0]), lambda r: with_tools(r, fits[1])),
    }
    return {
        name: {
            kind: ranked_better(list(zip(rows, trained[name], strict=True)), judges) for kind, judges in kinds.items()
        }
        for name, rows in base.items()
    }


def shown(figure: Figure | Estimate) -> list[float | None]:
    """Return a figure in percent with its interval."""
    return [None if x is None else round(100 * x, 1) for x in (figure.value, figure.low, figure.high)]


def judged(reads: Mapping[str, Sequence[Read]], alone: Fitted, tooled: Fitted) -> dict[str, Any]:
    """Return the figures of one model on each set.

    Args:
        reads: what it has read.
        alone: for the critic alone.
        tooled: for the critic with tools.
    """
    return {
        name: {
            "step_auroc": {
                "word": auroc(rows, lambda r: critic_alone(r, WORD)),
                "surprise": auroc(rows, lambda r: critic_alone(r, SURPRISE)),
                "critic": auroc(rows, lambda r: critic_alone(r, alone)),
                "surprise_less_proved": auroc(rows, lambda r: critic_alone(r, SURPRISE, tools=True)),
                "critic_and_tools": auroc(rows, lambda r: with_tools(r, tooled)),
            },
            "ece_of_critic_and_tools": shown(quality(judgements(rows, lambda r: with_tools(r, tooled))).ece),
            "critic": located(rows, lambda r: critic_alone(r, alone)),
            "critic_and_tools": located(rows, lambda r: with_tools(r, tooled)),
            "f1_gain_over_tools": gained(rows, lambda r: with_tools(r, tooled), tools_alone),
        }
        for name, rows in reads.items()
    }


def counted(read: Read) -> Read:
    """Return a reading that knows no more of a step than how many digits it has: what a model must beat."""
    steps = [asked("", (step.text,))[0] for step in read.row.solution.steps[: len(read.readings)]]
    costs = [tuple(float(end - start) for start, end in numbers(step)) for step in steps]
    return replace(read, readings=tuple((odds, cost) for (odds, _), cost in zip(read.readings, costs, strict=True)))


def gathered(
    model: str, sets: Mapping[str, Sequence[Labelled]], tools: Mapping[str, Any], work: Path
) -> dict[str, list[Read]]:
    """Return what a model has read of each set."""
    found: dict[str, Any] = {}
    for name, rows in sets.items():
        done = kept(work / f"{model}-{name}.jsonl")
        found[name] = [
            Read(row, evidence, tuple((v, tuple(n)) for v, n in done[row.id]["readings"]))
            for row, evidence in zip(rows, tools[name], strict=True)
            if row.id in done
        ]
    return found


def main() -> None:
    """Read, fit, judge, and write it down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("GENVERIFY_DATA"), help="folder of labelled data")
    parser.add_argument("--work", type=Path, required=True, help="keeps the readings")
    parser.add_argument("--adapter", type=Path, help="the trained adapter; by default the one that ships")
    parser.add_argument("--only", choices=MODELS, help="have only this model read, and write no results")
    parser.add_argument("--sets", nargs="+", default=[], metavar="NAME", help="with --only, these sets and no other")
    parser.add_argument(
        "--explained", type=int, default=0, metavar="N", help="solutions of each set for what is written"
    )
    parser.add_argument("--out", type=Path, default=record.RESULTS / "small_critic.json")
    args = parser.parse_args()
    if args.data is None:
        parser.error("name the folder of labelled data with --data, or in GENVERIFY_DATA")
    args.work.mkdir(parents=True, exist_ok=True)
    wanted = [s for s in SETS if not (args.only and args.sets) or s.name in args.sets]
    rows = {s.name: rows_of(s, Path(args.data)) for s in wanted}
    for model in [args.only] if args.only else MODELS:
        read_all(model, None if model == "base" else args.adapter or shipped(), rows, args.work)
    if args.only:
        return
    result = compared(rows, args.work)
    if args.out.exists():  # what was written takes minutes, and stays until it is asked for anew
        result["explained"] = json.loads(args.out.read_text(encoding="utf-8")).get("explained", {})
    if args.explained:
        from small_critic_explained import explained

        result["explained"] = explained({s.name: rows[s.name] for s in SETS if s.use == "test"}, args.explained)
    record.write(args.out, result)


def shipped() -> Path:
    """Return the adapter that ships."""
    from genverify.engines.small import small_critic

    return small_critic().peft


def compared(rows: Mapping[str, Sequence[Labelled]], work: Path) -> dict[str, Any]:
    """Return all figures."""
    tools = tools_found(rows)
    result: dict[str, Any] = {**record.circumstances(("torch", "transformers", "peft", "scikit-learn"))}
    result["rows"] = {s.name: {"rows": len(rows[s.name]), "use": s.use} for s in SETS}
    result["subsample_seed"] = SUBSAMPLE_SEED
    result["models"] = {}
    kept_reads: dict[str, dict[str, list[Read]]] = {}
    fits: dict[str, Fitted] = {}
    for model in (*MODELS, "digits"):
        reads = gathered(MODELS[0] if model == "digits" else model, rows, tools, work)
        if model == "digits":
            reads = {name: list(map(counted, found)) for name, found in reads.items()}
        apart = [read for s in SETS if s.use == "fit" for read in reads[s.name]]
        alone, tooled = fitted(apart, tools=False), fitted(apart, tools=True)
        fits[model] = tooled
        tests = {s.name: reads[s.name] for s in SETS if s.use == "test"}
        kept_reads[model] = tests
        result["models"][model] = {
            "alone": asdict(alone),
            "with_tools": asdict(tooled),
            "read": {name: len(r) for name, r in tests.items()},
            "sets": judged(tests, alone, tooled),
        }
        if model == MODELS[0]:
            result["tools_alone"] = {
                name: {**located(r, tools_alone), "step_auroc": auroc(r, tools_alone)} for name, r in tests.items()
            }
    result["trained_less_base"] = gains(kept_reads[MODELS[0]], kept_reads[MODELS[1]], [fits[m] for m in MODELS])
    return result


if __name__ == "__main__":
    main()
