"""Results to tables, for a terminal and in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from genverify.bench.results import Result

_MEANT: Final = ("found", "left_alone", "at_or_after", "undecided")
"""Figures that a row of the summary gives beside the headline, where the benchmark has them."""
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
        if figure["total"]:
            yield f"  {words[name]:<48}{cell(figure)}"
    for name, figures in part.get("modes", {}).items():
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


def markdown(results: Sequence[Result]) -> str:
    """Return the figures of all ``results`` as one Markdown table, its caption below."""
    head = ("set", "solutions", "figure", "value, 95 % interval", "first error located", "right ones left alone",
            "accusations at or after the error", "undecided")  # fmt: skip
    rows = [head, ("---",) * len(head)]
    for result in results:
        parts = [*result["sets"].items(), *([("together", result["together"])] if "together" in result else [])]
        for name, part in parts:
            own = part["figures"]
            figure = headline(result, part)
            label = f"*{result['benchmark']}, together*" if name == "together" else name
            beside = [_short(own[n]) if n in own else "–" for n in _MEANT]
            rows.append((label, str(part["rows"]), result["words"][figure], _value(own[figure]), *beside))
    body = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{body}\n\n{caption(results)}\n"


def headline(result: Result, part: Mapping[str, Any]) -> str:
    """Return the name of the figure that stands for a part: of a pool, the headline at the largest N."""
    name: str = result["headline"]
    if name in part["figures"]:
        return name
    names: list[str] = list(part["figures"])
    at = [n for n in names if n.startswith(f"{name}@")] or [n for n in names if n.startswith("unrefuted@")]
    return at[-1] if at else names[0]


def _value(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
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
