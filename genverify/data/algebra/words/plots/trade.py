"""Plots about buying, selling, earning and saving; each fills a story with numbers, sentences and a question."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from genverify.data.algebra.story import Story
from genverify.data.algebra.terms import DOLLARS, Quantity, percent
from genverify.data.algebra.words.lists import DAYS, DAYS_LONG, HOURS, TIMES, WEEKS


def shopping(s: Story) -> None:
    """Buy two or three kinds of things; perhaps a discount, a payment, or friends who share the bill."""
    a = s.person()
    scene = s.one("shop", "food", "clothes", "drinks", "tickets")
    high = {"clothes": 45, "tickets": 30, "shop": 15}.get(scene, 8)
    costs: list[Quantity] = []
    lines: list[str] = []
    place = s.one("the store", "the market", "the mall", "a corner shop", "a stall downtown", "an outdoor fair")
    past = s.chance(0.5)
    buys, costs_ = ("bought", "cost") if past else ("buys", "cost")
    for thing in s.things(scene, s.whole(2, 3)):
        n = s.given(s.whole(2, 12), f"the number of {thing}", f"{a} {buys} @", thing)
        p = s.dollars(
            s.money(2, high),
            f"the price of one {thing.one}",
            f"one {thing.one} {costs_}s @" if not past else f"one {thing.one} cost @",
        )
        lines.append(
            s.one(f"{n} at {p} each", f"{n} for {p} each", f"{n} that {costs_} {p} each", f"{n} priced at {p} apiece")
        )
        costs.append(
            s.find(
                n * p,
                f"the cost of the {thing}",
                s.one(f"the {thing} cost @", f"{a} {'spent' if past else 'spends'} @ on {thing}"),
                DOLLARS,
            )
        )
    order = ", ".join(lines[:-1]) + " and " + lines[-1]
    s.say(
        f"{a} {'went' if past else 'goes'} to {place} and {buys} {order}",
        f"At {place}, {a} {buys} {order}",
        f"{a} {buys} {order}",
    )
    total = s.find(
        sum(costs[1:], start=costs[0]) if len(costs) > 1 else costs[0] * 1,
        s.one("the total cost", "the total amount of the bill", f"the cost of everything {a} {buys}"),
        s.one("the total cost is @", f"{a}'s items cost @ in all", "everything together costs @"),
        DOLLARS,
    )
    _then_pay(s, str(a), a.he, total, past)


def _then_pay(s: Story, name: str, he: str, total: Quantity, past: bool) -> None:
    way = s.whole(0, 3)
    if way == 0:
        s.ask(
            total,
            f"how much {'did' if past else 'does'} {name} spend in total",
            f"what is the total cost of {name}'s purchase",
            f"how many dollars {'did' if past else 'does'} {name} pay altogether",
        )
        return
    if way == 1:
        rate = s.rate(s.whole(5, 50, 5), "the discount rate", "the discount is @")
        s.say(
            f"{name} has a coupon for {rate} off the whole purchase",
            f"{he} {'got' if past else 'gets'} a {rate} discount on the total",
            f"the store takes {rate} off the bill",
        )
        off = s.find(percent(rate, total), "the discount", "the discount is worth @", DOLLARS)
        pays = s.find(
            total - off,
            "the price after the discount",
            f"{name} {'paid' if past else 'pays'} @ after the discount",
            DOLLARS,
        )
        s.ask(
            pays,
            f"how much {'did' if past else 'does'} {name} pay",
            f"how much {'did' if past else 'does'} {name} pay after the discount",
        )
        return
    if way == 2:
        bill = s.dollars(
            _bill_above(s, total.value), f"the amount {name} paid with", f"{name} {'paid' if past else 'pays'} with @"
        )
        change = s.find(bill - total, "the change", f"{name} {'got' if past else 'gets'} @ in change", DOLLARS)
        s.say(
            f"{he} {'paid' if past else 'pays'} with {bill}",
            f"{he} {'handed' if past else 'hands'} the cashier {bill}",
            f"{name} {'gave' if past else 'gives'} the seller {bill}",
        )
        s.ask(
            change,
            f"how much change {'did' if past else 'does'} {he} get back",
            f"how much change {'did' if past else 'should'} {name} receive",
            f"how much money {'did' if past else 'does'} {he} get back",
        )
        return
    n = s.given(s.whole(2, 6), "the number of people who share the bill", "@ people share the bill")
    s.say(f"The bill is split equally among {n} people", f"{n} friends share the cost equally")
    each = s.find(total / n, "the amount each person pays", "each person pays @", DOLLARS)
    s.ask(each, "how much does each person pay", "what is each person's share")


def _bill_above(s: Story, value: Fraction) -> int:
    return next(note for note in (20, 50, 100, 150, 200, 300, 400, 500, 1000, 2000, 5000) if note > value)


def wages(s: Story) -> None:
    """Work hours at a rate on some days, perhaps with overtime, tips, expenses or a second job."""
    a = s.person()
    job = s.one(
        "as a waiter",
        "at a bookstore",
        "as a tutor",
        "at a car wash",
        "as a lifeguard",
        "in a bakery",
        "as a babysitter",
        "at a call center",
        "as a gardener",
        "in a warehouse",
        "at a coffee shop",
        "as a delivery driver",
    )
    pay = s.dollars(s.whole(8, 40), f"{a}'s hourly pay", f"{a} earns @ per hour")
    hours = s.given(s.whole(2, 10), "the number of hours worked each day", f"{a} works @ a day", HOURS)
    days = s.given(s.whole(2, 6), "the number of days worked in a week", f"{a} works @ a week", DAYS_LONG)
    s.say(
        f"{a} works {job} and earns {pay} an hour",
        f"{a} makes {pay} per hour {job}",
        f"{a} has a job {job} that pays {pay} per hour",
    )
    s.say(
        f"{a.he} works {hours} a day, {days} a week",
        f"each week {a.he} works {hours} a day for {days}",
        f"{a.his} schedule is {hours} per day and {days} per week",
    )
    daily = s.find(hours * pay, f"{a}'s daily earnings", f"{a} earns @ each day", DOLLARS)
    weekly = s.find(daily * days, f"{a}'s weekly earnings", f"{a} earns @ each week", DOLLARS)
    last = weekly
    if s.chance(0.5):
        tips = s.dollars(s.whole(10, 120, 5), f"{a}'s weekly tips", f"{a} gets @ in tips each week")
        s.say(f"{a.he} also receives {tips} in tips every week", f"in addition, {a.he} gets {tips} in tips per week")
        last = s.find(weekly + tips, f"{a}'s weekly income including tips", f"{a} makes @ a week with tips", DOLLARS)
    if s.chance(0.4):
        rate = s.rate(s.whole(5, 40, 5), "the tax rate", f"@ of {a.his} pay goes to taxes")
        s.say(
            f"{rate} of what {a.he} makes goes to taxes",
            f"{a} pays {rate} of {a.his} income in taxes",
            f"{a.he} puts {rate} of it into a retirement account",
        )
        tax = s.find(
            percent(rate, last),
            "the amount taken out each week",
            f"@ is taken out of {a.his} income each week",
            DOLLARS,
        )
        last = s.find(last - tax, f"the money {a} keeps each week", f"{a} keeps @ each week", DOLLARS)
    if s.chance(0.6):
        weeks = s.given(s.whole(2, 12), "the number of weeks", f"{a} works for @", WEEKS)
        total = s.find(last * weeks, f"the money {a} makes in {weeks}", f"{a} makes @ in {weeks}", DOLLARS)
        if last is weekly or last.how is None:
            s.ask(
                total,
                f"how much money does {a} earn in {weeks}",
                f"how much will {a} have earned after {weeks}",
                then="money",
            )
        else:
            s.ask(
                total,
                f"how much money does {a} have from this job after {weeks}",
                f"how much money is that after {weeks}",
                then="money",
            )
        return
    s.ask(last, f"how much money does {a} end up with each week", f"how much is that in one week for {a}", then="money")


def saving(s: Story) -> None:
    """Save towards something that costs more than what there is; perhaps a gift helps."""
    a = s.person()
    goal = s.one(
        "a bicycle",
        "a guitar",
        "a laptop",
        "a camera",
        "a skateboard",
        "a game console",
        "a tent",
        "a drum set",
        "a telescope",
        "a new phone",
    )
    cost = s.dollars(s.whole(120, 900, 10), f"the price of {goal}", f"{goal} costs @")
    has = s.dollars(s.whole(20, 110, 5), f"the money {a} has", f"{a} already has @")
    s.say(f"{a} wants to buy {goal} that costs {cost}", f"{a} is saving up for {goal}, which costs {cost}")
    s.say(f"{a.he} already has {has}", f"so far {a.he} has saved {has}", f"{a.he} has {has} in {a.his} piggy bank")
    left = s.find(cost - has, f"the money {a} still needs", f"{a} still needs @", DOLLARS)
    if s.chance(0.5):
        gift = s.dollars(
            s.whole(10, 60, 5), f"the gift from {a.his} {s.one('aunt', 'uncle', 'grandmother')}", f"{a} is given @"
        )
        giver = gift.name.split()[-1]
        s.say(
            f"{a.his} {giver} gives {a.him} {gift} towards it",
            f"for {a.his} birthday, {a.his} {giver} gives {a.him} {gift}",
        )
        left = s.find(left - gift, f"the money {a} needs after the gift", f"after the gift {a} needs @ more", DOLLARS)
    weekly = s.dollars(s.whole(5, 40), f"the amount {a} saves each week", f"{a} saves @ each week")
    weeks = s.find(left / weekly, f"the number of weeks {a} has to save", f"{a} has to save for @", WEEKS)
    s.say(f"if {a.he} saves {weekly} every week", f"{a.he} can put aside {weekly} a week")
    if s.sentences[-1].startswith("If"):
        s.sentences[-1] = (
            s.sentences[-1].rstrip(".")
            + ", "
            + s.one("how many weeks will it take to have enough", f"in how many weeks can {a.he} buy it")
        )
        s.question = s.sentences.pop() + "?"
        s.asked = weeks
        return
    s.ask(weeks, f"how many weeks does {a} need to reach {a.his} goal", "how many weeks will it take")


def selling(s: Story) -> None:
    """Make things, sell them in two places or days, subtract what they cost."""
    a = s.person()
    (thing,) = s.things(s.one("baked", "made", "flowers", "crops"))
    day1, day2 = s.rng.sample(DAYS, 2)
    price = s.dollars(s.money(2, 25), f"the price of one {thing.one}", f"one {thing.one} sells for @")
    n = s.given(s.whole(6, 60), f"the number of {thing} sold on {day1}", f"{a} sold @ on {day1}", thing)
    s.say(f"{a} sells {thing} for {price} each", f"{a} has a stall where {a.he} sells {thing} at {price} apiece")
    s.say(f"on {day1} {a.he} sold {n}", f"{a.he} sold {n} on {day1}")
    k = s.whole(2, 5)
    way = s.whole(0, 3)
    if way == 0:
        m = s.find(
            n * k,
            f"the number of {thing} sold on {day2}",
            f"{a} sold @ on {day2}",
            thing,
            why=f"on {day2} {a} sold {TIMES[k]} as many as on {day1}",
        )
        s.say(f"on {day2} {a.he} sold {TIMES[k]} as many")
    elif way == 1:
        x = s.given(s.whole(3, 25), f"the difference between {day1} and {day2}", "the two days differ by @", thing)
        m = s.find(
            n + x,
            f"the number of {thing} sold on {day2}",
            f"{a} sold @ on {day2}",
            thing,
            why=f"on {day2} {a} sold {x:n} more than on {day1}",
        )
        s.say(
            f"on {day2} {a.he} sold {x:n} more than on {day1}",
            f"{a.he} sold {x:n} more {thing} on {day2} than on {day1}",
        )
    elif way == 2:
        x = s.given(s.whole(2, 20), f"the difference between {day1} and {day2}", "the two days differ by @", thing)
        m = s.find(
            n - x,
            f"the number of {thing} sold on {day2}",
            f"{a} sold @ on {day2}",
            thing,
            why=f"on {day2} {a} sold {x:n} fewer than on {day1}",
        )
        s.say(
            f"on {day2} {a.he} sold {x:n} fewer than on {day1}",
            f"{a.he} sold {x:n} fewer {thing} on {day2} than on {day1}",
        )
    else:
        m = s.find(
            n / 2,
            f"the number of {thing} sold on {day2}",
            f"{a} sold @ on {day2}",
            thing,
            why=f"on {day2} {a} sold half as many as on {day1}",
        )
        s.say(
            f"on {day2} {a.he} sold half as many {thing} as on {day1}",
            f"{day2} was slower, and {a.he} sold only half that number",
        )
    both = s.find(n + m, f"the total number of {thing} sold", f"{a} sold @ in total", thing)
    money = s.find(both * price, f"the money {a} took in", f"{a} took in @ from the sales", DOLLARS)
    if s.chance(0.5):
        cost = s.dollars(s.whole(5, 90, 5), "the cost of the materials", "the materials cost @")
        profit = s.find(money - cost, f"{a}'s profit", f"{a} made a profit of @", DOLLARS)
        s.say(
            f"the materials cost {a.him} {cost} in all",
            f"{a.he} had spent {cost} on supplies",
            f"renting the stall cost {cost} for the two days",
        )
        s.ask(
            profit,
            f"what was {a}'s profit",
            f"how much profit did {a} make over the two days",
            f"how much money did {a} make after expenses",
            then="money",
        )
        return
    s.ask(
        money,
        f"how much money did {a} make on the two days together",
        f"how much did {a} earn from the sales in total",
        then="money",
    )


def sale(s: Story) -> None:
    """Find a sale price, buy several, perhaps pay a tax."""
    a = s.person()
    (thing,) = s.things(s.one("clothes", "made", "shop"))
    price = s.dollars(s.whole(10, 160, 5), f"the regular price of one {thing.one}", f"one {thing.one} normally costs @")
    rate = s.rate(s.whole(5, 60, 5), "the discount rate", "the discount is @")
    n = s.given(s.whole(2, 8), f"the number of {thing}", f"{a} buys @", thing)
    s.say(
        f"a {thing.one} normally costs {price}, but today it is {rate} off",
        f"a store sells {thing} for {price} each and is offering {rate} off this week",
        f"the regular price of a {thing.one} is {price}, and it is on sale at a {rate} discount",
    )
    s.say(f"{a} buys {n}", f"{a} decides to buy {n} at the sale price")
    off = s.find(
        percent(rate, price), f"the discount on one {thing.one}", f"the discount on one {thing.one} is @", DOLLARS
    )
    new = s.find(price - off, f"the sale price of one {thing.one}", f"one {thing.one} costs @ on sale", DOLLARS)
    total = s.find(new * n, f"the cost of the {thing}", f"the {thing} cost @ on sale", DOLLARS)
    way = s.whole(0, 2)
    if way == 0:
        s.ask(total, f"how much does {a} pay in total", f"how much does {a} spend")
    elif way == 1:
        full = s.find(
            price * n,
            f"the cost of the {thing} at the regular price",
            f"at the regular price the {thing} would cost @",
            DOLLARS,
        )
        saved = s.find(full - total, f"the money {a} saves", f"{a} saves @", DOLLARS)
        s.ask(
            saved,
            f"how much money does {a} save compared with the regular price",
            f"how much less does {a} pay than at the regular price",
        )
    else:
        tax_rate = s.rate(s.whole(4, 12), "the sales tax rate", "the sales tax is @")
        s.say(f"a sales tax of {tax_rate} is then added", f"sales tax is {tax_rate} of the sale price")
        tax = s.find(percent(tax_rate, total), "the sales tax", "the tax comes to @", DOLLARS)
        pays = s.find(total + tax, "the total with tax", f"{a} pays @ including tax", DOLLARS)
        s.ask(pays, f"how much does {a} pay, including tax", f"what is the total amount {a} pays")


def subscription(s: Story) -> None:
    """Compare or add a fixed fee and a fee for each use."""
    a = s.person()
    what = s.one(
        ("gym", "visit"),
        ("climbing hall", "session"),
        ("swimming pool", "visit"),
        ("tool library", "rental"),
        ("dance studio", "class"),
    )
    place, use = what
    fee = s.dollars(s.whole(10, 60), f"the monthly fee of the {place}", f"the {place} charges @ a month")
    each = s.dollars(s.whole(2, 12), f"the price of one {use}", f"each {use} costs @")
    times = s.given(s.whole(3, 15), f"the number of {use}s a month", f"{a} pays for @ {use}s a month")
    months = s.given(s.whole(2, 12), "the number of months", f"{a} is a member for @ months")
    plural = f"{use}es" if use == "class" else f"{use}s"
    s.say(
        f"the {place} charges a monthly fee of {fee} plus {each} for each {use}",
        f"a {place} costs {fee} per month, and every {use} costs another {each}",
    )
    s.say(f"{a} pays for {times} {plural} every month", f"each month {a} goes for {times} {plural}")
    uses = s.find(times * each, f"the monthly cost of the {plural}", f"the {plural} cost @ a month", DOLLARS)
    month = s.find(fee + uses, "the total monthly cost", f"{a} pays @ a month", DOLLARS)
    total = s.find(month * months, "the cost for the whole time", f"{a} pays @ in all", DOLLARS)
    s.ask(total, f"how much does {a} pay over {months} months", f"how much does {a} spend in {months} months")


TRADE: Final[tuple[Callable[[Story], None], ...]] = (shopping, wages, saving, selling, sale, subscription)
