"""Plots about money: budgets, coins, loans, tickets, offers, passes, currencies, prices, refunds, raffles, rent."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from genverify.data.algebra.story import Story
from genverify.data.algebra.terms import DOLLARS, SHARE, Noun, per, percent
from genverify.data.algebra.words.lists import CENTS, DAYS_LONG, PARTS
from genverify.data.algebra.words.relations import related

_VISITS: Final = Noun("visit", "visits")
_TICKETS: Final = Noun("ticket", "tickets")
_BOOKLETS: Final = Noun("booklet", "booklets")


def budget(s: Story) -> None:
    """Take rent and bills off a monthly income; save a part of the rest, reach a goal with it, or get a raise."""
    a = s.person()
    income = s.dollars(s.whole(1800, 5400, 60), f"{a}'s monthly income", f"{a} takes home @ a month")
    part: Fraction = s.one(Fraction(1, 3), Fraction(1, 4), Fraction(1, 5), Fraction(2, 5))
    share = s.given(part, "the share for rent", "", SHARE, shown=PARTS[part])
    (x, x_low), (y, y_low) = s.rng.sample(
        (("groceries", 280), ("insurance", 90), ("the car", 160), ("electricity", 60), ("phone and internet", 70)), 2
    )
    one = s.dollars(s.whole(x_low, 2 * x_low, 10), f"the monthly cost of {x}", f"{a} spends @ a month on {x}")
    two = s.dollars(s.whole(y_low, 2 * y_low, 10), f"the monthly cost of {y}", f"{a} spends @ a month on {y}")
    s.say(
        f"{a} takes home {income} a month. {share} of it goes to rent, {one} to {x} and {two} to {y}",
        f"every month {a} spends {one} on {x}, {two} on {y} and {share} of {a.his} monthly pay of {income} on rent",
        f"{share} of {a}'s monthly income of {income} goes to rent. {a.he} also spends {one} on {x} and {two} on {y}",
    )
    why = f"{share} of the income goes to rent"
    rent = s.find(share * income, f"{a}'s monthly rent", f"{a} pays @ of rent", DOLLARS, why)
    gone = s.find(rent + one + two, f"{a}'s monthly spending", f"{a} spends @ a month in all", DOLLARS)
    left = s.find(income - gone, "the money left each month", f"{a} has @ left each month", DOLLARS)
    way = s.whole(0, 2)
    if way == 0:
        rate = s.rate(s.whole(10, 80, 10), "the share that is saved", f"{a} saves @ of what is left")
        s.say(f"{a.he} saves {rate} of what is left", f"{rate} of the remaining money goes into a savings account")
        saved = s.find(percent(rate, left), "the money saved each month", f"{a} saves @ a month", DOLLARS)
        year = s.find(saved * per(12, "months per year"), "the money saved in a year", f"{a} saves @ a year", DOLLARS)
        s.ask(year, f"how much does {a} save in a year", f"what will {a.his} savings amount to after one year")
    elif way == 1:
        what = s.one("a trip to Japan", "a used car", "a new kitchen", "a sailing course")
        goal = s.dollars(left.value * s.whole(2, 9), f"the cost of {what}", f"{what} costs @")
        s.say(f"{a.he} puts everything that is left aside for {what}, which costs {goal}")
        months = s.find(goal / left, "the number of months needed", f"{a} needs @", Noun("month", "months"))
        s.ask(months, f"how many months does it take until {a} can afford {what}", f"for how many months must {a} save")
    else:
        rate = s.rate(s.whole(5, 20, 5), "the raise in percent", f"{a} gets a raise of @")
        s.say(f"next month {a.his} income goes up by {rate}, while rent and bills stay the same")
        more = s.find(percent(rate, income), "the raise", f"{a} gets @ more a month", DOLLARS)
        new = s.find(left + more, "the money left after the raise", f"{a} then has @ left each month", DOLLARS)
        s.ask(new, f"how much will {a} have left each month then", "how much will be left each month from that point")


def coins(s: Story) -> None:
    """Value the coins in a jar, or find how many coins of one kind make up the rest of a known sum."""
    a = s.person()
    (x, p), (y, q) = s.rng.sample(
        ((Noun("quarter", "quarters"), 25), (Noun("dime", "dimes"), 10), (Noun("nickel", "nickels"), 5)), 2
    )
    jar = s.one("jar", "piggy bank", "drawer", "cookie tin", "shoebox")
    n = s.given(s.whole(8, 60, 2), f"the number of {x}", f"{a} has @", x)
    first = s.find(n * per(p, f"cents per {x.one}"), f"the value of the {x}", f"the {x} are worth @", CENTS)
    if s.chance(0.4):
        m = s.whole(6, 60)
        sum_ = s.dollars((first.value + m * q) / 100, "the value of all coins", "the coins are worth @ in all")
        s.say(
            f"{a} finds {sum_} in a {jar}: {n}, and the rest in {y}",
            f"{a}'s {jar} holds {sum_} in {x} and {y}. There are {n} among the coins",
        )
        cents = s.find(sum_ * per(100, "cents per dollar"), "the sum in cents", "the coins are worth @ in all", CENTS)
        rest = s.find(cents - first, f"the value of the {y}", f"the {y} are worth @", CENTS)
        count = s.find(rest / per(q, f"cents per {y.one}"), f"the number of {y}", f"{a} has @", y)
        s.ask(count, f"how many {y} does {a} have", f"how many {y} are there")
        return
    rel = related(s, n, y)
    why = f"there are {rel.more} {y} {rel.joint} {x}"
    m_ = s.find(rel.how, f"the number of {y}", f"{a} has @", y, why)
    s.say(
        f"in {a}'s {jar} there are {n} and {rel.more} {y} {rel.joint} {x}",
        f"{a} empties a {jar} and counts {n}. There are {rel.more} {y} {rel.joint} {x}",
    )
    second = s.find(m_ * per(q, f"cents per {y.one}"), f"the value of the {y}", f"the {y} are worth @", CENTS)
    both = s.find(first + second, "the value of the coins in cents", "all coins are worth @", CENTS)
    money = s.find(both / per(100, "cents per dollar"), "the value in dollars", f"{a} has @ in coins", DOLLARS)
    if s.chance(0.5):
        s.ask(money, f"how many dollars are {a}'s coins worth", "what are these coins worth in dollars")
        return
    price = s.dollars(money.value // 1 + s.whole(1, 20), "the price of the game", "the game costs @")
    s.say(f"{a} would like to buy a game for {price} with the coins", f"a game that {a.he} wants costs {price}")
    miss = s.find(price - money, "the money that is missing", f"{a} is @ short", DOLLARS)
    s.ask(miss, f"how many dollars is {a} short", f"how much money does {a} still need for the game")


def loan(s: Story) -> None:
    """Pay a part at once and borrow the rest with interest: the instalment, or what is still owed."""
    a = s.person()
    what = s.one("a motorcycle", "a small tractor", "a piano", "new windows", "a heating system", "a used van")
    price = s.dollars(s.whole(1600, 9600, 200), f"the price of {what}", f"the price of {what} is @")
    rate = s.rate(s.whole(10, 50, 5), "the down payment in percent", f"{a} pays @ of the price at once")
    inter = s.rate(s.whole(4, 20, 2), "the interest in percent", "the interest is @ of the loan")
    s.say(
        f"{a} buys {what} for {price}, pays {rate} of it at once and borrows the rest",
        f"for {what} at {price}, {a} makes a down payment of {rate} and takes out a loan for the rest",
    )
    s.say(f"the bank adds interest of {inter} of the loan", f"the interest comes to {inter} of the amount borrowed")
    down = s.find(percent(rate, price), "the down payment", f"{a} pays @ at once", DOLLARS)
    debt = s.find(price - down, "the amount borrowed", f"{a} borrows @", DOLLARS)
    cost = s.find(percent(inter, debt), "the interest", "the interest comes to @", DOLLARS)
    owed = s.find(debt + cost, "the amount to pay back", f"{a} has to pay back @", DOLLARS)
    months = s.given(s.one(10, 12, 15, 18, 20, 24, 30, 36), "the number of payments", f"{a} makes @ payments")
    s.say(f"{a} pays the loan back with interest in {months:n} equal monthly payments")
    each = s.find(owed / months, "the monthly payment", f"{a} pays @ a month", DOLLARS)
    if s.chance(0.5):
        s.ask(each, "how high is each payment", f"how much does {a} have to pay each month")
        return
    k = s.given(s.whole(3, 9), "the number of payments made", f"{a} has made @ payments")
    s.say(f"so far {a.he} has made {k} payments", f"{k} payments have been made up to now")
    paid = s.find(each * k, f"the amount of the first {k:n} payments", f"{a} has paid back @", DOLLARS)
    open_ = s.find(owed - paid, "the amount still owed", f"{a} still owes @", DOLLARS)
    s.ask(open_, f"how much does {a} still owe", "how much is there still to be paid back")


def box_office(s: Story) -> None:
    """Sell tickets of several kinds: what a show brings after costs, or how many of one kind were sold."""
    group = s.one("a drama club", "a school band", "a village circus", "a puppet theater", "a youth choir")
    x, y = s.one(("adult", "child"), ("regular", "student"), ("balcony", "floor"), ("evening", "afternoon"))
    n = s.given(s.whole(20, 180, 5), f"the number of {x} tickets", f"@ {x} tickets were sold")
    p = s.dollars(s.whole(8, 24, 2), f"the price of one {x} ticket", f"each {x} ticket cost @")
    off = s.dollars(s.whole(2, 6), f"the discount on one {y} ticket", f"each {y} ticket was @ cheaper")
    q = s.find(p - off, f"the price of one {y} ticket", f"each {y} ticket cost @", DOLLARS)
    one = s.find(n * p, f"the money from {x} tickets", f"the {x} tickets brought in @", DOLLARS)
    if s.chance(0.45):
        total = s.dollars(one.value + q.value * s.whole(10, 120), "the money from all tickets", "all tickets made @")
        s.say(
            f"{group} charges {p} for {x} tickets and {off} less for {y} tickets. It sold {n} {x} tickets",
            f"{group} sold {n} {x} tickets at {p} each as well as some {y} tickets, which were {off} cheaper",
        )
        s.say(f"in all, the tickets brought in {total}", f"the ticket sales came to {total}")
        rest = s.find(total - one, f"the money from {y} tickets", f"the {y} tickets brought in @", DOLLARS)
        m = s.find(rest / q, f"the number of {y} tickets", f"@ {y} tickets were sold")
        s.ask(m, f"how many {y} tickets were sold", f"how many of the tickets were {y} tickets")
        return
    rel = related(s, n, _TICKETS)
    why = f"{rel.more} {y} tickets {rel.joint} {x} tickets were sold"
    m = s.find(rel.how, f"the number of {y} tickets", f"@ {y} tickets were sold", why=why)
    hall = s.dollars(s.whole(80, 600, 20), "the rent of the hall", "the hall cost @")
    s.say(
        f"{group} sold {n} {x} tickets for {p} each, and {rel.more} {y} tickets {rel.joint} {x} tickets",
        f"at a show of {group}, {n} people came with {x} tickets at {p} each. {why}",
    )
    s.say(f"the {y} tickets were {off} cheaper", f"a {y} ticket cost {off} less")
    s.say(f"renting the hall cost {hall}", f"{hall} of the proceeds had to be paid for the hall")
    two = s.find(m * q, f"the money from {y} tickets", f"the {y} tickets brought in @", DOLLARS)
    both = s.find(one + two, "the money from all tickets", "all tickets brought in @", DOLLARS)
    gain = s.find(both - hall, "the money left after the rent", "@ was left after paying for the hall", DOLLARS)
    s.ask(gain, f"how much did {group.replace('a ', 'the ', 1)} have left", "how much of the ticket money was left")


def dinner_for_two(s: Story) -> None:
    """Split a bill unequally: each pays a dish and half of what was shared, with a tip on top."""
    a, b = s.people(2)
    shared = s.one("a plate of cheese", "a bowl of nachos", "a bottle of juice", "a large salad", "some garlic bread")
    x, y = s.rng.sample(("a curry", "fish", "lasagna", "a steak", "noodles", "a vegetable stew"), 2)
    p = s.dollars(s.whole(14, 38), f"the price of {a}'s meal", f"{a}'s meal costs @")
    q = s.dollars(s.whole(9, 30), f"the price of {b}'s meal", f"{b}'s meal costs @")
    r = s.dollars(s.whole(6, 24, 2), f"the price of {shared}", f"{shared} costs @")
    s.say(
        f"{a} has {x} for {p}, {b} has {y} for {q}, and they share {shared} for {r}",
        f"{a} and {b} share {shared}, which costs {r}. Apart from that, {a} eats {x} for {p} and {b} {y} for {q}",
    )
    s.say("each pays for their own meal and half of what they shared", "what they shared is split equally between them")
    half = s.find(r / 2, f"half the price of {shared}", f"each pays @ for {shared}", DOLLARS)
    one = s.find(p + half, f"{a}'s part of the bill", f"{a}'s part of the bill is @", DOLLARS)
    rate = s.rate(s.whole(10, 20, 5), "the tip in percent", "the tip is @")
    if s.chance(0.5):
        s.say(f"{a} also leaves a tip of {rate} on {a.his} part", f"on top of that, {a} tips {rate} of {a.his} part")
        tip = s.find(percent(rate, one), f"{a}'s tip", f"{a} leaves a tip of @", DOLLARS)
        pays = s.find(one + tip, f"what {a} pays with the tip", f"{a} pays @ with the tip", DOLLARS)
        s.ask(pays, f"how much does {a} pay in all", f"what does dinner cost {a}")
        return
    two = s.find(q + half, f"{b}'s part of the bill", f"{b}'s part of the bill is @", DOLLARS)
    bill = s.find(one + two, "the whole bill", "the whole bill is @", DOLLARS)
    tip = s.find(percent(rate, bill), "the tip for both", "the tip comes to @", DOLLARS)
    s.say(f"{a} pays the tip for both, {rate} of the whole bill", f"{a} also pays a tip of {rate} of the bill for both")
    pays = s.find(one + tip, f"what {a} pays with the tip", f"{a} pays @ with the tip", DOLLARS)
    gap = s.find(pays - two, f"how much more {a} pays", f"{a} pays @ more", DOLLARS)
    s.ask(gap, f"how much more does {a} pay than {b}", f"how many dollars more than {b} does {a} pay in the end")


def free_items(s: Story) -> None:
    """Get one free for every few paid; compare with another shop, or find how many a budget brings."""
    a = s.person()
    (thing,) = s.things(s.one("baked", "flowers", "food"))
    k = s.given(s.whole(2, 6), "the number paid for in each set", f"@ {thing} in each set are paid for")
    p = s.dollars(s.money(2, 9), f"the price of one {thing.one}", f"one {thing.one} costs @")
    s.say(f"for every {k:n} {thing} paid for at {p} each, a shop gives one free", f"{a} knows a shop where you pay"
          f" for {k:n} {thing} at {p} each and get another one free")  # fmt: skip
    sets = s.whole(2, 9)
    if s.chance(0.35):
        budget_ = s.dollars(p.value * k.value * sets, f"the money {a} spends", f"{a} spends @")
        s.say(f"{a} spends {budget_} there", f"{a} has {budget_} and uses all of it")
        paid = s.find(budget_ / p, f"the number of {thing} paid for", f"{a} pays for @", thing)
        free = s.find(paid / k, f"the number of free {thing}", f"{a} gets @ for free", thing)
        all_ = s.find(paid + free, f"the number of {thing} in all", f"{a} gets @ in all", thing)
        s.ask(all_, f"how many {thing} does {a} get", f"how many {thing} does {a} take home", then="things")
        return
    n = s.given((k.value + 1) * sets, f"the number of {thing}", f"{a} needs @", thing)
    s.say(f"{a} needs {n}", f"{a} wants to take home {n}, the free ones included")
    size = s.find(k + 1, "the size of a set", "a set is @", thing, f"one comes free with every {k:n}")
    count = s.find(n / size, "the number of sets", f"{a} gets @", Noun("set", "sets"))
    paid = s.find(count * k, f"the number of {thing} paid for", f"{a} pays for @", thing)
    cost = s.find(paid * p, f"the cost with the free {thing}", f"{a} pays @ for the sets", DOLLARS)
    if s.chance(0.5):
        each = s.find(cost / n, f"the average cost of a {thing.one}", f"{a} pays @ apiece on average", DOLLARS)
        s.ask(each, f"what does {a} pay per {thing.one} on average", f"how much is that per {thing.one}, free or not")
        return
    q = s.dollars(p.value - Fraction(s.whole(1, 3), 4), "the other price", "the other shop asks @ apiece")
    s.say(f"another shop has no such offer but charges only {q} for each", f"elsewhere they are just {q} each")
    other = s.find(n * q, "the cost in the other shop", "the other shop would charge @", DOLLARS)
    gap = s.find(other - cost, "the difference in cost", "the difference is @", DOLLARS)
    s.ask(gap, f"how much does {a} save with the offer", "by how much do the costs in the two shops differ")


def season_pass(s: Story) -> None:
    """Compare a pass with single tickets: the visits to break even, or what a family saves or loses."""
    a = s.person()
    place = s.one("the zoo", "the water park", "the ice rink", "the ski lift", "the rose garden", "the planetarium")
    full = s.dollars(s.whole(8, 36), "the full price of a visit", "a visit normally costs @")
    off = s.dollars(s.whole(2, 7), "the reduction for members", "members pay @ less for each visit")
    s.say(
        f"a visit to {place} costs {full}, and members pay {off} less",
        f"members of {place} get {off} off the price of each visit, which is {full} for everyone else",
    )
    if s.chance(0.45):
        fee = s.dollars(off.value * s.whole(4, 20), "the membership fee", "membership costs @ a year")
        free = s.given(s.whole(2, 5), "the number of free visits", "the first @ visits are free for members")
        s.say(f"membership is {fee} a year, and a member's first {free} visits are free")
        worth = s.find(free * full, "the value of the free visits", "the free visits are worth @", DOLLARS)
        rest = s.find(fee - worth, "the part of the fee still to be saved", "@ of the fee remains", DOLLARS)
        more = s.find(rest / off, "the number of further visits", "it takes @ more", _VISITS)
        all_ = s.find(free + more, "the number of visits to break even", f"{a} breaks even after @", _VISITS)
        s.ask(all_, f"after how many visits in a year has {a} got the fee back", f"how many visits a year must {a} make"
              " so that being a member costs the same as paying each time")  # fmt: skip
        return
    member = s.find(full - off, "the price for members", "members pay @ for each visit", DOLLARS)
    fee = s.dollars(s.whole(10, 60, 5), "the membership fee", "membership costs @ a year")
    n = s.given(s.whole(3, 6), "the number of people in the family", "@ people are in the family")
    v = s.given(s.whole(4, 15), "the number of visits of each", "each of them makes @ visits")
    s.say(
        f"becoming a member costs {fee} a year. {a}'s family of {n} went {v:n} times this year, all of them members",
        f"all {n} people in {a}'s family became members for {fee} each and went there {v:n} times in the year",
    )
    entry = s.find(v * member, "the cost of one person's visits", "the visits cost each member @", DOLLARS)
    one = s.find(fee + entry, "the cost for one member", "each member pays @ in the year", DOLLARS)
    total = s.find(n * one, "the cost with membership", "the family pays @ as members", DOLLARS)
    usual = s.find(n * v * full, "the cost without membership", "without membership, it would be @", DOLLARS)
    gain = s.find(usual - total, "the money saved", "the family saves @", DOLLARS)
    s.ask(gain, "how much money did the family save by becoming members", "how much did they save that way")


def exchange(s: Story) -> None:
    """Change money for a trip, spend it by the day, and perhaps change the rest back."""
    a = s.person()
    where, unit, low, high = s.one(
        ("Mexico", Noun("peso", "pesos"), 15, 20), ("Denmark", Noun("krone", "kroner"), 6, 8),
        ("India", Noun("rupee", "rupees"), 75, 90), ("Thailand", Noun("baht", "baht"), 30, 36),
        ("Egypt", Noun("pound", "pounds"), 30, 50), ("South Africa", Noun("rand", "rand"), 14, 20),
    )  # fmt: skip
    money = s.dollars(s.whole(200, 1200, 20), f"the money {a} changes", f"{a} changes @")
    rate = s.given(s.whole(low, high), "the exchange rate", "one dollar is worth @", unit)
    fee = s.dollars(s.whole(5, 20, 5), "the fee", "the bank keeps a fee of @")
    s.say(f"before a trip to {where}, {a} takes {money} to a bank", f"{a} changes {money} for a holiday in {where}")
    s.say(
        f"the bank keeps {fee} as a fee and pays out {rate} for every remaining dollar",
        f"after a fee of {fee} is taken off, {a.he} gets {rate} per dollar",
    )
    net = s.find(money - fee, "the money after the fee", "after the fee, @ is left", DOLLARS)
    got = s.find(net * rate, f"the money in {unit.many}", f"{a} gets @", unit)
    days = s.given(s.whole(3, 14), "the length of the stay", f"{a} stays for @", DAYS_LONG)
    spend = s.given(s.whole(10, 60, 5) * low, "the daily spending", f"{a} spends @ a day", unit)
    s.say(f"{a.he} spends {spend} a day for {days}", f"during the {days} there, {a.he} spends {spend} each day")
    used = s.find(spend * days, "the money spent on the trip", f"{a} spends @ on the trip", unit)
    left = s.find(got - used, f"the {unit.many} left", f"{a} has @ left", unit)
    if s.chance(0.4):
        s.ask(left, f"how many {unit.many} does {a} have left", f"how many {unit.many} does {a.he} bring home")
        return
    s.say(f"back home {a.he} changes what is left into dollars, at the same rate and without a fee")
    back = s.find(left / rate, "the money changed back", f"{a} gets @ back", DOLLARS)
    s.ask(back, f"how many dollars does {a} get for it", "how many dollars is that")


def price_changes(s: Story) -> None:
    """Raise and cut a price, forwards from the first price or backwards from the last."""
    a = s.person()
    thing = s.one("tent", "coat", "desk", "carpet", "grill", "wheelbarrow", "radio", "suitcase", "camera", "fan")
    x = s.dollars(s.whole(4, 40, 2), "the rise of the price", "the price rose by @")
    if s.chance(0.45):
        k = s.whole(2, 4)
        part = PARTS[Fraction(1, k)]
        last = s.dollars(s.whole(15, 120), f"the price {a} paid", f"{a} paid @")
        s.say(
            f"a shop raised the price of one {thing} by {x}, then cut it to {part} of that, and {a} paid {last}",
            f"{a} paid {last} for one {thing}. That was {part} of last week's price, which had just gone up by {x}",
        )
        high = s.find(last * k, "the price before the cut", "the price before the cut was @", DOLLARS)
        first = s.find(high - x, "the first price", "the price was @ at first", DOLLARS)
        gap = s.find(first - last, "the drop in price", "the price fell by @ in all", DOLLARS)
        s.ask(gap, f"how much less did {a} pay than the first price", f"how much lower than at first is what {a} paid")
        return
    start = s.dollars(s.whole(40, 400, 10), "the first price", "the price was @ at first")
    rate = s.rate(s.whole(5, 40, 5), "the cut in percent", "the price was cut by @")
    s.say(
        f"the price of one {thing} was {start}. It rose by {x} in spring and was cut by {rate} in summer",
        f"one {thing} cost {start}, then {x} more. In the end the dealer took {rate} off the higher price",
    )
    high = s.find(start + x, "the price after the rise", "the price rose to @", DOLLARS)
    cut = s.find(percent(rate, high), "the amount of the cut", "the price then fell by @", DOLLARS)
    low = s.find(high - cut, "the last price", "the last price was @", DOLLARS)
    gap = s.find(start - low, "the drop from the first price", "the price was @ lower than at first", DOLLARS)
    n = s.given(s.whole(2, 9), f"the number of {thing}s", f"{a} bought @ {thing}s")
    s.say(f"{a} bought {n} after that", f"{a} waited for the last price and bought {n}")
    all_ = s.find(gap * n, f"the money {a} saved", f"{a} saved @ by waiting", DOLLARS)
    s.ask(all_, f"how much did {a} save by not buying at the first price", f"how much did waiting save {a} in all")


def raffle(s: Story) -> None:
    """Raise money with raffle tickets, prizes and a donor who matches: what is missing, or what is left to sell."""
    group = s.one("the swim team", "the fire brigade", "the library", "the chess club", "the choir")
    size = s.given(s.whole(5, 20, 5), "the number of tickets in a booklet", "there are @ tickets in a booklet")
    books = s.given(s.whole(6, 40), "the number of booklets sold", "@ were sold", _BOOKLETS)
    p = s.dollars(s.whole(1, 5), "the price of one raffle ticket", "one raffle ticket costs @")
    s.say(
        f"to raise money, {group} sold {books} of raffle tickets. A booklet holds {size} tickets at {p} each",
        f"{group} held a raffle with tickets at {p} each, in booklets of {size}. People bought {books}",
    )
    n = s.find(books * size, "the number of tickets sold", "@ were sold", _TICKETS)
    money = s.find(n * p, "the ticket money", "the tickets brought in @", DOLLARS)
    prizes = s.dollars(s.whole(20, 300, 10), "the cost of the prizes", "the prizes cost @")
    s.say(f"the prizes cost {prizes}", f"{prizes} of the money had to be spent on prizes")
    net = s.find(money - prizes, "the money after the prizes", "@ was left after the prizes", DOLLARS)
    way = s.whole(0, 2)
    if way == 0:
        rate = s.rate(s.whole(10, 60, 10), "the donor's rate", "a donor adds @ of the rest")
        s.say(f"a local firm adds {rate} of what is left after that", f"a donor tops up what remains by {rate}")
        gift = s.find(percent(rate, net), "the gift", "the gift is @", DOLLARS)
        total = s.find(net + gift, "the money raised", "@ was raised in the end", DOLLARS)
        s.ask(total, f"how much did {group} end up with", "how much money was raised, with the donation")
        return
    goal = s.dollars(net.value + size.value * p.value * s.whole(2, 20), "the goal", f"{group} wants to raise @")
    s.say(f"{group} needs {goal} for {s.one('a new roof', 'a trip', 'a van', 'an anniversary party')}")
    miss = s.find(goal - net, "the money that is missing", "@ is missing", DOLLARS)
    more = s.find(miss / p, "the number of tickets still to be sold", "@ have to be sold", _TICKETS)
    if way == 2:
        more = s.find(more / size, "the number of further booklets", "it takes @ more", _BOOKLETS)
    s.ask(more, f"how many more {more.noun} must be sold to get there", f"how many {more.noun} are still to be sold")


def flat(s: Story) -> None:
    """Share rent and bills of a flat where one room costs more, or see what another flatmate changes."""
    a = s.person()
    n = s.given(s.whole(3, 6), "the number of flatmates", "@ people live in the flat")
    extra = s.whole(30, 180, 10)
    rent = s.dollars(extra + n.value * s.whole(220, 600, 10), "the rent of the flat", "the rent is @ a month")
    bill = s.dollars(n.value * s.whole(8, 40), "the monthly bills", "heating and internet cost @ a month")
    s.say(
        f"{n} people share a flat for {rent} a month, with another {bill} a month for heating and internet",
        f"a flat with {n} rooms, one for each tenant, costs {rent} a month plus {bill} for heating and internet",
    )
    if s.chance(0.4):
        s.say("all costs are split equally", "everybody pays the same")
        costs = s.find(rent + bill, "the cost of the flat", "the flat costs @ a month", DOLLARS)
        each = s.find(costs / n, "the share of each", "each of them pays @ a month", DOLLARS)
        more = s.given(s.whole(2, 3), "the number of people who move in", "@ more people move in")
        s.say(f"then {more} more people move in, and the costs stay the same", f"{more} new flatmates join them")
        people = s.find(n + more, "the new number of flatmates", "@ people then live there")
        new = s.find(costs / people, "the new share of each", "each then pays @ a month", DOLLARS)
        gap = s.find(each - new, "the drop in each share", "each of the others pays @ less", DOLLARS)
        s.ask(gap, "how much less does each of the others pay from then on", "by how much does the monthly share fall")
        return
    x = s.dollars(extra, "the extra for the large room", "the large room costs @ more than each other room")
    s.say(
        f"{a} has the large room and pays {x} more rent than each of the others, while the bills are split equally",
        f"bills are split equally, but in rent {a} pays {x} more than any of the others, for the large room",
    )
    even = s.find(rent - x, "the rent without the extra", "without the extra, the rent is @", DOLLARS)
    small = s.find(even / n, "the rent of a small room", "a small room costs @ a month", DOLLARS)
    large = s.find(small + x, f"{a}'s rent", f"{a} pays @ of rent", DOLLARS)
    part = s.find(bill / n, "each one's part of the bills", "each pays @ of the bills", DOLLARS)
    all_ = s.find(large + part, f"{a}'s monthly cost", f"{a} pays @ a month in all", DOLLARS)
    s.ask(all_, f"how much does {a} pay a month, rent and bills together", f"what does living there cost {a} a month")


MONEY: Final[tuple[Callable[[Story], None], ...]] = (
    budget, coins, loan, box_office, dinner_for_two, free_items, season_pass, exchange, price_changes, raffle, flat,
)  # fmt: skip
"""The plots."""
