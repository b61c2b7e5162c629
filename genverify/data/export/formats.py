"""The formats that examples are exported to, by name."""

from collections.abc import Mapping
from typing import Final

from genverify.data.export import chat, genprm, tokens, trl
from genverify.data.export.base import Export, each
from genverify.errors import UsageError

EXPORTS: Final[Mapping[str, Export]] = {
    "fover": Export(each(chat.fover), chat.FOVER, "FoVer's own record; labels LOCAL, true is correct"),
    "sharegpt": Export(
        chat.sharegpt,
        chat.SHAREGPT,
        "LLaMA-Factory: FoVer's conversation over last-step balanced prefixes, for mask_history",
    ),
    "genprm": Export(genprm.genprm, chat.CHAT, "chat SFT: GenPRM's critiques with programs that were really run"),
    "thinkprm": Export(each(chat.thinkprm), chat.CHAT, "chat SFT: ThinkPRM's train of thought over the whole solution"),
    "critic": Export(each(chat.critic), chat.CHAT, "chat SFT: what each step claims, and correct or incorrect"),
    "stepwise": Export(trl.stepwise, trl.STEPWISE, "TRL stepwise supervision"),
    "preference-rprm": Export(trl.preference_rprm, trl.RPRM, "TRL preference: R-PRM's pairs of evaluations of a step"),
    "preference-step-dpo": Export(
        each(trl.preference_step_dpo),
        trl.STEP_DPO,
        "TRL preference: the first wrong step and its correction",
    ),
    "kto": Export(each(trl.kto), trl.KTO, "TRL unpaired preference: Step-KTO"),
    "capo": Export(tokens.capo, tokens.FIELDS, "CAPO: a reward for each token"),
    "processbench": Export(
        trl.processbench, trl.PROCESSBENCH, "ProcessBench's row: the first wrong step from 0, or -1"
    ),
}


def named(name: str) -> Export:
    """Return an export.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in EXPORTS:
        raise UsageError(f"there is no export {name!r}; there are {', '.join(EXPORTS)}")
    return EXPORTS[name]
