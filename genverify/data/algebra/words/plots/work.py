"""Plots about schools, bakeries, factories, reading and what is done from day to day."""

from collections.abc import Callable
from typing import Final

from genverify.data.algebra.story import Story, listed
from genverify.data.algebra.terms import Noun, Op, per, percent
from genverify.data.algebra.words.lists import DAYS, DAYS_LONG, HOURS, SUBJECTS, WEEKS
from genverify.data.algebra.words.relations import known_by, related


def school(s: Story) -> None:
    """Seat, transport or group the students of several classes."""
    classes = s.given(s.whole(3, 12), "the number of classes", "there are @ classes")
    size = s.given(s.whole(15, 32), "the number of students in a class", "each class has @ students")
    teachers = s.given(s.whole(3, 15), "the number of adults who come along", "@ adults come along")
    where = s.one("the zoo", "a museum", "the aquarium", "a play", "the science center", "a concert")
    s.say(
        f"{classes} classes of {size} students each are going on a trip to {where}",
        f"a school takes {classes} classes to {where}, and each class has {size} students",
    )
    s.say(f"{teachers} adults come along", f"they are joined by {teachers} teachers and parents")
    students = s.find(classes * size, "the number of students", "there are @", Noun("student", "students"))
    people = s.find(
        students + teachers, "the number of people on the trip", "there are @ on the trip", Noun("person", "people")
    )
    (bus,) = s.things("vehicles")
    way = s.whole(0, 2)
    if way == 0:
        seats = s.given(s.whole(20, 60), f"the number of seats in a {bus.one}", f"each {bus.one} has @ seats")
        need = s.find(people / seats, f"the number of {bus} needed", "@ are needed", bus)
        s.say(f"each {bus.one} carries {seats} people", f"a {bus.one} has {seats} seats")
        s.ask(need, f"how many {bus} are needed", f"how many full {bus} will there be")
    elif way == 1:
        price = s.dollars(s.whole(3, 15), "the price of a ticket", "one ticket costs @")
        cost = s.find(people * price, "the cost of the tickets", "the tickets cost @", price.noun)
        s.say(f"a ticket costs {price} for everyone")
        s.ask(cost, "how much do all the tickets cost", "what do they pay for tickets in total")
    else:
        rate = s.rate(s.whole(5, 40, 5), "the share of students who are absent", "@ of the students are absent")
        out = s.find(
            percent(rate, students),
            "the number of students who stay at home",
            "@ stay at home",
            Noun("student", "students"),
        )
        go = s.find(students - out, "the number of students who go", "@ go", Noun("student", "students"))
        every = s.find(go + teachers, "the number of people who go", "@ go on the trip", Noun("person", "people"))
        s.say(f"on the day of the trip {rate} of the students are ill and stay at home")
        s.ask(every, "how many people go on the trip", "how many people, students and adults, actually go")


def baking(s: Story) -> None:
    """Bake batches, eat some, sell the rest in boxes."""
    a = s.person()
    (cake,) = s.things("baked")
    batches = s.given(s.whole(2, 12), "the number of batches", f"{a} bakes @ batches")
    each = s.given(s.whole(8, 36, 2), f"the number of {cake} in a batch", "each batch makes @", cake)
    s.say(
        f"{a} bakes {batches} batches of {cake}, and each batch makes {each}",
        f"{a} makes {batches} batches of {each} for a bake sale",
    )
    total = s.find(batches * each, f"the number of {cake} baked", f"{a} bakes @", cake)
    eaten = s.given(s.whole(2, 20), f"the number of {cake} that are not packed", "@ are not packed", cake)
    s.say(
        f"{a.his} family eats {eaten:n} of them",
        f"{eaten:n} get burnt",
        f"{a.he} keeps {eaten:n} for {a.his} neighbors",
    )
    left = s.find(total - eaten, f"the number of {cake} left", f"{a} has @ left", cake)
    size = s.given(s.whole(3, 12), f"the number of {cake} in a box", "each box holds @", cake)
    boxes = s.find(left / size, "the number of boxes", f"{a} fills @", Noun("box", "boxes"))
    s.say(
        f"{a.he} packs the rest into boxes of {size:n}",
        f"the remaining {cake} are put into boxes that hold {size:n} each",
    )
    if s.chance(0.4):
        s.ask(boxes, f"how many boxes does {a} fill", "how many boxes are there")
        return
    price = s.dollars(s.whole(3, 18), "the price of a box", "one box costs @")
    s.say(f"each box sells for {price}", f"{a.he} charges {price} a box")
    money = s.find(boxes * price, f"the money {a} makes", f"{a} makes @", price.noun)
    s.ask(
        money,
        f"how much money does {a} make if {a.he} sells all the boxes",
        f"how much does {a} earn from the boxes",
        then="money",
    )


def factory(s: Story) -> None:
    """Machines or workers make things in shifts; some are faulty."""
    (thing,) = s.things("made")
    machines = s.given(s.whole(3, 20), "the number of machines", "there are @ machines")
    rate = s.given(
        s.whole(4, 40), f"the number of {thing} a machine makes in an hour", "each machine makes @ an hour", thing
    )
    hours = s.given(s.whole(4, 12), "the number of hours", "the machines run for @ a day", HOURS)
    s.say(
        f"a factory has {machines} machines that each make {rate} an hour",
        f"in a factory there are {machines} machines, and every machine turns out {rate} per hour",
    )
    s.say(f"they run {hours} a day", f"the machines are on for {hours} each day")
    hourly = s.find(machines * rate, f"the number of {thing} made in an hour", "the factory makes @ an hour", thing)
    daily = s.find(hourly * hours, f"the number of {thing} made in a day", "the factory makes @ a day", thing)
    if s.chance(0.5):
        bad = s.rate(s.whole(1, 10), f"the share of faulty {thing}", "@ are faulty")
        s.say(f"{bad} of the {thing} are faulty and cannot be sold")
        waste = s.find(percent(bad, daily), f"the number of faulty {thing} a day", "@ a day are faulty", thing)
        good = s.find(daily - waste, f"the number of good {thing} a day", "@ a day are good", thing)
        s.ask(
            good, f"how many {thing} made in one day can be sold", f"how many good {thing} does the factory make a day"
        )
        return
    days = s.given(s.whole(3, 6), "the number of days", "it works for @", DAYS_LONG)
    total = s.find(daily * days, f"the number of {thing} made in that time", "the factory makes @ in that time", thing)
    s.ask(total, f"how many {thing} does the factory make in {days}")


def weekdays(s: Story) -> None:
    """Add up what changes from day to day."""
    a = s.person()
    (thing,) = s.things(s.one("tasks", "crops", "toys"))
    d1, d2, d3 = (lambda at: DAYS[at : at + 3])(s.whole(0, 4))
    verb = s.one("sorted", "counted", "finished", "collected", "handled")
    one = s.given(s.whole(6, 60), f"the number of {thing} on {d1}", f"{a} {verb} @ on {d1}", thing, say=True)
    back = s.chance(0.35)
    rel = known_by(s, one, thing) if back else related(s, one, thing)
    first, other = (d1, d2) if back else (d2, d1)
    two = s.find(
        rel.how,
        f"the number of {thing} on {d2}",
        f"{a} {verb} @ on {d2}",
        thing,
        why=f"on {first} {a} {verb} {rel.more} {rel.joint} on {other}",
    )
    s.say(
        f"that was {rel.more} {rel.joint} on {d2}" if back else f"on {d2}, {a.he} {verb} {rel.more} {rel.joint} on {d1}"
    )
    rel = related(s, two, thing)
    three = s.find(
        rel.how,
        f"the number of {thing} on {d3}",
        f"{a} {verb} @ on {d3}",
        thing,
        why=f"on {d3} {a} {verb} {rel.more} {rel.joint} on {d2}",
    )
    s.say(f"on {d3}, {a.he} {verb} {rel.more} {rel.joint} on {d2}")
    total = s.find(
        one + two + three, f"the number of {thing} on the three days", f"{a} {verb} @ on the three days", thing
    )
    if s.chance(0.35):
        mean = s.find(total / 3, f"the average number of {thing} a day", f"{a} {verb} @ a day on average", thing)
        s.ask(
            mean,
            f"how many {thing} is that a day on average",
            f"what is the average number of {thing} {a} {verb} per day",
        )
        return
    s.ask(
        total,
        f"how many {thing} is that on the three days together",
        f"how many {thing} did {a} deal with over the three days",
    )


def scores(s: Story) -> None:
    """Average of grades or points."""
    a = s.person()
    subjects = s.rng.sample(SUBJECTS, s.whole(3, 4))
    marks = [s.given(s.whole(60, 100), f"the {x} score", f"{a} scored @ in {x}") for x in subjects]
    parts = [f"{m} in {x}" for m, x in zip(marks, subjects, strict=True)]
    s.say(f"{a} scored {listed(parts)}", f"in {a.his} exams, {a} got {listed(parts)}")
    total = s.find(Op("+", tuple(marks)), f"{a}'s total score", f"{a} has @ points in all")
    mean = s.find(total / len(marks), f"{a}'s average score", f"{a}'s average is @", Noun("", "", places=2))
    if s.chance(0.4):
        goal = s.given(s.whole(75, 98), "the goal", f"{a} wants an average of @")
        gap = s.find(goal - mean, "the gap to the goal", f"{a} is @ points short", Noun("", "", places=2))
        s.say(f"{a.he} was hoping for an average of {goal}")
        s.ask(gap, f"by how many points did {a} miss {a.his} goal", f"how far is {a}'s average from {a.his} goal")
        return
    s.ask(mean, f"what is {a}'s average score", f"what average does {a} have in these subjects")


def pages(s: Story) -> None:
    """Read a book at a steady pace."""
    a = s.person()
    total = s.given(s.whole(120, 600, 10), "the number of pages of the book", "the book has @ pages")
    first = s.given(s.whole(15, 100), "the number of pages already read", f"{a} has read @ pages")
    daily = s.given(s.whole(8, 45), "the number of pages read each day", f"{a} reads @ pages a day")
    s.say(
        f"{a} is reading a book of {total} pages and has already read {first}",
        f"{a}'s book has {total} pages, of which {a.he} has finished {first}",
    )
    left = s.find(total - first, "the number of pages left", f"{a} has @ pages left")
    if s.chance(0.5):
        days = s.find(left / daily, "the number of days needed", f"{a} needs @", DAYS_LONG)
        s.say(f"from now on {a.he} reads {daily} pages a day")
        s.ask(days, f"how many days will it take {a} to finish the book", f"in how many days will {a.he} be done")
        return
    weeks = s.given(s.whole(2, 4), "the number of weeks", f"{a} has @", WEEKS)
    per_week = s.find(
        daily * per(7, "days per week"), "the number of pages read in a week", f"{a} reads @ pages a week"
    )
    read = s.find(per_week * weeks, "the number of pages read in that time", f"{a} reads @ pages in that time")
    rest = s.find(left - read, "the number of pages still unread", f"{a} still has @ pages to read")
    s.say(f"{a.he} reads {daily} pages every day for the next {weeks}")
    s.ask(rest, "how many pages will be left then", f"how many pages does {a} still have to read after that")


WORK: Final[tuple[Callable[[Story], None], ...]] = (school, baking, factory, weekdays, scores, pages)
"""The plots."""
