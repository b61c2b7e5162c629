"""Plots with a turn in them: what there was before, the rest in other rows, overtime, legs, two offers, streaks."""

from collections.abc import Callable
from typing import Final

from genverify.data.algebra.story import Story
from genverify.data.algebra.terms import DOLLARS, PERCENT, Noun, Op, Quantity, percent
from genverify.data.algebra.words.lists import HOURS, MINUTES, PAGES, TIMES
from genverify.data.algebra.words.relations import part_of, related


def before(s: Story) -> None:
    """Work out what there was before a share of it went."""
    a = s.person()
    what = s.one("groceries", "a jacket", "train tickets", "school supplies", "a birthday present", "car repairs")
    if s.chance(0.5):
        share, words = part_of(s)
        left = s.dollars(s.whole(6, 240, 2), f"the money {a} has left", f"{a} has @ left")
        s.say(
            f"{a} spent {words} of {a.his} money on {what} and has {left} left",
            f"after spending {words} of {a.his} money on {what}, {a} has {left} left",
        )
        rest = s.find(1 - share, "the share that is left", "# of the money is left", share.noun)
        had = s.find(left / rest, f"the money {a} had at first", f"{a} had @ at first", DOLLARS)
        s.ask(had, f"how much money did {a} have at first", f"how much did {a} have before that")
        return
    rate = s.rate(s.whole(10, 80, 5), "the discount", "the discount is @")
    paid = s.dollars(s.whole(9, 360, 3), f"the amount {a} paid", f"{a} paid @")
    s.say(
        f"with a discount of {rate}, {a} paid {paid} for {what}",
        f"{a} bought {what} on sale for {paid}, which was {rate} less than the regular price",
    )
    rest = s.find(100 - rate, "the percentage that is left", "@ of the regular price is left", PERCENT)
    full = s.find(paid / rest * 100, "the regular price", "the regular price was @", DOLLARS)
    if s.chance(0.5):
        saved = s.find(full - paid, f"the money {a} saved", f"{a} saved @", DOLLARS)
        s.ask(saved, f"how much did {a} save", f"how many dollars did {a} save by that")
        return
    s.ask(full, "what was the regular price", f"how much would {a} have paid without the discount")


def rows(s: Story) -> None:
    """Fill some rows of two sizes, and find how many rows of a third size the rest makes."""
    what, row, thing = s.one(
        ("a flag", "row", Noun("star", "stars")), ("a theater", "row", Noun("seat", "seats")),
        ("a parking lot", "lane", Noun("space", "spaces")), ("a quilt", "strip", Noun("square", "squares")),
        ("an orchard", "row", Noun("tree", "trees")), ("a warehouse", "shelf", Noun("box", "boxes")),
    )  # fmt: skip
    many = "shelves" if row == "shelf" else f"{row}s"
    total = s.given(s.whole(60, 400, 2), f"the number of {thing}", f"there are @ in {what}", thing)
    n, k = (
        s.given(s.whole(2, 8), f"the number of long {many}", f"there are @ long {many}"),
        s.given(s.whole(7, 20), f"the number of {thing} in a long {row}", f"each long {row} has @", thing),
    )
    m, j = (
        s.given(s.whole(2, 8), f"the number of short {many}", f"there are @ short {many}"),
        s.given(s.whole(3, 6), f"the number of {thing} in a short {row}", f"each short {row} has @", thing),
    )
    last = s.given(s.whole(4, 9), f"the number of {thing} in each other {row}", f"each other {row} has @", thing)
    s.say(
        f"{what} with {total} has {n} {many} of {k} and {m} {many} of {j}, and all other {many} have {last:n} {thing}",
        f"{what} has {total}: {n} {many} with {k} each, {m} {many} with {j} each, the rest in {many} of {last:n}",
    )
    long_ = s.find(n * k, f"the number of {thing} in the long {many}", f"the long {many} have @", thing)
    short = s.find(m * j, f"the number of {thing} in the short {many}", f"the short {many} have @", thing)
    both = s.find(long_ + short, f"the number of {thing} in these {many}", f"these {many} have @", thing)
    rest = s.find(total - both, f"the number of {thing} in the other {many}", f"the other {many} have @", thing)
    count = s.find(rest / last, f"the number of other {many}", f"there are @ other {many}")
    if s.chance(0.4):
        all_ = s.find(n + m + count, f"the number of {many} in all", f"there are @ {many} in all")
        s.ask(all_, f"how many {many} are there altogether")
        return
    s.ask(count, f"how many {many} of {last:n} {thing} are there", f"how many {many} have {last:n} {thing}")


def overtime(s: Story) -> None:
    """Pay more for the hours beyond some."""
    a = s.person()
    base = s.given(s.whole(30, 40, 5), "the regular hours", "the first @ are paid as usual", HOURS)
    hours = s.given(s.whole(41, 60), f"the hours {a} worked", f"{a} worked @", HOURS)
    pay = s.dollars(s.whole(10, 40, 2), "the regular hourly pay", f"{a} earns @ per hour")
    s.say(
        f"{a} earns {pay} per hour for the first {base} of a week",
        f"{a}'s pay is {pay} per hour for up to {base} a week",
    )
    normal = s.find(base * pay, "the regular pay", "the regular pay comes to @", DOLLARS)
    extra = s.find(hours - base, "the hours of overtime", f"{a} worked @ of overtime", HOURS)
    if s.chance(0.5):
        more = s.dollars(s.whole(2, 15), "the extra pay for an hour of overtime", "an hour of overtime brings @ more")
        s.say(f"each hour beyond that is paid {more} more")
        high = s.find(pay + more, "the pay for an hour of overtime", "an hour of overtime is paid @", DOLLARS)
    else:
        k = s.whole(2, 3)
        s.say(f"for every hour beyond that, {a.he} gets {TIMES[k]} as much", f"overtime is paid {TIMES[k]} as well")
        high = s.find(pay * k, "the pay for an hour of overtime", "an hour of overtime is paid @", DOLLARS)
    s.say(f"last week {a.he} worked {hours}", f"{a} worked {hours} this week")
    over = s.find(extra * high, "the pay for the overtime", "the overtime brings @", DOLLARS)
    total = s.find(normal + over, f"{a}'s pay for the week", f"{a} earned @ that week", DOLLARS)
    s.ask(total, f"how much did {a} earn that week", f"what was {a}'s pay for that week", then="money")


def legs(s: Story) -> None:
    """Count legs or wheels of two kinds."""
    (x, p), (y, q), part = s.one(
        ((Noun("chicken", "chickens"), 2), (Noun("cow", "cows"), 4), Noun("leg", "legs")),
        ((Noun("duck", "ducks"), 2), (Noun("goat", "goats"), 4), Noun("leg", "legs")),
        ((Noun("bicycle", "bicycles"), 2), (Noun("car", "cars"), 4), Noun("wheel", "wheels")),
        ((Noun("tricycle", "tricycles"), 3), (Noun("wagon", "wagons"), 4), Noun("wheel", "wheels")),
        ((Noun("stool", "stools"), 3), (Noun("table", "tables"), 4), Noun("leg", "legs")),
        ((Noun("spider", "spiders"), 8), (Noun("ant", "ants"), 6), Noun("leg", "legs")),
    )
    n = s.given(s.whole(4, 40), f"the number of {x}", "there are @", x)
    rel = related(s, n, y)
    m = s.find(rel.how, f"the number of {y}", "there are @", y, why=f"there are {rel.more} {y} {rel.joint} {x}")
    place = s.one("in one place", "in a big shed", "behind a fence", "on the grounds")
    s.say(
        f"there are {n} and {rel.more} {y} {rel.joint} {x} {place}",
        f"{s.person()} counted {n} {place}, and {rel.more} {y} {rel.joint} {x}",
    )
    if s.chance(0.3):
        s.say(f"a {x.one} has {p} {part} and a {y.one} has {q}")
    one = s.find(n * p, f"the number of {part} of the {x}", f"the {x} have @", part)
    two = s.find(m * q, f"the number of {part} of the {y}", f"the {y} have @", part)
    if s.chance(0.3):
        gap = s.find(two - one, f"how many more {part} the {y} have", f"the {y} have @ more", part)
        s.ask(gap, f"how many more {part} do the {y} have than the {x}")
        return
    both = s.find(one + two, f"the number of {part}", "they have @ in all", part)
    s.ask(both, f"how many {part} do they have in total", f"how many {part} are there altogether")


def offers(s: Story) -> None:
    """Find which of two offers costs less, and by how much."""
    a = s.person()
    thing = s.one("a van", "a boat", "a party tent", "a projector", "a cargo bike", "a floor sander")
    fee = s.dollars(
        s.whole(20, 90, 5), "the fixed fee of the first offer", "the first company charges a fixed fee of @"
    )
    low = s.dollars(s.whole(4, 18), "the hourly price of the first offer", "the first company charges @ per hour")
    high = s.dollars(s.whole(12, 60), "the hourly price of the second offer", "the second company charges @ per hour")
    hours = s.given(s.whole(3, 12), "the number of hours", f"{a} needs it for @", HOURS)
    s.say(f"{a} wants to rent {thing} for {hours}", f"{a} needs {thing} for {hours}")
    s.say(
        f"one company charges {fee} plus {low} per hour, another one {high} per hour without a fee",
        f"at the first company it costs {fee} and {low} for each hour, at the second one just {high} for each hour",
    )
    use = s.find(low * hours, "the hourly charges of the first offer", "the hours cost @ at the first company", DOLLARS)
    one = s.find(fee + use, "the cost of the first offer", "the first offer costs @", DOLLARS)
    two = s.find(high * hours, "the cost of the second offer", "the second offer costs @", DOLLARS)
    dear, cheap = (one, two) if one.value > two.value else (two, one)
    gap = s.find(dear - cheap, f"the money {a} can save", f"{a} can save @", DOLLARS)
    s.ask(gap, f"how much does {a} save with the cheaper offer", "by how many dollars do the two offers differ")


def streak(s: Story) -> None:
    """Add the same amount day after day."""
    a = s.person()
    does, noun = s.one(
        ("read", PAGES),
        ("practiced", MINUTES),
        ("did", Noun("push-up", "push-ups")),
        ("swam", Noun("lap", "laps")),
        ("wrote", Noun("word", "words")),
        ("solved", Noun("puzzle", "puzzles")),
    )
    first = s.given(s.whole(4, 40), "the amount on the first day", f"{a} {does} @ on the first day", noun)
    more = s.given(s.whole(2, 12), "the increase from day to day", "each day brings @ more", noun)
    s.say(
        f"on the first day {a} {does} {first}, and on every day after that {more:n} more than on the day before",
        f"{a} {does} {first} on the first day and added {more:n} on each following day",
    )
    days = [first]
    for label in ("second", "third", "fourth")[: s.whole(2, 3)]:
        days.append(s.find(days[-1] + more, f"the amount on the {label} day", f"{a} {does} @ on the {label} day", noun))
    total = s.find(Op("+", tuple(days)), f"the total of the {len(days)} days", f"{a} {does} @ in all", noun)
    if s.chance(0.3):
        s.ask(
            days[-1], f"how many {noun} is that on day {len(days)}", f"how many {noun} did {a} reach on day {len(days)}"
        )
        return
    s.ask(
        total,
        f"how many {noun} is that on the first {len(days)} days together",
        f"how many {noun} does that make over {len(days)} days",
    )


def restaurant(s: Story) -> None:
    """Add tax and tip to a bill, and share it."""
    a = s.person()
    parts: list[Quantity] = []
    told: list[str] = []
    for dish in s.rng.sample(
        ("the soup", "the pasta", "the steak", "the salad", "the dessert", "the drinks", "the pizza"), s.whole(2, 3)
    ):
        cost = s.dollars(s.whole(4, 48), f"the price of {dish}", f"{dish} cost @")
        parts.append(cost)
        told.append(f"{dish} cost {cost}")
    s.say(
        f"{a} went out for dinner. " + ", ".join(told).capitalize(),
        f"at a restaurant, {', '.join(told[:-1])} and {told[-1]}",
    )
    bill = s.find(Op("+", tuple(parts)), "the bill", "the bill is @", DOLLARS)
    rate = s.rate(s.whole(5, 25, 5), "the tip in percent", "the tip is @")
    tip = s.find(percent(rate, bill), "the tip", "the tip is @", DOLLARS)
    s.say(f"{a} leaves a tip of {rate}", f"{a} adds a {rate} tip")
    total = s.find(bill + tip, "the bill with the tip", "dinner costs @ with the tip", DOLLARS)
    if s.chance(0.4):
        n = s.given(s.whole(2, 5), "the number of people", "@ people share it")
        each = s.find(total / n, "the amount for each person", "each person pays @", DOLLARS)
        s.say(f"{n} people share the whole amount equally")
        s.ask(each, "how much does each of them pay", "what does each person pay")
        return
    s.ask(total, f"how much does {a} pay in all", "how much is dinner with the tip")


MORE: Final[tuple[Callable[[Story], None], ...]] = (before, rows, overtime, legs, offers, streak, restaurant)
"""The plots."""
