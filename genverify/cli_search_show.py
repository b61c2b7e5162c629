"""Selections, refinements and search trees to text for people, and what a run comes to on one line."""

from collections import Counter

import click

from genverify import wording
from genverify.records import Item
from genverify.search import RefinedSelection, Refinement, SearchTree, Selection, draw
from genverify.search.records import Pool

Chosen = Selection | RefinedSelection | SearchTree
"""What a selection comes from."""


def name_of(row: Pool | Item) -> str | int:
    """Return the row's own id, or one made from its line, which stays the same when a run is taken up again."""
    return row.id if row.id is not None else f"line-{row.line}"


def plain(result: Chosen) -> Selection:
    """Return the selection within a result."""
    return result if isinstance(result, Selection) else result.selection


def count(tally: Counter[str], result: Chosen) -> None:
    """Count what the summary says."""
    made = plain(result)
    tally["problems"] += 1
    tally["chosen"] += made.chosen is not None
    tally["known"] += made.correct is not None
    tally["right"] += made.correct is True
    if made.chosen is not None and made.candidates[made.chosen].report is not None:
        accepted = not made.candidates[made.chosen].refuted
        tally["accepted"] += accepted
        tally["accepted_known"] += accepted and made.correct is not None
        tally["accepted_right"] += accepted and made.correct is True
    if isinstance(result, RefinedSelection) and result.plain is not None:
        tally["plain_known"] += result.plain.correct is not None
        tally["plain_right"] += result.plain.correct is True


def summary(tally: Counter[str]) -> str:
    """Return on one line what came of all problems of a run, each share with its denominator."""
    parts = [f"{tally['chosen']} of {tally['problems']} problems with a choice"]
    if tally["known"]:
        parts.append(f"{tally['right']} of {tally['known']} answers right")
    if tally["plain_known"]:
        parts.append(f"plain best-of-N of equal budget {tally['plain_right']} of {tally['plain_known']}")
    if tally["accepted_known"]:
        parts.append(f"of those with no step found wrong {tally['accepted_right']} of {tally['accepted_known']}")
    return "; ".join(parts)


def show_selection(result: Selection | RefinedSelection, row: Pool) -> None:
    """Write a selection for people."""
    made = plain(result)
    name = wording.clean(str(name_of(row)))
    if made.chosen is None:
        click.echo(f"{name}: {made.why}")
        return
    mark = {True: "right", False: "wrong", None: "reference not known"}[made.correct]
    answer = wording.clean(made.answer) if made.answer is not None else "no answer"
    click.echo(f"{name}: {click.style(answer, bold=True)} (candidate {made.chosen} of {len(made.candidates)}, {mark})")
    for group in sorted(made.groups, key=lambda g: -(g.value or len(g.members)))[:6]:
        wrong = sum(made.candidates[i].refuted for i in group.members)
        value = f"{group.value:9.4g}" if group.value is not None else " " * 9
        said = f"{len(group.members)} candidate{'s' * (len(group.members) != 1)}, {wrong} with a step found wrong"
        click.echo(f"  {value}  {wording.shorten(wording.clean(group.answer), 40):40}  {said}")
    if len(made.groups) > 6:
        click.echo(f"             and {len(made.groups) - 6} more answers")
    click.echo(f"  {wording.clean(made.why)}")
    refined = [c for c in made.candidates if c.parent is not None]
    for candidate in refined[:8]:
        after = "failed" if candidate.solution is None else "wrong" if candidate.refuted else "nothing wrong"
        click.echo(f"  candidate {candidate.index} goes on from {candidate.parent} at step {candidate.edited}: {after}")
    if isinstance(result, RefinedSelection) and result.plain is not None:
        against = {True: "right", False: "wrong", None: "reference not known"}[result.plain.correct]
        click.echo(f"  plain best-of-N of equal budget ({result.plain_tokens} tokens): "
                   f"{wording.clean(str(result.plain.answer))}, {against}")  # fmt: skip
    for failure in made.failures[:4]:
        click.echo(f"  {failure.where}: {wording.clean(failure.what)}")


def show_refinement(made: Refinement, row: Item) -> None:
    """Write a refinement for people."""
    click.echo(f"{wording.clean(str(name_of(row)))}: {wording.clean(made.why)}")
    for version in made.versions[1:]:
        click.echo(f"  version {version.index}, from step {version.edited} on: answer "
                   f"{wording.clean(str(version.answer))}, "
                   f"{'a step is wrong' if version.refuted else 'no step found wrong'}")  # fmt: skip
    result = made.result
    if result is not None and result.solution is not None:
        for step in result.solution.steps:
            click.echo(f"    {wording.clean(step.text.strip())}")
    if made.correct_before is not None:
        click.echo(f"  answer right before: {made.correct_before}; after: {made.correct_after}; "
                   f"turned wrong on the way: {len(made.flips)}")  # fmt: skip


def show_tree(made: SearchTree, row: Pool) -> None:
    """Write a search for people: its choice, then the whole tree."""
    show_selection(made.selection, row)
    click.echo("\n".join(f"  {wording.clean(line)}" for line in draw(made).split("\n")))
