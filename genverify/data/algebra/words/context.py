"""Sentences of a word problem that nothing depends on: how it comes about, and numbers that do not matter."""

from typing import Final

from genverify.data.algebra.story import Story, sentence
from genverify.data.algebra.terms import Noun
from genverify.data.algebra.words.lists import DAYS, MONTHS, Person

_OPENERS: Final = (
    "{a} likes to keep track of numbers",
    "{a} has been looking forward to this for a long time",
    "It is a sunny {day} morning",
    "It is the first weekend of {month}",
    "{a} lives in a small town by the sea",
    "Every {month}, {a}'s neighborhood gets together",
    "{a} keeps a notebook in which {he} writes everything down",
    "{a} has just moved to a new city",
    "On {day}, {a} has the day off",
    "{a} and {his} family are getting ready for the holidays",
    "{a} wants to make the most of the week",
    "School is out, and {a} finally has some time",
    "{a}'s friends always come to {him} with questions like this one",
    "The weather has been kind to everyone this {month}",
    "{a} is proud of how organized {he} is",
    "For {his} math project, {a} looks at things from everyday life",
    "{a} has always been curious about how things add up",
    "It rained all {day}, so {a} stayed in and did some planning",
    "{a} is helping {his} parents",
    "{a} is busy this {month}",
    "{a}'s little brother asks {him} for help with a problem",
    "There is a lot going on around {a}'s house",
    "{a} made a plan before {he} started",
    "The local newspaper wrote about this on {day}",
    "{a} promised {his} grandmother to take care of it",
)

_CLOSERS: Final = (
    "Nothing was lost along the way",
    "Everyone was happy with that",
    "{a} wrote it all down that evening",
    "{a} wants to be sure that {he} gets it right",
    "Nobody else was involved",
    "{a} told {his} best friend about it",
)


def told(s: Story) -> str:
    """Return the text of a story: its sentences and question, at times with what does not matter in between."""
    body, question = s.ending()
    who = s.hero
    if who is not None and s.chance(0.4):
        body = [_said(s, s.one(*_OPENERS), who), *body]
    if who is not None and s.chance(0.08):
        body = [*body, _said(s, s.one(*_CLOSERS), who)]
    if who is not None and s.chance(0.25):
        at = s.whole(min(1, len(body)), len(body))
        body = [*body[:at], _aside(s, who), *body[at:]]
    return " ".join([*body, question])


def _said(s: Story, text: str, who: Person) -> str:
    text = text.replace("{day}", s.one(*DAYS)).replace("{month}", s.one(*MONTHS))
    return sentence(text.format(a=who, he=who.he, his=who.his, him=who.him))


def _aside(s: Story, who: Person) -> str:
    """Return a sentence with a number that has nothing to do with the question."""
    way = s.whole(1 if "year" in " ".join(s.sentences) else 0, 7)
    if way == 0:
        years = s.given(s.whole(9, 60), f"{who}'s age", f"{who} is # years old", Noun("year", "years"))
        return sentence(f"{who} is {years:n} years old")
    if way == 1:
        time = s.given(s.whole(5, 50, 5), f"the time {who} needed", f"it took {who} @", Noun("minute", "minutes"))
        return sentence(f"it took {who} {time} to get everything ready")
    if way == 2:
        what, says = s.one(("were there to watch", "@ were there"), ("came along", "@ came along"))
        friends = s.given(s.whole(2, 9), f"the number of {who}'s friends", says, Noun("friend", "friends"))
        return sentence(f"{friends} of {who}'s {what}")
    if way == 3:
        days = s.given(s.whole(2, 20), "the number of days", f"{who} had been planning this for @", Noun("day", "days"))
        return sentence(f"{who} had been planning this for {days}")
    if way == 4:
        hour = s.given(s.whole(6, 11), "the hour", f"{who} got up at # o'clock")
        return sentence(f"{who} got up at {hour:n} o'clock that day")
    if way == 5:
        songs = s.given(s.whole(3, 15), "the number of songs", f"{who} listened to @", Noun("song", "songs"))
        return sentence(f"{who} listened to {songs} in the meantime")
    if way == 6:
        away = s.given(s.whole(2, 30), "the distance", f"{who} lives @ away", Noun("mile", "miles", places=1))
        return sentence(f"{who} lives {away} away from {who.his} best friend")
    rooms = s.given(s.whole(3, 9), "the number of rooms", f"{who}'s house has @", Noun("room", "rooms"))
    return sentence(f"{who}'s house has {rooms}")
