"""The run that is kept as an example: what a real small model said, taken through all of refined best-of-N again."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from genverify.engines.base import Sampling
from genverify.policies import EnginePolicy
from genverify.protocols import recording
from genverify.search import RefinedSelection, arefined_best_of_n, in_order
from genverify.search.records import Pool, read_pools, selection_line
from genverify.verifier import Verifier

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "benchmarks" / "results" / "search_embedded"
SAMPLING = Sampling(temperature=0.6, top_p=0.95, max_tokens=160, seed=0)
"""As ``benchmarks/search.py`` asked for."""


def test_the_transcript_gives_the_same_selections_again(verifier: Verifier) -> None:
    engine, _ = recording.replay(KEPT)
    asked = [row for row in read_pools(ROOT / "datasets" / "samples" / "problems.jsonl") if isinstance(row, Pool)]
    policy = EnginePolicy(engine, SAMPLING)
    made = list(in_order(verifier, [partial(arefined_best_of_n, r.problem, policy, verifier, 4) for r in asked]))
    kept = [json.loads(line) for line in (KEPT / "selections.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(made) == len(asked) == len(kept) == 20
    again = 0
    for row, result, before in zip(asked, made, kept, strict=True):
        assert isinstance(result, RefinedSelection)
        now = json.loads(selection_line(result.selection, row, str(row.id), result))
        assert [c["text"] for c in now["candidates"][:2]] == [c["text"] for c in before["candidates"][:2]]
        if verdicts(now) != verdicts(before):
            continue  # the verifier has learnt something since, and asks for words that the model never said
        again += 1
        for name in ("answer", "chosen", "correct", "tokens", "plain_tokens", "groups"):
            assert now[name] == before[name], (row.id, name)
        assert [c["text"] for c in now["candidates"]] == [c["text"] for c in before["candidates"]]
    assert again >= 10, "the verifier judges most of it otherwise: python benchmarks/search.py --only embedded"


def verdicts(row: dict[str, Any]) -> list[int | None]:
    return [candidate["first_error"] for candidate in row["candidates"]]
