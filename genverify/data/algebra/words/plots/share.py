"""Plots about shares: ratios, elections, groups within groups, growth, leftovers, mixtures, what there was at first."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from genverify.data.algebra.story import Story
from genverify.data.algebra.terms import DOLLARS, SHARE, Noun, per, percent
from genverify.data.algebra.words.lists import DAYS_LONG, HOURS, MINUTES, PARTS, TIMES, YEARS
from genverify.data.algebra.words.relations import part_of, related


def ratio(s: Story) -> None:
    """Divide an amount in a ratio; perhaps spend some of a share."""
    a, b = s.people(2)
    p = s.given(s.whole(2, 7), f"the parts of {a}", f"{a} gets @ parts")
    q = s.given(s.whole(2, 7), f"the parts of {b}", f"{b} gets @ parts")
    unit = s.whole(3, 40)
    total = s.dollars((p.value + q.value) * unit, "the amount to share", "there is @ to share")
    reason = s.one(
        "for clearing a neighbor's yard",
        "from a yard sale",
        "as a prize",
        "from their grandfather",
        "for a painting job",
    )
    s.say(
        f"{a} and {b} got {total} {reason} and share it in the ratio {p:n}:{q:n}",
        f"{total} {reason} is divided between {a} and {b} in the ratio {p:n} to {q:n}",
    )
    parts = s.find(p + q, "the total number of parts", "there are @ parts in all")
    one = s.find(total / parts, "the value of one part", "one part is worth @", DOLLARS)
    his = s.find(one * p, f"{a}'s share", f"{a} gets @", DOLLARS, why=f"{a} gets {p:n} of the parts")
    if s.chance(0.5):
        x = s.dollars(s.whole(5, 60), f"what {a} spends", f"{a} spends @")
        left = s.find(his - x, f"the money {a} has left", f"{a} has @ left", DOLLARS)
        s.say(f"{a} spends {x} of {a.his} share on {s.one('a book', 'lunch', 'a game', 'a gift')}")
        s.ask(left, f"how much of {a.his} share does {a} have left", f"how much money is {a} left with")
        return
    other = s.find(one * q, f"{b}'s share", f"{b} gets @", DOLLARS, why=f"{b} gets {q:n} of the parts")
    if s.chance(0.5):
        s.ask(other, f"how much does {b} get", f"how many dollars does {b} receive")
        return
    gap = s.find(his - other, f"how much more {a} gets", f"{a} gets @ more", DOLLARS)
    s.ask(gap, f"how much more does {a} get than {b}")


def election(s: Story) -> None:
    """Votes in percent; the rest is for the last candidate or not cast."""
    a, b = s.people(2)
    what = s.one("class president", "mayor", "team captain", "chair of the club")
    voters = s.given(s.whole(100, 2400, 20), "the number of voters", "there are @ voters")
    turnout = s.rate(s.whole(50, 95, 5), "the turnout", "@ of the voters took part")
    s.say(
        f"{a} and {b} ran for {what}. There were {voters} voters, and {turnout} of them took part",
        f"in the election for {what}, {turnout} of the {voters} voters cast a vote for either {a} or {b}",
    )
    cast = s.find(
        percent(turnout, voters),
        "the number of votes cast",
        "@ votes were cast",
        why=f"{turnout} of the voters took part",
    )
    rate = s.rate(s.whole(30, 70, 5), f"{a}'s share of the votes", f"{a} got @ of the votes")
    s.say(f"{a} received {rate} of the votes that were cast", f"{rate} of those votes went to {a}")
    one = s.find(
        percent(rate, cast), f"the number of votes for {a}", f"{a} got @ votes", why=f"{a} got {rate} of the votes"
    )
    other = s.find(cast - one, f"the number of votes for {b}", f"{b} got @ votes")
    if s.chance(0.6):
        s.ask(other, f"how many votes did {b} get", f"how many people voted for {b}")
        return
    absent = s.find(voters - cast, "the number of voters who did not take part", "@ voters did not take part")
    both = s.find(absent + other, f"the number of voters who did not vote for {a}", f"@ voters did not vote for {a}")
    s.ask(both, f"how many of all the voters did not vote for {a}")


def groups(s: Story) -> None:
    """A part of a part of a group."""
    (who,) = s.things("people")
    total = s.given(s.whole(40, 720, 4), f"the number of {who}", "there are @", who)
    where = s.one("at a summer camp", "at a concert", "in a sports club", "at a museum", "on a ferry", "at a fair")
    share, words = part_of(s)
    left, right = s.one(
        ("girls", "boys"),
        ("adults", "children"),
        ("beginners", "advanced"),
        ("members", "guests"),
        ("locals", "tourists"),
    )
    s.say(f"there are {total} {where}, and {words} of them are {left}", f"{words} of the {total} {where} are {left}")
    first = s.find(share * total, f"the number of {left}", f"@ are {left}", why=f"{words} of the {total} are {left}")
    second = s.find(total - first, f"the number of {right}", f"@ are {right}")
    s.say(f"the others are {right}", f"the rest are {right}")
    trait = s.one(
        "wear a hat", "bring a lunch", "speak two languages", "come by bike", "like the music", "know the way"
    )
    rate = s.rate(s.whole(10, 80, 10), f"the share of the {right} who {trait}", f"@ of the {right} {trait}")
    s.say(f"{rate} of the {right} {trait}")
    with_it = s.find(
        percent(rate, second),
        f"the number of {right} who {trait}",
        f"@ of the {right} {trait}",
        why=f"{rate} of the {right} {trait}",
    )
    if s.chance(0.5):
        s.ask(with_it, f"how many of the {right} {trait}", f"how many {right} {trait}")
        return
    without = s.find(second - with_it, f"the number of {right} who do not {trait}", f"@ of the {right} do not {trait}")
    s.ask(without, f"how many of the {right} do not {trait}")


def growth(s: Story) -> None:
    """Something grows or shrinks by percentages, one after the other."""
    what, unit = s.one(
        ("the population of a town", "people"),
        ("the number of members of a club", "members"),
        ("the number of visitors of a website", "visitors"),
        ("the number of fish in a lake", "fish"),
    )
    noun = Noun(unit.removesuffix("s"), unit)
    now = s.given(s.whole(200, 9000, 100), f"{what} at first", f"{what} was # at first", noun)
    s.say(f"{what} was {now:n}", f"at the start, {what} was {now:n}")
    for label in ("first", "second", "third")[: s.whole(2, 3)]:
        rate = s.rate(s.whole(5, 50, 5), f"the change in the {label} year", f"the change in the {label} year is @")
        up = s.chance(0.65)
        s.say(f"in the {label} year it {'grew' if up else 'fell'} by {rate}")
        change = s.find(
            percent(rate, now),
            f"the {'increase' if up else 'decrease'} in the {label} year",
            f"it {'grew' if up else 'fell'} by @ in the {label} year",
            noun,
        )
        now = s.find(
            now + change if up else now - change,
            f"{what} after the {label} year",
            f"{what} was # after the {label} year",
            noun,
        )
    s.ask(
        now,
        f"what was {what.replace(' a ', ' the ')} after that",
        f"what was {what.replace(' a ', ' the ')} at the end",
    )


def leftovers(s: Story) -> None:
    """Work back from what is left to what there was."""
    a = s.person()
    (thing,) = s.things(s.one("toys", "baked", "shop", "crops"))
    left = s.given(s.whole(4, 40), f"the number of {thing} left", f"{a} has @ left", thing)
    gave = s.given(s.whole(3, 30), f"the number of {thing} given away", f"{a} gave away @", thing)
    k = s.whole(2, 4)
    b = s.person()
    s.say(f"{a} gave {gave} to {b} and now has {left:n} left", f"after giving {gave} to {b}, {a} has {left:n} left")
    had = s.find(left + gave, f"the number of {thing} {a} had before", f"{a} had @ before", thing)
    if s.chance(0.5):
        s.say(f"before that, {a} had lost half of {a.his} {thing}")
        start = s.find(had * 2, f"the number of {thing} {a} had at first", f"{a} had @ at first", thing)
    else:
        s.say(f"{b} already had {TIMES[k]} as many {thing} as {a} had at the beginning")
        start = s.find(had * k, f"the number of {thing} {b} had at first", f"{b} had @ at first", thing)
        end = s.find(start + gave, f"the number of {thing} {b} has now", f"{b} has @ now", thing)
        s.ask(end, f"how many {thing} does {b} have now")
        return
    s.ask(start, f"how many {thing} did {a} have at first", f"how many {thing} had {a} started with")


def sharing(s: Story) -> None:
    """Share equally after a gift; each uses some."""
    people = s.given(s.whole(3, 8), "the number of friends", "there are @ friends")
    (thing,) = s.things(s.one("toys", "baked", "food"))
    packs = s.given(s.whole(2, 8), "the number of packs", "there are @ packs")
    size = s.given(s.whole(6, 24), f"the number of {thing} in a pack", "each pack holds @", thing)
    loose = s.given(s.whole(2, 20), f"the number of loose {thing}", "there are @ outside the packs", thing)
    s.say(
        f"{people} friends buy {packs} packs of {size} each and find {loose} more at home",
        f"{people} friends have {packs} packs with {size} in each, and {loose} that are not in a pack",
    )
    packed = s.find(packs * size, f"the number of {thing} in the packs", "the packs hold @", thing)
    total = s.find(packed + loose, f"the total number of {thing}", "they have @ in all", thing)
    each = s.find(total / people, f"the number of {thing} for each friend", "each friend gets @", thing)
    s.say(f"they share all the {thing} equally")
    if s.chance(0.5):
        used = s.given(s.whole(1, 9), f"the number of {thing} used", "each friend uses @", thing)
        rest = s.find(each - used, f"the number of {thing} each friend has left", "each friend has @ left", thing)
        s.say(f"each of them then uses {used:n}")
        s.ask(rest, f"how many {thing} does each friend have left")
        return
    s.ask(each, f"how many {thing} does each friend get", f"how many {thing} will each of them have")


def work_rate(s: Story) -> None:
    """Minutes for each piece, several pieces, hours in the end."""
    a, b = s.people(2)
    (thing,) = s.things(s.one("tasks", "made"))
    first = s.given(
        s.whole(4, 45), f"the minutes {a} needs for one {thing.one}", f"{a} needs @ for one {thing.one}", MINUTES
    )
    rel = related(s, first, MINUTES, much="time")
    second = s.find(
        rel.how,
        f"the minutes {b} needs for one {thing.one}",
        f"{b} needs @ for one {thing.one}",
        MINUTES,
        why=f"{b} needs {rel.more} {rel.joint} {a}",
    )
    n = s.given(s.whole(4, 40), f"the number of {thing}", "there are @", thing)
    s.say(f"{a} needs {first} for one {thing.one}", f"it takes {a} {first} to do one {thing.one}")
    s.say(f"{b} needs {rel.more} {rel.joint} {a}")
    whole = s.find(second * n, f"the minutes {b} needs for {n}", f"{b} needs @ for {n}", MINUTES)
    if s.chance(0.5):
        hours = s.find(
            whole / per(60, "minutes per hour"), f"the hours {b} needs for {n}", f"{b} needs @ for {n}", HOURS
        )
        s.ask(hours, f"how many hours does {b} need for {n}")
        return
    his = s.find(first * n, f"the minutes {a} needs for {n}", f"{a} needs @ for {n}", MINUTES)
    both = s.find(whole + his, "the minutes of both together", f"together they spend @ if each does {n}", MINUTES)
    s.ask(both, f"if each of them does {n}, how many minutes do they spend in total")


def collection_value(s: Story) -> None:
    """Coins and notes to an amount; then buy something."""
    a = s.person()
    q = s.given(s.whole(4, 60), "the number of quarters", f"{a} has @", Noun("quarter", "quarters"))
    d = s.given(s.whole(5, 80, 5), "the number of dimes", f"{a} has @", Noun("dime", "dimes"))
    s.say(f"{a} empties {a.his} jar and finds {q} and {d}", f"{a} has {q} and {d} in {a.his} pocket")
    one = s.find(
        q * per(25, "cents per quarter"),
        "the value of the quarters in cents",
        "the quarters are worth @",
        Noun("cent", "cents"),
    )
    two = s.find(
        d * per(10, "cents per dime"), "the value of the dimes in cents", "the dimes are worth @", Noun("cent", "cents")
    )
    both = s.find(one + two, "the value of all the coins in cents", "the coins are worth @", Noun("cent", "cents"))
    money = s.find(both / per(100, "cents per dollar"), "the value in dollars", f"{a} has @", DOLLARS)
    if s.chance(0.5):
        cost = s.dollars(s.whole(1, 12), "the price of a snack", "a snack costs @")
        left = s.find(money - cost, f"the money {a} has left", f"{a} has @ left", DOLLARS)
        s.say(f"{a.he} buys a snack for {cost}")
        s.ask(left, f"how much money, in dollars, does {a} have left")
        return
    s.ask(money, f"how much money does {a} have in dollars", "how many dollars is that")


def interest(s: Story) -> None:
    """Simple interest over years."""
    a = s.person()
    put = s.dollars(s.whole(200, 8000, 100), "the amount in the account", f"{a} puts @ into an account")
    rate = s.rate(s.whole(2, 12), "the yearly interest", "the account pays @ a year")
    years = s.given(s.whole(2, 8), "the number of years", "the money stays for @", YEARS)
    s.say(
        f"{a} puts {put} into an account that pays {rate} simple interest a year",
        f"a bank pays {rate} simple interest per year, and {a} deposits {put}",
    )
    s.say(f"{a.he} leaves it there for {years}")
    one = s.find(percent(rate, put), "the interest for one year", "one year brings @", DOLLARS)
    all_ = s.find(one * years, f"the interest for {years}", f"{years} bring @", DOLLARS)
    if s.chance(0.3):
        s.ask(all_, f"how much interest does {a} get", "how much interest is that altogether")
        return
    end = s.find(put + all_, "the amount in the end", f"{a} has @ in the end", DOLLARS)
    s.ask(end, "how much money is in the account then", f"how much does {a} have in the end")


def commission(s: Story) -> None:
    """A base pay and a commission on what is sold."""
    a = s.person()
    base = s.dollars(s.whole(200, 900, 50), f"{a}'s base pay", f"{a}'s base pay is @ a week")
    rate = s.rate(s.whole(2, 20), "the commission", f"{a} gets @ of the sales")
    what = s.one("phones", "insurance policies", "sofas", "garden tools", "used cars")
    n = s.given(s.whole(3, 25), f"the number of {what} sold", f"{a} sold @ {what}")
    price = s.dollars(s.whole(50, 900, 50), f"the price of one of the {what}", f"one of the {what} costs @")
    s.say(f"{a} sells {what} and earns {base} a week plus a commission of {rate} on everything {a.he} sells")
    s.say(f"last week {a.he} sold {n} {what} at {price} each", f"this week {a} sold {n} of them for {price} each")
    sales = s.find(n * price, f"{a}'s sales", f"{a} sold {what} worth @", DOLLARS)
    bonus = s.find(percent(rate, sales), f"{a}'s commission", f"{a}'s commission is @", DOLLARS)
    total = s.find(base + bonus, f"{a}'s pay for the week", f"{a} earned @ that week", DOLLARS)
    s.ask(total, f"how much did {a} earn that week", f"what was {a}'s total pay for the week", then="money")


def daily_use(s: Story) -> None:
    """A stock used up day by day, with a part gone at the start."""
    a = s.person()
    thing = s.one(
        Noun("cookie", "cookies"),
        Noun("tea bag", "tea bags"),
        Noun("vitamin", "vitamins"),
        Noun("diaper", "diapers"),
        Noun("can of cat food", "cans of cat food"),
        Noun("egg", "eggs"),
    )
    packs = s.given(s.whole(2, 9), "the number of packs", f"{a} has @ packs")
    size = s.given(s.whole(10, 60, 2), f"the number of {thing} in a pack", "each pack has @", thing)
    daily = s.given(s.whole(2, 12), f"the number of {thing} used each day", "@ are used each day", thing)
    s.say(
        f"{a} buys {packs} packs of {thing} with {size:n} in each",
        f"{a} has {packs} packs of {thing}, each with {size:n} in it",
    )
    all_ = s.find(packs * size, f"the number of {thing}", f"{a} has @", thing)
    if s.chance(0.5):
        share = Fraction(1, s.whole(3, 6))
        f = s.given(share, "the fraction", "", SHARE, shown=PARTS.get(share, f"1/{share.denominator}"))
        gone = s.find(f * all_, f"the number of {thing} given away", f"{a} gives away @", thing)
        all_ = s.find(all_ - gone, f"the number of {thing} that remain", "@ remain", thing)
        s.say(f"{a.he} gives {f} of them to {s.person()}")
    s.say(f"{a.his} household uses {daily:n} a day", f"every day {daily:n} of them are used")
    days = s.find(all_ / daily, "the number of days", "they last for @", DAYS_LONG)
    s.ask(days, f"for how many days do the {thing} last", f"after how many days will {a} run out")


def pay_rise(s: Story) -> None:
    """Let a salary grow by a percentage and find what it is in a year."""
    a = s.person()
    pay = s.dollars(s.whole(1500, 6000, 100), f"{a}'s monthly salary", f"{a} earns @ a month")
    rate = s.rate(s.whole(5, 30, 5), "the raise in percent", "the raise is @")
    rent = s.dollars(s.whole(400, 1200, 50), f"{a}'s monthly rent", f"{a} pays @ in rent each month")
    s.say(f"{a} earns {pay} a month and gets a {rate} raise", f"{a}'s monthly salary of {pay} goes up by {rate}")
    more = s.find(percent(rate, pay), "the increase", "the increase is @ a month", DOLLARS)
    new = s.find(pay + more, f"{a}'s new monthly salary", f"{a} now earns @ a month", DOLLARS)
    if s.chance(0.5):
        s.say(f"{a.his} rent is {rent} a month", f"{a.he} pays {rent} in rent every month")
        left = s.find(new - rent, f"what {a} has left after rent", f"{a} has @ left each month after rent", DOLLARS)
        s.ask(
            left,
            f"how much of {a.his} new salary does {a} have left each month after paying rent",
            "after the raise, how much is left each month once the rent is paid",
        )
        return
    s.say(f"{a.his} rent stays at {rent} a month") if s.chance(0.4) else None
    year = s.find(new * per(12, "months per year"), f"{a}'s new yearly salary", f"{a} now earns @ a year", DOLLARS)
    s.ask(year, f"how much does {a} now earn in a year", f"what is {a}'s yearly salary after the raise")


SHARE_PLOTS: Final[tuple[Callable[[Story], None], ...]] = (
    ratio, election, groups, growth, leftovers, sharing, work_rate, collection_value, interest, commission, pay_rise,
    daily_use,
)  # fmt: skip
"""The plots."""
