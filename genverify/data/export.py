"""The formats that examples are exported to, by name."""

from collections.abc import Mapping
from typing import Final

from genverify.data import export_chat, export_genprm, export_tokens, export_trl
from genverify.data.export_base import Export, each
from genverify.errors import UsageError

EXPORTS: Final[Mapping[str, Export]] = {
    "fover": Export(each(export_chat.fover), export_chat.FOVER, "FoVer's own record; labels LOCAL, true is correct"),
    "sharegpt": Export(
        export_chat.sharegpt,
        export_chat.SHAREGPT,
        "LLaMA-Factory: FoVer's conversation over last-step balanced prefixes, for mask_history",
    ),
    "genprm": Export(
        export_genprm.genprm, export_chat.CHAT, "chat SFT: GenPRM's critiques with programs that were really run"
    ),
    "thinkprm": Export(
        each(export_chat.thinkprm), export_chat.CHAT, "chat SFT: ThinkPRM's train of thought over the whole solution"
    ),
    "critic": Export(
        each(export_chat.critic), export_chat.CHAT, "chat SFT: what each step claims, and correct or incorrect"
    ),
    "stepwise": Export(export_trl.stepwise, export_trl.STEPWISE, "TRL stepwise supervision"),
    "preference-rprm": Export(
        export_trl.preference_rprm, export_trl.RPRM, "TRL preference: R-PRM's pairs of evaluations of a step"
    ),
    "preference-step-dpo": Export(
        each(export_trl.preference_step_dpo),
        export_trl.STEP_DPO,
        "TRL preference: the first wrong step and its correction",
    ),
    "kto": Export(each(export_trl.kto), export_trl.KTO, "TRL unpaired preference: Step-KTO"),
    "capo": Export(export_tokens.capo, export_tokens.FIELDS, "CAPO: a reward for each token"),
    "processbench": Export(
        export_trl.processbench, export_trl.PROCESSBENCH, "ProcessBench's row: the first wrong step from 0, or -1"
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
