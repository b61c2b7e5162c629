"""Results to tables, for a terminal and in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from genverify.bench.results import Result, one_sided

_LOCATED: Final = {
    "found": "first error located",
    "left_alone": "right ones left alone",
    "at_or_after": "accusations at or after the error",
    "undecided": "undecided",
}
"""Figures that the table of labelled solutions gives beside the headline."""
_DECIDED: Final = {
    "decided": "decided",
    "right": "of these rightly",
    "confirmed": "confirmed, and hold",
    "refuted": "refuted, and do not",
}
_CHOSEN: Final = {
    "pass@1": "pass@1",
    "majority": "majority",
    "unrefuted_majority": "majority of those not refuted",
    "weighted": "weighted vote",
    "best_product": "best of N",
    "best_stored": "best of N, score in the data",
    "oracle": "oracle",
}
_MARKS: Final = {"multi_solutions": "f1"}
"""Groups whose headline is another figure; PRMBench's authors report F1 alone for this class."""


def lines(result: Result) -> Iterator[str]:
    """Yield everything that one result says, for a terminal."""
    words: Mapping[str, str] = result["words"]
    for name, part in result["sets"].items():
        unusable = f"; {part['unusable_rows']} rows without a usable label left out" if part["unusable_rows"] else ""
        failed = int(part["figures"].get("failed", {}).get("hits") or 0)
        yield f"{name}: {part['rows']} solutions, {failed} failed{unusable}"
        yield from _part(part, words, result["headline"])
        yield ""
    if "together" in result:
        yield f"all {len(result['sets'])} files together"
        yield from _part(result["together"], words, result["headline"])
        mean = result["mean_of_sets"].get(result["headline"])
        if mean is not None:
            yield f"  mean of the files' {words[result['headline']]}: {100 * mean:.1f}"
        yield ""
    yield "brackets: 95 % bootstrap intervals, seed {seed}; {made}".format(seed=result["seed"], made=made_by(result))


def _part(part: Mapping[str, Any], words: Mapping[str, str], headline: str) -> Iterator[str]:
    for name, figure in part["figures"].items():
        if figure["total"] and not one_sided(part["figures"], name):
            yield f"  {words[name]:<48}{cell(figure)}"
    for name, figures in part.get("modes", {}).items() if not one_sided(part["figures"], "f1") else ():
        yield f"  {'F1, ' + name:<48}{cell(figures['f1'])}"
    for aspect, value in part.get("aspects", {}).items():
        yield f"  {'aspect ' + aspect:<48}{'-' if value is None else f'{100 * value:6.1f}'}"
    for group, figures in part.get("groups", {}).items():
        yield f"    {group:<46}{cell(figures[_mark(group, figures, headline)])}"
    accused = part.get("accused_right", ())
    if accused:
        yield f"  right solutions accused: {', '.join(accused[:10])}{' ...' if len(accused) > 10 else ''}"


def _mark(group: str, figures: Mapping[str, Any], headline: str) -> str:
    """Return the name of the figure that stands for a group, which may hold nothing but wrong or right solutions."""
    if headline in ("f1", "process_judging"):
        return "found" if figures["found"]["total"] else "left_alone"
    return _MARKS.get(group, headline)


def cell(figure: Mapping[str, Any]) -> str:
    """Return a figure in per cent, with what it was counted over and its interval."""
    if figure["value"] is None:
        return f"{'-':>6}     {'0 of 0':>14}"
    counted = f"{_count(figure['hits'])} of {_count(figure['total'])}" if figure["hits"] is not None else ""
    bounds = "" if figure["low"] is None else f"[{100 * figure['low']:.1f}, {100 * figure['high']:.1f}]"
    return f"{100 * figure['value']:>6.1f} %  {counted:>14}  {bounds}".rstrip()


def _count(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.1f}"


def made_by(result: Result) -> str:
    """Return who judged, in a few words."""
    made = result["made_by"]
    versions = ", ".join(f"{name} {version}" for name, version in made.get("versions", {}).items())
    who = f"{made['engine']} by {made['protocol']}" if made.get("engine") else "tools only"
    return f"{who}, genverify {made.get('genverify', '?')}, {versions}"


def markdown(results: Sequence[Result], *, brief: bool = False) -> str:
    """Return the figures of all ``results`` as Markdown: a table for each kind of benchmark, the caption below.

    Args:
        results: of any benchmarks.
        brief: of benchmarks in several files give only what they come to together, but for ProcessBench, whose authors
            report each file.
    """
    parts = [
        (result, name, part)
        for result in results
        for name, part in (
            *(
                ()
                if brief and "together" in result and result["benchmark"] != "processbench"
                else result["sets"].items()
            ),
            *([("", result["together"])] if "together" in result else []),
        )
    ]
    pools = [p for p in parts if "pass@1" in p[2]["figures"]]
    statements = [p for p in parts if "decided" in p[2]["figures"]]
    located = [p for p in parts if "left_alone" in p[2]["figures"]]
    tables = [_table(kind, columns) for kind, columns in ((located, _LOCATED), (statements, _DECIDED)) if kind]
    tables += [_pools(pools)] if pools else []
    return "\n\n".join((*tables, caption(results))) + "\n"


_Part = tuple[Result, str, Mapping[str, Any]]


def _table(parts: Sequence[_Part], columns: Mapping[str, str]) -> str:
    rows = [("set", "solutions", "figure", "value, 95 % interval", *columns.values())]
    for result, name, part in parts:
        own, figure = part["figures"], result["headline"]
        label = name or f"*{result['benchmark']}, together*"
        beside = [_short(own[column]) for column in columns]
        rows.append((label, str(part["rows"]), result["words"][figure], _value(own, figure), *beside))
    return _rows(rows)


def _pools(parts: Sequence[_Part]) -> str:
    """Return the table of the pools, at the largest N of each."""
    rows = [("pool", "problems", "N", *_CHOSEN.values(), "accused: right ones", "accused: wrong ones")]
    for _, name, part in parts:
        own = part["figures"]
        n = max(int(key.rpartition("@")[2]) for key in own if "@" in key)
        chosen = [_value(own, choice if choice == "pass@1" else f"{choice}@{n}") for choice in _CHOSEN]
        accused = (_short(own["accused_right"]), _short(own["accused_wrong"]))
        rows.append((name, _count(own["pass@1"]["total"]), str(n), *chosen, *accused))
    return _rows(rows)


def _rows(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))


def _value(figures: Mapping[str, Any], name: str) -> str:
    figure = figures.get(name)
    if figure is None or figure["value"] is None or one_sided(figures, name):
        return "–"
    bounds = "" if figure["low"] is None else f" [{100 * figure['low']:.1f}, {100 * figure['high']:.1f}]"
    return f"{100 * figure['value']:.1f}{bounds}"


def _short(figure: Mapping[str, Any]) -> str:
    if not figure["total"]:
        return "–"
    return f"{100 * figure['value']:.1f} % ({_count(figure['hits'])} of {_count(figure['total'])})"


def caption(results: Sequence[Result]) -> str:
    """Return the date, the commit and the makers of ``results``, each said once."""
    dates = sorted({result["date"][:10] for result in results})
    commits = sorted({str(result["commit"])[:8] for result in results if result["commit"]})
    makers = sorted({made_by(result) for result in results})
    at = f", commit {', '.join(commits)}" if commits else ""
    return f"{' to '.join(dict.fromkeys((dates[0], dates[-1])))}{at}; {'; '.join(makers)}." if results else ""


def other(result: Result) -> Iterator[str]:
    """Yield the table of ablations, for a terminal."""
    columns = ("f1", "found", "left_alone", "at_or_after", "covered_steps", "agreement", "override", "override_right")
    yield (
        f"{'part':14}" + "".join(f"{name.replace('_', ' '):>15}" for name in columns) + f"{'tokens':>12}{'tool s':>10}"
    )
    for number, row in enumerate(result["parts"]):
        name = row["part"] if number == 0 else f"+ {row['part']}"
        cells = "".join(f"{_fraction(row['figures'][column]):>15}" for column in columns)
        yield f"{name:14}{cells}{row['cost']['tokens']:>12}{row['cost']['tool_s']:>10.1f}"
    seconds = max((row["cost"]["solution_s"] for row in result["parts"]), default=0.0)
    rows = sum(own["rows"] for own in result["data"].values())
    yield f"{rows} solutions, {result['failed']} failed; {seconds:.1f} s of all solutions added up; {made_by(result)}"


def _fraction(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None or not figure["total"]:
        return "-"
    return f"{100 * figure['value']:.1f} ({_count(figure['total'])})"
