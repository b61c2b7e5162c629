"""Plots about hours and dates: sleep in a week, people who meet, days until an event, being late or in time."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

from genverify.data.algebra.story import Story, UnfitError
from genverify.data.algebra.terms import DOLLARS, Noun, per
from genverify.data.algebra.words.lists import DAYS_LONG, HOURS, KILOMETERS, MILES, MINUTES, MONTHS, PAGES, WEEKS

_NIGHTS: Final = Noun("night", "nights")
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def nights(s: Story) -> None:
    """Compare the sleep of a week with a goal, or find what the last night must bring."""
    a = s.person()
    goal = s.given(s.whole(7, 9), "the goal for a night", f"{a}'s goal is @ a night", HOURS)
    school = s.given(
        Fraction(s.whole(12, 16), 2),
        "the sleep on each of these nights",
        f"{a} slept @ on each of five nights",
        HOURS,
    )
    late = s.given(s.whole(7, 10), "the sleep on Friday night", f"{a} slept @ on Friday night", HOURS)
    five = s.given(5, "the number of other nights", "@ come before Friday night", _NIGHTS)
    s.say(
        f"{a} slept {school} on each of five nights and {late} on Friday night",
        f"on Friday night {a} slept {late}, on each of the five nights before it was {school}",
    )
    s.say(
        f"{a.he} would like to average {goal} over all seven nights of a week",
        f"{a}'s goal is an average of {goal} in 7 nights",
    )
    before = s.find(five * school, "the sleep in five nights", f"{a} slept @ in five nights", HOURS)
    so_far = s.find(before + late, "the sleep in six nights", f"{a} slept @ in six nights", HOURS)
    want = s.find(goal * per(7, "nights per week"), "the sleep wanted in a week", f"{a} wants @ a week", HOURS)
    if s.chance(0.5):
        last = s.find(want - so_far, "the sleep needed in the last night", f"{a} needs @ in the last night", HOURS)
        if not 5 <= last.value <= 12:
            raise UnfitError(last.name)
        s.ask(
            last,
            f"how many hours does {a} have to sleep on Saturday night to reach that",
            "how many hours of sleep must Saturday night bring to meet the goal",
        )
        return
    sat = s.given(s.whole(6, 9), "the sleep on Saturday night", f"{a} slept @ on Saturday night", HOURS)
    s.say(f"on Saturday night it was {sat}", f"Saturday night brought {sat}")
    all_ = s.find(so_far + sat, "the sleep in the week", f"{a} slept @ that week", HOURS)
    short = s.find(want - all_, "the sleep missing", f"{a} is @ short", HOURS)
    s.ask(short, f"by how many hours did {a} miss the goal in that week", f"how many hours of sleep is {a} short")


def meeting(s: Story) -> None:
    """Let two people go toward each other, apart, or one after the other."""
    a, b = s.people(2)
    unit = s.one(MILES, KILOMETERS)
    go, slow, fast, road = s.one(
        ("walk", 3, 6, "trail"), ("cycle", 9, 24, "bike path"), ("drive", 36, 75, "highway"), ("paddle", 2, 7, "river"),
    )  # fmt: skip
    v = s.given(s.whole(slow, fast), f"{a}'s speed", f"{a} covers @ per hour", unit)
    w = s.given(s.whole(slow, fast), f"{b}'s speed", f"{b} covers @ per hour", unit)
    way = s.whole(0, 2)
    if way == 0:
        gap = s.given((v.value + w.value) * s.whole(2, 6), "the distance at the start", "they start @ apart", unit)
        s.say(
            f"{a} and {b} {go} toward each other from the two ends of a {road} that is {gap} long",
            f"a {road} is {gap} long. {a} and {b} start at opposite ends at the same time and {go} toward each other",
        )
        s.say(f"{a} covers {v} per hour and {b} covers {w}", f"{b} makes {w} per hour, {a} makes {v}")
        both = s.find(v + w, "the speed at which they approach", "they come @ closer per hour", unit)
        time = s.find(gap / both, "the time until they meet", "they meet after @", HOURS)
        if s.chance(0.4):
            s.ask(time, "after how many hours do they meet", f"how many hours does it take until {a} and {b} meet")
            return
        far = s.find(v * time, f"the distance {a} covers", f"{a} covers @", unit)
        s.ask(far, f"how many {unit} has {a} covered when they meet", f"how far from {a}'s end do they meet, in {unit}")
    elif way == 1:
        t = s.given(s.whole(2, 5), "the time", "@ go by", HOURS)
        s.say(
            f"{a} and {b} leave the same place in opposite directions, {a} at {v} per hour and {b} at {w} per hour",
            f"from the same parking lot, {a} {go}s north at {v} per hour and {b} south at {w} per hour",
        )
        one = s.find(v * t, f"the distance {a} covers", f"{a} covers @", unit)
        two = s.find(w * t, f"the distance {b} covers", f"{b} covers @", unit)
        apart = s.find(one + two, "the distance between them", "they are @ apart", unit)
        s.ask(apart, f"how many {unit} apart are they after {t}", f"what is the distance between them after {t}")
    else:
        lead = s.given(s.whole(1, 4), "the head start", f"{a} starts @ earlier", HOURS)
        s.say(
            f"{a} sets out along a {road} at {v} per hour. {b} follows {lead} later at {w} per hour",
            f"{b} starts {lead} after {a} on the same {road} and covers {w} per hour, while {a} covers {v} per hour",
        )
        ahead = s.find(v * lead, f"{a}'s lead", f"{a} is @ ahead", unit)
        gain = s.find(w - v, f"the distance {b} gains in an hour", f"{b} gains @ an hour", unit)
        time = s.find(ahead / gain, "the time to catch up", f"{b} catches up after @", HOURS)
        if s.chance(0.5):
            s.ask(
                time,
                f"how many hours does {b} need to catch up with {a}",
                f"how many hours is {b} on the way before {b} has caught up with {a}",
            )
            return
        far = s.find(w * time, "the distance to the point where they meet", f"{b} catches up after @", unit)
        s.ask(
            far, f"after how many {unit} does {b} catch up with {a}", f"how many {unit} from the start does that happen"
        )


def countdown(s: Story) -> None:
    """Count the days from one date to another, then what each day brings."""
    a = s.person()
    at = s.whole(2, 9)
    event = s.one("trip to the mountains", "wedding", "marathon", "first concert", "graduation", "cruise")
    one, two, three = MONTHS[at : at + 3]
    d = s.given(s.whole(2, 28), f"the date in {one}", f"today is {one} #")
    way, day = s.whole(0, 2), s.whole(8, 28)
    if way == 0:  # whole weeks
        day -= (_MONTH_DAYS[at] - int(d.value) + _MONTH_DAYS[at + 1] + day) % 7
    e = s.given(day, f"the date in {three}", f"the day is {three} #")
    s.say(
        f"today is {one} {d:n}, and {a}'s {event} is on {three} {e:n}",
        f"{a}'s {event} is on {three} {e:n}. It is {one} {d:n} now",
    )
    rest = s.find(
        per(_MONTH_DAYS[at], f"days in {one}") - d,
        f"the number of days left in {one}",
        f"@ are left in {one}",
        DAYS_LONG,
    )
    days = s.find(
        rest + per(_MONTH_DAYS[at + 1], f"days in {two}") + e,
        f"the number of days until the {event}",
        "@ remain",
        DAYS_LONG,
    )
    if way == 0:
        weeks = s.find(days / per(7, "days per week"), f"the number of weeks until the {event}", "that makes @", WEEKS)
        s.ask(weeks, f"how many weeks is it from today to the {event}", f"in how many weeks is {a}'s {event}")
    elif way == 1:
        daily = s.dollars(s.whole(2, 12), "the amount saved a day", f"{a} saves @ a day")
        has = s.dollars(s.whole(20, 300, 5), "the amount saved so far", f"{a} has @ already")
        s.say(
            f"{a} has saved {has} for it and will save {daily} on each day from tomorrow to that day, both included",
            f"{a.he} puts {daily} aside on every day from tomorrow up to and including that day, and has {has} already",
        )
        more = s.find(days * daily, "the amount still to be saved", f"{a} will save @", DOLLARS)
        all_ = s.find(has + more, "the amount saved in the end", f"{a} will have @", DOLLARS)
        s.ask(all_, f"how much will {a} have saved by then", "how much money will there be in the end")
    else:
        done = s.given(s.whole(10, 90), "the number of pages already read", f"{a} has read @", PAGES)
        length = done.value + days.value * s.whole(2, 9)
        book = s.given(length, "the length of the book", "the book has @", PAGES)
        s.say(
            f"until then {a} wants to finish a book of {book}, of which {a.he} has read {done:n}",
            f"{a.he} has read {done:n} pages of a book and wants to be through with all {book} by then",
        )
        left = s.find(book - done, "the number of pages left to read", f"{a} has @ left", PAGES)
        daily = s.find(left / days, "the number of pages for each day", f"{a} has to read @ a day", PAGES)
        s.ask(
            daily,
            f"reading the same number from tomorrow to that day, how many pages a day is that for {a}",
            "how many pages does that make on each day from tomorrow to that day, equally many on each",
        )


def on_time(s: Story) -> None:
    """Compare two speeds over one distance, or find the speed that the rest of a drive takes."""
    a = s.person()
    unit = s.one(MILES, KILOMETERS)
    if s.chance(0.5):
        v = s.given(s.one(60, 70, 75, 80, 90), "the usual speed", f"{a} usually drives @ per hour", unit)
        far = s.given(s.whole(120, 480, 20), "the distance", "the way is @ long", unit)
        w = s.given(s.one(40, 45, 50, 60), "the speed today", f"{a} drives @ per hour today", unit)
        s.say(
            f"on dry roads, {a} covers the {far} to the coast at {v} per hour. In the snow it is only {w} per hour",
            f"because of snow, {a} drives at {w} per hour instead of {v} per hour on the {far} to {a.his} parents",
        )
        usual = s.find(far / v, "the usual time", f"{a} usually needs @", HOURS)
        today = s.find(far / w, "the time today", f"{a} needs @ today", HOURS)
        late = s.find(today - usual, "the delay in hours", f"{a} is @ late", HOURS)
        minutes = s.find(late * per(60, "minutes per hour"), "the delay in minutes", f"{a} is @ late", MINUTES)
        s.ask(
            minutes,
            f"how many minutes longer does the drive take {a} today",
            "how many more minutes does it take because of the weather",
        )
        return
    v = s.given(s.whole(30, 90, 5), "the speed at first", f"{a} drives @ per hour at first", unit)
    all_ = s.given(s.whole(4, 9), "the time available", f"{a} has @", HOURS)
    t = s.given(s.whole(2, 5), "the time driven so far", f"{a} has driven for @", HOURS)
    rest = int(all_.value - t.value) * s.whole(32, 88, 4)
    if rest <= 0:
        raise UnfitError(t.name)
    far = s.given(v.value * t.value + rest, "the whole distance", "the whole way is @ long", unit)
    s.say(
        f"{a} has to be at a harbor {far} away in {all_}",
        f"a ship leaves in {all_} from a harbor that is {far} away from {a}'s home",
    )
    s.say(f"{a} drives at {v} per hour for the first {t}", f"for {t}, {a} drives at {v} per hour")
    done = s.find(v * t, "the distance covered", f"{a} has covered @", unit)
    if s.chance(0.4):
        pause = s.given(s.whole(15, 45, 15), "the time of a break", f"{a} takes a break of @", MINUTES)
        s.say(f"{a} then stops for {pause}", f"{a.he} takes a break of {pause} after that")
        stop = s.find(pause / per(60, "minutes per hour"), "the break in hours", "the break takes @", HOURS)
        t = s.find(t + stop, "the time used", f"{a} has used @", HOURS)
    left = s.find(far - done, "the distance left", "@ are left", unit)
    time = s.find(all_ - t, "the time left", f"{a} has @ left", HOURS)
    need = s.find(left / time, "the speed needed", f"{a} has to drive @ per hour", unit)
    if not 25 <= need.value <= 90:
        raise UnfitError(need.name)
    s.ask(
        need,
        f"how many {unit} per hour does {a} have to average from there on to be on time",
        f"at what average speed, in {unit} per hour, does {a} have to cover the rest to be there in time",
    )


CLOCK: Final[tuple[Callable[[Story], None], ...]] = (nights, meeting, countdown, on_time)
"""The plots."""
