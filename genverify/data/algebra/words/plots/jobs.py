"""Plots about jobs: pay, machines, commissions, lessons, painting, deliveries, sewing, staff, calls and shifts."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from genverify.data.algebra.story import Story
from genverify.data.algebra.terms import DOLLARS, SHARE, Noun, per, percent
from genverify.data.algebra.words.lists import CENTS, HOURS, MINUTES, PARTS, WEEKS
from genverify.data.algebra.words.relations import related

_PEOPLE: Final = Noun("person", "people")
_CALLS: Final = Noun("call", "calls")
_PARCELS: Final = Noun("parcel", "parcels")
_METERS: Final = Noun("meter", "meters", places=2)
_FEET2: Final = Noun("square foot", "square feet")


def raise_midway(s: Story) -> None:
    """Earn more from some week on: the total, the average week, or the weeks still needed for a goal."""
    a = s.person()
    job = s.one("at a nursery", "in a hotel kitchen", "at a marina", "on a fruit farm", "in a museum shop")
    hours = s.given(s.whole(8, 40, 2), "the weekly hours", f"{a} works @ a week", HOURS)
    pay = s.dollars(s.whole(11, 26), f"{a}'s first hourly pay", f"{a} earns @ an hour at first")
    up = s.dollars(s.whole(1, 5), "the raise", f"{a} gets a raise of @ an hour")
    w = s.given(s.whole(2, 9), "the number of weeks before the raise", f"{a} works @ before the raise", WEEKS)
    s.say(
        f"{a} works {hours} a week {job}, at {pay} an hour for the first {w} and {up} more per hour after that",
        f"{job}, {a} starts with {pay} an hour. After {w}, the pay goes up by {up} an hour. {a} works {hours} a week",
    )
    before = s.find(hours * pay, "the pay for an early week", f"{a} earns @ a week before the raise", DOLLARS)
    early = s.find(before * w, "the pay before the raise", f"{a} earns @ before the raise", DOLLARS)
    new = s.find(pay + up, "the hourly pay after the raise", f"{a} earns @ an hour after the raise", DOLLARS)
    after = s.find(hours * new, "the pay for a later week", f"{a} earns @ a week after the raise", DOLLARS)
    if s.chance(0.4):
        goal = s.dollars(early.value + after.value * s.whole(2, 9), f"{a}'s goal", f"{a} wants to earn @")
        s.say(f"{a.he} wants to stop once {a.he} has earned {goal}", f"{a} needs {goal} for a course in the fall")
        rest = s.find(goal - early, "the money still to be earned", f"{a} still has to earn @", DOLLARS)
        more = s.find(rest / after, "the number of weeks after the raise", f"{a} works @ after the raise", WEEKS)
        all_ = s.find(w + more, "the number of weeks", f"{a} works @ in all", WEEKS)
        s.ask(all_, f"how many weeks does {a} have to work in all", "after how many weeks in all is that reached")
        return
    v = s.given(s.whole(2, 9), "the number of weeks after the raise", f"{a} works @ after the raise", WEEKS)
    s.say(f"{a.he} stays for another {v} after the raise", f"{a} leaves {v} after the raise")
    late = s.find(after * v, "the pay after the raise", f"{a} earns @ after the raise", DOLLARS)
    total = s.find(early + late, f"{a}'s total pay", f"{a} earns @ in all", DOLLARS)
    if s.chance(0.5):
        s.ask(total, f"how much does {a} earn there in all", "how much money is that for the whole time", then="money")
        return
    weeks = s.find(w + v, "the number of weeks", f"{a} works @ in all", WEEKS)
    mean = s.find(total / weeks, "the average weekly pay", f"{a} earns @ a week on average", DOLLARS)
    s.ask(mean, f"how much does {a} earn per week on average", "what is the average pay for one week of that time")


def two_machines(s: Story) -> None:
    """Run two machines of which one stands still or starts late: what they make, or when the order is done."""
    (thing,) = s.things("made")
    old, new = s.one(("old", "new"), ("small", "large"), ("first", "second"), ("red", "blue"))
    p = s.given(s.whole(6, 40, 2), f"the {old} machine's hourly output", f"the {old} machine makes @ an hour", thing)
    rel = related(s, p, thing)
    why = f"the {new} machine makes {rel.more} {thing} {rel.joint} the {old} one"
    s.say(
        f"the {old} machine in a workshop makes {p} an hour, while {why}",
        f"a workshop has two machines. One of them, the {old} one, turns out {p} per hour. In the same time, {why}",
    )
    q = s.find(rel.how, f"the {new} machine's hourly output", f"the {new} machine makes @ an hour", thing, why)
    if s.chance(0.5):
        head = s.given(s.whole(2, 5), "the head start", f"the {old} machine runs alone for @", HOURS)
        size = head.value * p.value + (p.value + q.value) * s.whole(2, 9)
        order = s.given(size, "the size of the order", "@ are ordered", thing)
        s.say(
            f"to make {order}, the {old} machine starts and the {new} one joins it {head} later",
            f"{order} have been ordered. The {new} machine is switched on only {head} after the {old} one",
        )
        alone = s.find(p * head, f"the output of the {old} machine alone", f"the {old} machine makes @ alone", thing)
        rest = s.find(order - alone, f"the {thing} left for both machines", "@ are left for both machines", thing)
        both = s.find(p + q, "the hourly output of both machines", "both machines make @ an hour", thing)
        time = s.find(rest / both, "the time with both machines", "both machines run for @", HOURS)
        if s.chance(0.5):
            s.ask(time, "for how many hours do both machines run", "how many hours do they work side by side")
            return
        all_ = s.find(head + time, "the time for the order", "the order takes @", HOURS)
        s.ask(all_, "how many hours does the whole order take", "after how many hours in all is the order finished")
        return
    hours = s.given(s.whole(5, 12), "the length of the shift", "a shift lasts @", HOURS)
    stop = s.given(s.whole(20, 180, 10), "the stop", f"the {new} machine stands still for @", MINUTES)
    s.say(
        f"in a shift of {hours}, the {old} one runs all the time, but the {new} one stands still for {stop}",
        f"today the {new} machine had to be repaired for {stop} of a shift of {hours}. The other one ran throughout",
    )
    one = s.find(p * hours, f"the output of the {old} machine", f"the {old} machine makes @", thing)
    lost = s.find(stop / per(60, "minutes per hour"), "the hours lost", f"the {new} machine loses @", HOURS)
    runs = s.find(hours - lost, f"the running time of the {new} machine", f"the {new} machine runs for @", HOURS)
    two = s.find(q * runs, f"the output of the {new} machine", f"the {new} machine makes @", thing)
    total = s.find(one + two, "the output of the shift", "the machines make @ in the shift", thing)
    s.ask(total, f"how many {thing} are made in this shift", f"how many {thing} do the two machines make in the shift")


def salesperson(s: Story) -> None:
    """Pay a base and a share of the sales above a limit: the pay, or the sales that led to it."""
    a = s.person()
    what = s.one("kitchens", "solar panels", "advertisements", "insurance policies", "used cars", "office chairs")
    base = s.dollars(s.whole(900, 2400, 50), "the base pay", "the base pay is @ a month")
    limit = s.dollars(s.whole(2000, 9000, 500), "the limit", "the first @ of sales bring no commission")
    rate = s.rate(s.whole(2, 15), "the commission rate", f"{a} gets a commission of @")
    s.say(
        f"{a} sells {what} for {base} a month plus a commission of {rate} on all sales above {limit}",
        f"selling {what}, {a} gets a fixed {base} a month. {a.he} also gets {rate} of all sales beyond {limit}",
    )
    if s.chance(0.45):
        pay = s.dollars(base.value + rate.value * s.whole(10, 90), f"{a}'s pay", f"{a} was paid @")
        s.say(f"in {s.one('May', 'March', 'October')} {a} was paid {pay}", f"last month this came to {pay} for {a}")
        part = s.find(pay - base, "the commission", "the commission was @", DOLLARS)
        above = s.find(part / rate * 100, "the sales above the limit", f"{a} sold for @ above the limit", DOLLARS)
        sales = s.find(limit + above, f"{a}'s sales", f"{a} sold for @", DOLLARS)
        s.ask(sales, f"how high were {a}'s sales that month", f"for how many dollars did {a} sell that month")
        return
    w1 = s.dollars(s.whole(2000, 9000, 100), "the sales in the first half", f"{a} sold for @ in the first half")
    w2 = s.dollars(s.whole(2000, 9000, 100), "the sales in the second half", f"{a} sold for @ in the second half")
    s.say(
        f"this month {a.his} sales were {w1} in the first half and {w2} in the second",
        f"{a} sold goods for {w2} in the second half of the month, after {w1} in the first",
    )
    sales = s.find(w1 + w2, "the sales of the month", f"{a} sold for @", DOLLARS)
    above = s.find(sales - limit, "the sales above the limit", "@ of the sales are above the limit", DOLLARS)
    part = s.find(percent(rate, above), "the commission", "the commission is @", DOLLARS)
    pay = s.find(base + part, f"{a}'s pay for the month", f"{a} is paid @", DOLLARS)
    s.ask(pay, f"how much is {a} paid for that month", f"what does {a} earn in that month", then="money")


def lessons(s: Story) -> None:
    """Teach single and group lessons in a rented room: the income of a week, or the hours taught."""
    a = s.person()
    subject = s.one("guitar", "chess", "Italian", "drawing", "violin", "pottery", "tap dance", "Arabic")
    n = s.given(s.whole(4, 16), "the number of single lessons", f"{a} gives @ single lessons a week")
    m = s.given(s.whole(2, 6), "the number of group lessons", f"{a} gives @ group lessons a week")
    k = s.given(s.whole(3, 9), "the number of students in a group", "each group has @ students")
    s.say(
        f"{a} teaches {subject}: {n} single lessons and {m} group lessons a week, with {k} students in each group",
        f"each week {a} gives {m} group lessons with {k} students each and {n} single lessons in {subject}",
    )
    if s.chance(0.35):
        x = s.given(s.one(30, 40, 45, 50), "the length of a single lesson", "a single lesson lasts @", MINUTES)
        y = s.given(s.one(60, 75, 90), "the length of a group lesson", "a group lesson lasts @", MINUTES)
        s.say(f"a single lesson lasts {x}, a group lesson {y}", f"groups meet for {y}, single students come for {x}")
        one = s.find(n * x, "the time for single lessons", "the single lessons take @", MINUTES)
        two = s.find(m * y, "the time for group lessons", "the group lessons take @", MINUTES)
        both = s.find(one + two, "the minutes taught in a week", f"{a} teaches for @ a week", MINUTES)
        hours = s.find(both / per(60, "minutes per hour"), "the hours taught in a week", f"{a} teaches for @", HOURS)
        s.ask(hours, f"how many hours a week does {a} teach", "how many hours of teaching is that in a week")
        return
    p = s.dollars(s.whole(18, 60, 2), "the price of a single lesson", "a single lesson costs @")
    q = s.dollars(s.whole(6, 16), "the price of a group lesson for each student", "in a group, each student pays @")
    s.say(
        f"a single lesson costs {p}, and in a group each student pays {q}",
        f"{a.he} charges {q} per student in a group and {p} for a single lesson",
    )
    group = s.find(k * q, "the income from one group lesson", f"{a} earns @ in a group lesson", DOLLARS)
    rent = s.dollars(s.whole(20, 140, 5), "the rent of the room", "the room costs @ a week")
    s.say(f"{a} rents a room for {rent} a week", f"the room where {a.he} teaches costs {rent} a week")
    one = s.find(n * p, "the income from single lessons", f"{a} earns @ in single lessons", DOLLARS)
    two = s.find(m * group, "the income from group lessons", f"{a} earns @ in group lessons", DOLLARS)
    both = s.find(one + two, "the income of a week", f"{a} takes in @ a week", DOLLARS)
    gain = s.find(both - rent, "the income after the rent", f"{a} keeps @ a week", DOLLARS)
    s.ask(gain, f"how much does {a} keep each week after the rent", f"what does {a} make in a week, less rent")


def painting(s: Story) -> None:
    """Paint rooms of equal size: gallons, their cost and the pay for hours, or what an offer leaves as profit."""
    a, b = s.people(2)
    where = s.one("a hotel", "a dormitory", "an office", "a clinic", "a guesthouse")
    n = s.given(s.whole(3, 12), "the number of rooms to paint", "@ rooms are to be painted")
    area = s.given(s.whole(300, 900, 50), "the wall area of a room", "each room has @ of wall", _FEET2)
    cover = s.given(s.whole(200, 400, 50), "the area for a gallon", "one gallon covers @", _FEET2)
    price = s.dollars(s.whole(18, 55), "the price of a gallon", "a gallon costs @")
    s.say(
        f"{a} and {b} paint {n} rooms in {where}, each with {area} of wall. One gallon of paint covers {cover}",
        f"one gallon of paint is enough for {cover}. {a} and {b} paint {n} rooms in {where}, each with {area} of wall",
    )
    walls = s.find(n * area, "the wall area of all rooms", "all rooms have @ of wall", _FEET2)
    gallons = s.find(walls / cover, "the gallons of paint", "the job takes @ of paint", Noun("gallon", "gallons"))
    s.say(f"a gallon costs {price}", f"they buy the paint at {price} a gallon")
    paint = s.find(gallons * price, "the cost of the paint", "the paint costs @", DOLLARS)
    x = s.given(s.whole(5, 30), f"the hours of {a}", f"{a} works for @", HOURS)
    y = s.given(s.whole(5, 30), f"the hours of {b}", f"{b} works for @", HOURS)
    pay = paint.value + (x.value + y.value) * s.whole(14, 40)
    offer = s.dollars(pay, "the pay for the job", "the job pays @ with the paint")
    s.say(
        f"for the job, paint included, they get {offer}", f"they are paid {offer} and have to buy the paint from that"
    )
    s.say(
        f"{a} works {x} and {b} works {y}, and they share what is left by the hour",
        f"what is left is shared by the hours worked, {x} by {a} and {y} by {b}",
    )
    rest = s.find(offer - paint, "the money left after the paint", "@ is left after paying for the paint", DOLLARS)
    hours = s.find(x + y, "the hours of both", "they work for @ in all", HOURS)
    each = s.find(rest / hours, "the money for an hour", "an hour of work brings @", DOLLARS)
    if s.chance(0.3):
        s.ask(each, "how much does each of them earn per hour", "what does one hour of work bring in the end")
        return
    got = s.find(each * y, f"{b}'s earnings", f"{b} earns @", DOLLARS)
    s.ask(got, f"how much does {b} get", f"what is {b}'s part of the money")


def courier(s: Story) -> None:
    """Deliver parcels on several routes, some of them in vain: what is delivered an hour, or what the day brings."""
    a = s.person()
    r = s.given(s.whole(2, 5), "the number of routes", f"{a} drives @ routes a day")
    n = s.given(s.whole(12, 50, 2), "the number of parcels on a route", "each route has @", _PARCELS)
    rate = s.rate(s.whole(5, 25, 5), "the share of parcels not delivered", "@ of the parcels cannot be delivered")
    s.say(
        f"{a}, a courier, drives {r} routes a day with {n} on each",
        f"every day {a} delivers parcels on {r} routes. On each of them there are {n}",
    )
    s.say(
        f"today {rate} of all parcels come back because nobody is at home",
        f"at {rate} of the doors nobody answers, and the parcel goes back to the depot",
    )
    all_ = s.find(r * n, "the number of parcels", "there are @", _PARCELS)
    back = s.find(percent(rate, all_), "the number of parcels that come back", "@ come back", _PARCELS)
    done = s.find(all_ - back, "the number of parcels delivered", f"{a} delivers @", _PARCELS)
    way = s.whole(0, 2)
    if way == 0:
        time = s.given(s.whole(90, 150, 10), "the time for a route", "one route takes @", MINUTES)
        s.say(f"a route takes {time}", f"{a} needs {time} for one route")
        total = s.find(r * time, "the minutes of work", f"{a} works for @", MINUTES)
        hours = s.find(total / per(60, "minutes per hour"), "the hours of work", f"{a} works for @", HOURS)
        each = s.find(done / hours, "the number of parcels an hour", f"{a} delivers @ an hour", _PARCELS)
        s.ask(each, f"how many parcels does {a} deliver per hour of work", "how many parcels an hour reach their door")
        return
    pay = s.given(s.whole(40, 150, 10), "the pay for a parcel", f"{a} gets @ for each parcel delivered", CENTS)
    s.say(f"each parcel that is delivered brings {a} {pay}", f"{a} is paid {pay} for each one delivered")
    cents = s.find(done * pay, "the pay in cents", f"{a} is paid @", CENTS)
    money = s.find(cents / per(100, "cents per dollar"), "the pay in dollars", f"{a} is paid @", DOLLARS)
    if way == 1:
        s.ask(money, f"how many dollars is {a} paid for the day", f"how much does {a} earn that day", then="money")
        return
    gas = s.dollars(s.whole(5, 12), "the cost of a route", "gas for one route costs @")
    s.say(f"gas for one route costs {gas}", f"for each route, {a.he} has to buy gas for {gas}")
    fuel = s.find(r * gas, "the cost of the gas", "the gas costs @", DOLLARS)
    gain = s.find(money - fuel, f"what {a} keeps", f"{a} keeps @", DOLLARS)
    s.ask(gain, f"how much does {a} earn that day after paying for gas", f"what does {a} keep of the day's pay")


def sewing(s: Story) -> None:
    """Cut pieces of two sizes from a roll: what the rest still makes, or what the work brings after the cloth."""
    a = s.person()
    x, y = s.rng.sample(
        (Noun("apron", "aprons"), Noun("curtain", "curtains"), Noun("tote bag", "tote bags"),
         Noun("costume", "costumes"), Noun("pillowcase", "pillowcases"), Noun("tablecloth", "tablecloths")), 2
    )  # fmt: skip
    cloth = [Fraction(halves, 2) for halves in (2, 3, 4, 5, 6)]
    p = s.given(s.one(*cloth), f"the cloth for one {x.one}", f"one {x.one} takes @", _METERS)
    q = s.given(s.one(*cloth), f"the cloth for one {y.one}", f"one {y.one} takes @", _METERS)
    n = s.given(s.whole(4, 24), f"the number of {x}", f"{a} sews @", x)
    used = s.find(n * p, f"the cloth for the {x}", f"the {x} take @", _METERS)
    takes = f"one {x.one} takes {p} of cloth, one {y.one} {q}"
    if s.chance(0.5):
        roll = s.given(used.value + q.value * s.whole(3, 20), "the length of the roll", "the roll has @", _METERS)
        s.say(f"{a} has a roll with {roll} of cloth. {takes}", f"{takes}. {a}'s roll has {roll}")
        s.say(f"after sewing {n}, {a.he} makes {y} from the rest", f"{a.he} first makes {n} and then only {y}")
        rest = s.find(roll - used, "the cloth left", "there are @ of cloth left", _METERS)
        m = s.find(rest / q, f"the number of {y}", f"{a} can sew @", y)
        s.ask(m, f"for how many {y} is there enough cloth", f"how many {y} can {a} make", then="things")
        return
    rel = related(s, n, y)
    why = f"{a} sews {rel.more} {y} {rel.joint} {x}"
    m = s.find(rel.how, f"the number of {y}", f"{a} sews @", y, why)
    cost = s.dollars(s.whole(3, 12), "the price of a meter", "a meter of cloth costs @")
    s.say(f"{a} sews {n} and {rel.more} {y} {rel.joint} {x}. {takes}", f"{takes}. {a} makes {n}, and {rel.more} {y}")
    s.say(f"the cloth costs {cost} a meter", f"{a} buys the cloth at {cost} per meter")
    two = s.find(m * q, f"the cloth for the {y}", f"the {y} take @", _METERS)
    all_ = s.find(used + two, "the cloth needed", f"{a} needs @ of cloth", _METERS)
    money = s.find(all_ * cost, "the cost of the cloth", "the cloth costs @", DOLLARS)
    if s.chance(0.4):
        s.ask(money, f"how much does {a} spend on cloth", "what does all the cloth cost")
        return
    count = s.find(n + m, "the number of pieces", f"{a} sews @ in all", Noun("piece", "pieces"))
    price = s.dollars(money.value // count.value + s.whole(4, 30), "the price of a piece", "one piece sells for @")
    s.say(f"every piece, of either kind, is sold for {price}", f"{a} sells all of it at {price} a piece")
    sales = s.find(count * price, "the money from the sales", f"{a} takes in @", DOLLARS)
    gain = s.find(sales - money, f"{a}'s profit", f"{a} makes a profit of @", DOLLARS)
    s.ask(gain, f"how much profit does {a} make", f"how much does {a} earn after paying for the cloth", then="money")


def staff(s: Story) -> None:
    """Hire and leave: how many are employed after some months, before them, or when a number is reached."""
    firm = s.one("a bakery chain", "a call center", "a shipyard", "a software firm", "a hospital", "an airline")
    the = firm.split(" ", 1)[1]
    come = s.given(s.whole(6, 30), "the number hired each month", "@ are hired each month", _PEOPLE)
    go = s.given(s.whole(2, int(come.value) - 2), "the number who leave each month", "@ leave each month", _PEOPLE)
    s.say(
        f"each month {firm} hires {come:n} people, while {go:n} leave",
        f"every month {go:n} people leave {firm}, and {come:n} new ones are hired",
    )
    gain = s.find(come - go, "the growth in a month", "the staff grows by @ each month", _PEOPLE)
    way = s.whole(0, 2)
    if way == 0:
        start = s.given(s.whole(60, 600, 5), "the staff at first", "@ worked there at first", _PEOPLE)
        goal = s.given(start.value + gain.value * s.whole(3, 15), "the goal", "@ are needed", _PEOPLE)
        s.say(
            f"now it has {start:n} employees and needs {goal:n}", f"it plans to grow from {start:n} people to {goal:n}"
        )
        miss = s.find(goal - start, "the number of people missing", "@ are missing", _PEOPLE)
        time = s.find(miss / gain, "the number of months", "it takes @", Noun("month", "months"))
        s.ask(time, f"how many months will it take the {the} to get there", "in how many months will that be reached")
        return
    months = s.given(s.whole(3, 11), "the number of months", "this goes on for @", Noun("month", "months"))
    more = s.find(gain * months, "the growth in that time", "the staff grows by @ in that time", _PEOPLE)
    if way == 1:
        end = s.given(more.value + s.whole(40, 500, 5), "the staff in the end", "@ work there in the end", _PEOPLE)
        s.say(f"after {months} of this it has {end:n} employees", f"{months} went by like this. Now {end:n} work there")
        start = s.find(end - more, "the staff at first", "@ worked there at first", _PEOPLE)
        s.ask(start, f"how many people worked at the {the} at first", "how many employees were there at the beginning")
        return
    start = s.given(s.whole(60, 600, 5), "the staff at first", "@ worked there at first", _PEOPLE)
    team = s.given(s.whole(4, 15), "the size of a team", "each team has @", _PEOPLE)
    s.say(f"{months} ago it had {start:n} people", f"this has gone on for {months}, since the staff was {start:n}")
    s.say(f"today everybody belongs to a team of {team:n}", f"the staff now works in teams of {team:n}")
    end = s.find(start + more, "the staff today", "@ work there today", _PEOPLE)
    teams = s.find(end / team, "the number of teams", "there are @", Noun("team", "teams"))
    s.ask(teams, f"how many teams does the {the} have now", "how many teams are there")


def call_center(s: Story) -> None:
    """Answer calls with breaks in between: calls a shift, agents for a number of calls, or calls of a kind."""
    hours = s.given(s.whole(4, 9), "the length of a shift", "a shift lasts @", HOURS)
    pause = s.given(s.whole(20, 75, 5), "the breaks of an agent", "each agent has breaks of @", MINUTES)
    call = s.given(s.whole(3, 12), "the length of a call", "one call takes @", MINUTES)
    what = s.one("an airline", "a phone company", "an electric company", "an online store", "a city office")
    s.say(
        f"at the hotline of {what}, an agent's shift lasts {hours}, of which {pause} are breaks",
        f"agents who answer calls for {what} work shifts of {hours} and take breaks of {pause} altogether",
    )
    s.say(f"one call takes {call} on average", f"on average, an agent spends {call} on one call")
    shift = s.find(hours * per(60, "minutes per hour"), "the minutes of a shift", "a shift has @", MINUTES)
    work = s.find(shift - pause, "the minutes for calls", "an agent has @ for calls", MINUTES)
    each = s.find(work / call, "the number of calls of one agent", "one agent answers @ in a shift", _CALLS)
    way = s.whole(0, 2)
    if way == 0:
        total = s.given(each.value * s.whole(4, 25), "the number of calls expected", "@ are expected", _CALLS)
        s.say(f"for tomorrow's shift, {total} are expected", f"{total} usually come in during a shift")
        need = s.find(total / each, "the number of agents needed", "it takes @", Noun("agent", "agents"))
        s.ask(need, "how many agents are needed to answer all of them", "how many agents does it take for that")
        return
    n = s.given(s.whole(4, 30), "the number of agents", "@ agents are at work")
    all_ = s.find(n * each, "the number of calls answered", "the agents answer @", _CALLS)
    s.say(f"today {n} agents are at work", f"there are {n} agents in this shift")
    if way == 1:
        ill = s.given(s.whole(2, 3), "the number of agents who are ill", "@ agents are ill")
        s.say(f"{ill} of them go home ill before the first call")
        fewer = s.find(ill * each, "the number of calls lost", "the agents who are ill would have answered @", _CALLS)
        left = s.find(all_ - fewer, "the number of calls still answered", "the others answer @", _CALLS)
        s.ask(left, "how many calls are answered in this shift", "how many calls can the others answer in the shift")
        return
    part: Fraction = s.one(*list(PARTS)[1:4])
    share = s.given(part, "the share of complaints", "", SHARE, shown=PARTS[part])
    s.say(f"{share} of the calls they answer are complaints", f"{share} of their callers have a complaint")
    bad = s.find(share * all_, "the number of complaints", "@ are complaints", _CALLS)
    rest = s.find(all_ - bad, "the number of other calls", "@ are about something else", _CALLS)
    s.ask(rest, "how many of the calls in this shift are not complaints", "how many calls are about something else")


def roster(s: Story) -> None:
    """Fill day and night shifts: how many people it takes, or what they are paid."""
    where = s.one("a power plant", "a nursing home", "a ferry terminal", "a police station", "a data center")
    d = s.given(s.whole(4, 12), "the number of people by day", "@ are at work by day", _PEOPLE)
    k = s.given(s.whole(2, 6), "the number of people at night", "@ are at work at night", _PEOPLE)
    x = s.given(s.whole(12, 16), "the hours of the day shift", "the day shift lasts @", HOURS)
    s.say(
        f"at {where}, {d} work during the day shift of {x}, and {k} work the rest of the 24 hours",
        f"at {where}, there are {k} during the night, and the other {x} of the 24 hours are a day shift of {d}",
    )
    y = s.find(per(24, "hours per day") - x, "the hours of the night shift", "the night shift lasts @", HOURS)
    day = s.find(d * x, "the hours worked by day", "@ are worked by day", HOURS)
    night = s.find(k * y, "the hours worked at night", "@ are worked at night", HOURS)
    if s.chance(0.5):
        both = s.find(day + night, "the hours worked in a day", "@ are worked every day", HOURS)
        week = s.find(both * per(7, "days per week"), "the hours worked in a week", "@ are worked every week", HOURS)
        load = s.given(s.whole(28, 42, 2), "the weekly hours of a person", "each person works @ a week", HOURS)
        s.say(f"nobody is to work more than {load} a week", f"a full week of work is {load}")
        need = s.find(week / load, "the number of people needed", "it takes @", _PEOPLE)
        s.ask(need, "how many people does it take at least", "how many people with a full week are needed")
        return
    pay = s.dollars(s.whole(16, 34), "the pay for an hour by day", "an hour by day is paid @")
    more = s.dollars(s.whole(2, 9), "the extra for an hour at night", "an hour at night is paid @ more")
    s.say(
        f"everybody gets {pay} an hour, at night {more} more", f"an hour by day is paid {pay}, one at night {more} more"
    )
    high = s.find(pay + more, "the pay for an hour at night", "an hour at night is paid @", DOLLARS)
    one = s.find(day * pay, "the cost of the day shift", "the day shift costs @", DOLLARS)
    two = s.find(night * high, "the cost of the night shift", "the night shift costs @", DOLLARS)
    total = s.find(one + two, "the wages of one day", "wages come to @ a day", DOLLARS)
    s.ask(total, "how much is paid in wages for one day and night", "what are the wages for 24 hours")


JOBS: Final[tuple[Callable[[Story], None], ...]] = (
    raise_midway, two_machines, salesperson, lessons, painting, courier, sewing, staff, call_center, roster,
)  # fmt: skip
"""The plots."""
