"""The kept figures of the small critic as Markdown: ``python benchmarks/small_critic_table.py``."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import record


def cell(figure: Sequence[float | None] | None) -> str:
    """Return a figure with its interval: ``78.1 (73.7-82.6)``."""
    if not figure or figure[0] is None:
        return "-"
    low, high = figure[1:]
    sep = " to " if low is not None and low < 0 else "-"
    return f"{figure[0]:.1f}" if low is None or high is None else f"{figure[0]:.1f} ({low:.1f}{sep}{high:.1f})"


def ranking(result: Mapping[str, Any]) -> list[str]:
    """Return the table of step AUROCs."""
    models = {name: of for name, of in result["models"].items() if name != "digits"}
    kinds = (("word", "word"), ("surprise", "surprise"), ("critic_and_tools", "with tools"))
    head = [f"{model}: {words}" for _, words in kinds for model in models]
    lines = [f"| step AUROC, % | tools alone | digits | {' | '.join(head)} |", "|---|" + "---|" * (len(head) + 2)]
    for name, alone in result["tools_alone"].items():
        cells = [cell(m["sets"][name]["step_auroc"][kind]) for kind, _ in kinds for m in models.values()]
        digits = cell(result["models"]["digits"]["sets"][name]["step_auroc"]["surprise"])
        count = result["rows"][name]["rows"]
        lines.append(f"| {name} ({count}) | {cell(alone['step_auroc'])} | {digits} | {' | '.join(cells)} |")
    return lines


def gaining(result: Mapping[str, Any]) -> list[str]:
    """Return the table of what training has added to step AUROCs."""
    kinds = ("word", "surprise", "surprise_less_proved", "critic_and_tools")
    lines = [f"| trained less base, points | {' | '.join(kinds).replace('_', ' ')} |", "|---|" + "---|" * len(kinds)]
    for name, of in result["trained_less_base"].items():
        lines.append(f"| {name} | {' | '.join(cell(of[kind]) for kind in kinds)} |")
    return lines


def locating(result: Mapping[str, Any]) -> list[str]:
    """Return the table of ProcessBench's F1; of sets of wrong solutions alone, the share whose first error is found."""
    models = {name: of for name, of in result["models"].items() if name != "digits"}
    head = ["digits + tools", *(f"{m}{more}" for more in ("", " + tools", " + tools, gain") for m in models)]
    lines = [f"| F1 (* found), % | tools alone | {' | '.join(head)} |", "|---|" + "---|" * (len(head) + 1)]
    for name, alone in result["tools_alone"].items():
        kind = "found" if alone["f1"][0] is None else "f1"
        cells = [cell(result["models"]["digits"]["sets"][name]["critic_and_tools"][kind])]
        cells += [cell(m["sets"][name][part][kind]) for part in ("critic", "critic_and_tools") for m in models.values()]
        cells += [cell(m["sets"][name]["f1_gain_over_tools"]) for m in models.values()]
        star = "*" if kind == "found" else ""
        lines.append(f"| {name}{star} | {cell(alone[kind])} | {' | '.join(cells)} |")
    return lines


def meaning(result: Mapping[str, Any]) -> list[str]:
    """Return the table of how far the probabilities are from how often they are right."""
    models = {name: of for name, of in result["models"].items() if name != "digits"}
    lines = [f"| ECE of critic and tools, % | {' | '.join(models)} |", "|---|" + "---|" * len(models)]
    for name in result["tools_alone"]:
        lines.append(
            f"| {name} | {' | '.join(cell(m['sets'][name]['ece_of_critic_and_tools']) for m in models.values())} |"
        )
    return lines


def writing(result: Mapping[str, Any]) -> list[str]:
    """Return the table of what the critic writes."""
    found = result.get("explained", {}).get("sets", {})
    lines = ["| what is written | steps with numbers | claim parses, % | and is faithful, % |", "|---|---|---|---|"]
    for name, of in found.items():
        lines.append(f"| {name} | {of['steps_with_numbers']} | {of['claim_parses']} | {of['claim_is_faithful']} |")
    return lines if found else []


def main() -> None:
    """Print the tables."""
    result = json.loads((record.RESULTS / "small_critic.json").read_text(encoding="utf-8"))
    tables = (ranking(result), gaining(result), locating(result), meaning(result), writing(result))
    print("\n\n".join("\n".join(table) for table in tables if table))


if __name__ == "__main__":
    main()
