"""Problems of logic, and what solutions of them are read to say."""

from collections.abc import Sequence

from genverify.claims.logic import logic_claims
from genverify.types import Check, Claim, Outcome, Problem, Solution

YES, NO = Outcome.CONFIRMED, Outcome.REFUTED
LAMPS = """The following statements each describe a set of five objects arranged in a fixed order. The statements are \
logically consistent.
- On a desk, there are five lamps: a tall lamp, a brass lamp, a glass lamp, a paper lamp, and an oak lamp.
- The brass lamp is to the left of the glass lamp.
- The paper lamp is the rightmost.
- The tall lamp is the second from the left.
- The oak lamp is to the left of the tall lamp.
Q: Given the above statements, which of the following is correct?
Options:
(A) The brass lamp is the third from the left.
(B) The glass lamp is the third from the left.
(C) The oak lamp is the third from the left."""
RACE = (
    "In a boat race, there were three crews: Otters, Herons, and Beavers.",
    "Otters finished above Herons.",
    "Beavers finished first.",
)
CATS = """Every snerp is a florn. Florns are blickets. Blickets are not shiny. Each gloop is shiny. Wren is a snerp. \
True or false: Wren is shiny."""
TOYS = """Determine whether the conclusion logically follows from the statements.
Statements:
Either there is a red kite in the shed or else there is a blue kite in the shed, but not both
There is a blue kite in the shed if and only if there is a green ball in the shed
Conclusion: If there is a red kite in the shed then there is a green ball in the shed"""
FORMAL = Problem(
    "Does it follow?",
    premises_fol=("∀x (Robin(x) → Bird(x))", "∀x (Bird(x) → Flies(x) ⊕ Runs(x))", "Robin(pip)", "¬Runs(pip)"),
)
SWAPS = """Ann, Ben, and Eva are playing a game. At the start of the game, they are each holding a ball: Ann has a red \
ball, Ben has a blue ball, and Eva has a sky blue ball.
As the game progresses, pairs of players trade balls. First, Ann and Ben swap balls. Then, Eva and Ann swap balls. At \
the end of the game, Eva has the
Options:
(A) red ball.
(B) blue ball.
(C) sky blue ball."""


def said(problem: Problem | str, *steps: str) -> list[Claim]:
    problem = Problem(problem) if isinstance(problem, str) else problem
    return [claim for own in logic_claims(problem, Solution.from_steps(steps)) for claim in own]


def statements(problem: Problem | str, *steps: str) -> list[str]:
    return [claim.statement.replace("place_of_", "").replace("_lamp", "") for claim in said(problem, *steps)]


def outcomes(checks: Sequence[Check]) -> list[Outcome]:
    return [check.outcome for check in checks]
