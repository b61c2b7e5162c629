"""Claims of logic about orders, swaps and comparisons: what solutions assert, and what they do not."""

import pytest
from logic import LAMPS, NO, RACE, SWAPS, YES, outcomes, said, statements

from genverify.tools.checkers import Checkers
from genverify.types import ClaimKind, Outcome, Problem, Reason

ORDERS = [
    ("The oak lamp is the leftmost.", ["oak = 1"]),
    ("So the oak lamp must be the leftmost.", ["oak = 1"]),
    ("Therefore, the glass lamp is the second from the right.", ["glass = 4"]),
    ("The brass lamp is to the right of the tall lamp.", ["brass > tall"]),
    ("The brass lamp cannot be the rightmost.", ["brass != 5"]),
    ("The brass lamp is to the left of the glass lamp, so the brass lamp cannot be the rightmost.", ["brass != 5"]),
    ("By process of elimination, the leftmost lamp must be the oak lamp.", ["oak = 1"]),
    ("According to this ordering, the third lamp from the left is the brass lamp.", ["brass = 3"]),
    ("The paper lamp is the rightmost, so it is the fifth from the left.", []),  # it says the premise again
    ("The tall lamp is the second from the left, so it is the third from the right.", ["tall = 3"]),
    ("Since the oak lamp is the leftmost, the glass lamp must be the fourth from the left.", ["oak = 1", "glass = 4"]),
    ("From left to right: oak lamp, tall lamp, brass lamp, glass lamp, paper lamp.",
     ["oak = 1", "brass = 3", "glass = 4"]),
    ("So from right to left: the paper lamp, the glass lamp, the brass lamp, the tall lamp, and the oak lamp.",
     ["glass = 4", "brass = 3", "oak = 1"]),
    ("So from left to right: first is the oak lamp, then second is the tall lamp, then third, fourth, and fifth can be "
     "any lamp.", ["oak = 1"]),
    ("So from left to right: first and second can be any lamp, then third is the glass lamp, then fourth can be any "
     "lamp, then fifth is the paper lamp.", ["glass = 3"]),
    ("So the answer is (A).", ["brass = 3"]),
    ("The correct answer is B", ["glass = 3"]),
    ("Hence, the brass lamp is the third from the left. The answer is (A)", ["brass = 3", "brass = 3"]),
]  # fmt: skip


@pytest.mark.parametrize(("step", "expected"), ORDERS)
def test_what_a_solution_says_of_an_order_is_read(step: str, expected: list[str]) -> None:
    claims = said(LAMPS, step)
    assert statements(LAMPS, step) == expected
    for claim in claims:
        assert claim.kind is ClaimKind.ENTAILS
        assert step[slice(*claim.span)] == claim.text
        assert len(claim.givens) == len(claim.given_steps) == 7


SILENT = [
    "The brass lamp is to the left of the glass lamp.",  # a premise said again
    "The brass lamp is the third from the left.",  # an option said again, perhaps only to look at it
    "(C) The oak lamp is the third from the left.",
    "(C) says the oak lamp is the third from the left.",
    "Is the oak lamp the third from the left?",
    "The oak lamp is the third from the left?",
    "The oak lamp is the fourth from the left. This is false.",
    "The oak lamp is the fourth from the left. But that cannot be, as it stands left of the tall lamp.",
    "The oak lamp may be the third from the left.",
    "The oak lamp could be the rightmost. So the glass lamp is the leftmost.",
    "Suppose the oak lamp is the third from the left. Then the glass lamp is the fourth from the left.",
    "Let's say the oak lamp is the rightmost. So the paper lamp is the leftmost.",
    "If the oak lamp is the rightmost, then the paper lamp is not. So the paper lamp is the leftmost.",
    "Assume that the glass lamp is the leftmost. The oak lamp is then the rightmost.\nThe oak lamp is the rightmost.",
    "Either the oak lamp is the leftmost or the glass lamp is the leftmost.",
    "The oak lamp is the leftmost or the second from the left.",
    "It is not true that the oak lamp is the rightmost.",
    "One possible order from left to right: paper lamp, oak lamp, tall lamp, brass lamp, glass lamp.",
    "A possible arrangement is:\nFrom left to right: paper lamp, oak lamp, tall lamp, brass lamp, glass lamp.",
    "From left to right: first is the glass lamp, then second is the oak lamp.",  # of those spoken of, perhaps
    "From left to right: glass lamp, oak lamp.",
    "So from left to right: first, second, or third is the paper lamp, then fourth and fifth can be any lamp.",
    "So from left to right: first is the paper lamp, or the glass lamp, then second to fifth can be any lamp.",
    "So from left to right: second or third is the paper lamp, then fifth can be any lamp.",
    "The desk lamp is the rightmost.",
    "The oak lamp is the sixth from the left.",
    "The oak lamp is the oak lamp.",
    "Let us check each option:\n1. The oak lamp is the third from the left.\n2. The glass lamp is the leftmost.",
    "The answer is (F).",
    "The answer is not (B).",
    "If that is right, the answer is (B), but",
]


@pytest.mark.parametrize("step", SILENT)
def test_what_an_order_s_solution_does_not_assert_makes_no_claim(step: str) -> None:
    assert statements(LAMPS, step) == []


@pytest.mark.parametrize(
    ("frame", "premises", "step", "statement"),
    [
        ("A fruit stand sells three fruits: plums, limes, and figs.",
         ("The plums are less expensive than the limes.", "The figs are the cheapest."),
         "The limes are the second-most expensive.", "place_of_limes = 2"),
        ("In an antique car show, there are three vehicles: a van, a bus, and a blue cart.",
         ("The van is newer than the bus.", "The blue cart is the second-oldest."),
         "So the bus must be the newest.", "place_of_bus = 3"),
        (RACE[0], RACE[1:], "So Herons finished second-to-last.", "place_of_Herons = 2".lower()),
        (RACE[0], RACE[1:], "The crew who finished last is Herons.", "place_of_herons = 3"),
        ("At a fair, there are three towers: a red tower, a stone tower, and a steel tower.",
         ("The red tower is taller than the stone tower.", "The steel tower is the shortest."),
         "Hence the stone tower is the second-tallest.", "place_of_stone_tower = 2"),
    ],
)  # fmt: skip
def test_each_way_to_order_things_is_read(frame: str, premises: tuple[str, ...], step: str, statement: str) -> None:
    (claim,) = said(Problem("Who is where?", premises=(frame, *premises)), step)
    assert (claim.statement, claim.kind) == (statement, ClaimKind.ENTAILS)
    assert said(" ".join((frame, *premises, "Who is where?")), step)[0].statement == statement


@pytest.mark.parametrize(
    "problem",
    [
        "On a desk, there are three lamps: a tall lamp, a brass lamp, and a glass lamp.",  # nothing about an order
        "On a desk, there are three lamps: a tall lamp, and a brass lamp. The tall lamp is the leftmost.",
        "On a desk, there are two lamps: a tall lamp and a brass lamp. The tall lamp is the leftmost. The tall lamp is "
        "older than the brass lamp.",  # two orders
        "There are three lamps. The tall lamp is the leftmost.",
        "On a desk, there are two lamps: an oak lamp and an oak lamp. The oak lamp is the leftmost.",
    ],
)
def test_a_problem_that_is_not_one_order_of_listed_things_makes_no_claim(problem: str) -> None:
    assert said(problem, "The tall lamp is the rightmost.", "So the oak lamp is the rightmost.") == []


def test_where_a_premise_was_not_read_only_contradictions_are_claimed(checkers: Checkers) -> None:
    problem = LAMPS.replace("- The oak", "- Nobody would put the glass lamp next to the paper lamp.\n- The oak")
    open_, wrong, right = said(problem, "So the brass lamp is the third from the left.",
                               "So the oak lamp is the rightmost.", "So the oak lamp is the leftmost.")  # fmt: skip
    assert {claim.kind for claim in (open_, wrong, right)} == {ClaimKind.CONSISTENT}
    checks = checkers.check_many([open_, wrong, right])
    assert outcomes(checks) == [YES, NO, YES]
    hidden = problem.replace("- The tall lamp is the second from the left.\n", "- The tall lamp is near the window.\n")
    (claim,) = said(hidden, "So the tall lamp is the second from the left.")
    assert checkers.check(claim).reason is Reason.UNKNOWN


def test_bulleted_answers_are_not_taken_for_premises(checkers: Checkers) -> None:
    problem = LAMPS.replace("(A) ", "- ").replace("(B) ", "- ").replace("(C) ", "- ")
    claims = said(problem, "So the oak lamp is the leftmost.")
    assert outcomes(checkers.check_many(claims)) == [YES]
    assert all("oak_lamp = 3" not in given for claim in claims for given in claim.givens)


def test_who_has_what_after_each_swap_is_read_and_decided(checkers: Checkers) -> None:
    steps = ("At the start: Ann: red ball, Ben: blue ball, Eva: sky blue ball.",
             "Ann and Ben swap balls: Ann: blue ball, Ben: red, Eva: sky.",
             "Then, Eva and Ann swap balls: Ann: red ball, Eva: blue ball.",
             "At the end of the game, Eva has the blue ball. So the answer is (A).")  # fmt: skip
    claims = said(SWAPS, *steps)
    assert [claim.text for claim in claims] == [
        "Ann: blue ball", "Ben: red", "Eva: sky", "Ann: red ball", "Eva: blue ball",
        "At the end of the game, Eva has the blue ball",
        "So the answer is (A)",
    ]  # fmt: skip
    assert outcomes(checkers.check_many(claims)) == [YES, YES, YES, NO, YES, YES, NO]


@pytest.mark.parametrize(
    "steps",
    [
        ("Eva and Ann swap balls: Ann: red ball.",),  # the second swap told first
        ("Ann and Ben swap balls. So things change.", "Ann and Ben swap balls: Ann: red ball."),
        ("Ann and Ben swap balls: Ann: ball, Ben: green ball.",),  # which ball?
        ("Suppose Ann and Ben swap balls: Ann: red ball.",),
        ("Do Ann and Ben swap balls: Ann: red ball?",),
        ("Tom: red ball", "The answer is (D)."),
    ],
)
def test_a_swap_that_cannot_be_placed_makes_no_claim(steps: tuple[str, ...]) -> None:
    assert said(SWAPS, *steps) == []


@pytest.mark.parametrize(
    "problem",
    [SWAPS.replace("Then, Eva", "Ben drops a ball. Then, Eva"), SWAPS.replace("has a sky blue", "has a blue"),
     SWAPS.replace("Eva and Ann swap", "Tom and Ann swap"), SWAPS.replace("Ben has a blue ball, ", "")],
)  # fmt: skip
def test_a_problem_with_more_than_swaps_makes_no_claim(problem: str) -> None:
    assert said(problem, "Ann and Ben swap balls: Ann: red ball.") == []


HEIGHTS = "Tom is taller than Ann. Sue is shorter than Ann. Max is taller than Sue. Who is the tallest?"


@pytest.mark.parametrize(
    ("step", "statements_", "found"),
    [
        ("So Tom is taller than Sue.", ["Tom > Sue"], [YES]),
        ("Tom is taller than Ann, and Ann is taller than Sue, so Sue is shorter than Tom.", ["Tom > Sue"], [YES]),
        ("Therefore, Sue is the shortest.", ["Sue < Tom & Sue < Ann & Sue < Max"], [YES]),
        ("The tallest is Tom.", ["Tom > Ann & Tom > Sue & Tom > Max"], [NO]),  # Max may be taller
        ("So Ann is taller than Tom.", ["Ann > Tom"], [NO]),
        ("Ann is not the tallest.", ["not (Ann > Tom & Ann > Sue & Ann > Max)"], [YES]),
        ("Sue is shorter than Ann.", [], []),
        ("If Max is taller than Tom, Max is the tallest.", [], []),
        ("Tom is taller than Bob.", [], []),
        ("Tom is probably taller than Max.", [], []),
        ("Suppose Max is taller than Tom. Then Max is the tallest.\nMax is the tallest.", [], []),
        ("Tom is taller than Max? We do not know.", [], []),
    ],
)
def test_comparisons_alone_are_read_and_decided(
    checkers: Checkers, step: str, statements_: list[str], found: list[Outcome]
) -> None:
    claims = said(HEIGHTS, step)
    assert [claim.statement for claim in claims] == statements_
    assert outcomes(checkers.check_many(claims)) == found


@pytest.mark.parametrize(
    "problem",
    [HEIGHTS.replace("Who", "Max is 3 cm taller than Tom. Who"), HEIGHTS.replace("Who", "No two are alike. Who"),
     "Tom is taller than Ann. How tall is Tom?", "Tom is taller than Ann. Ann is older than Sue."],
)  # fmt: skip
def test_a_problem_of_more_than_comparisons_makes_no_claim(problem: str) -> None:
    assert said(problem, "So Tom is taller than Max.", "So Ann is taller than Tom.") == []
