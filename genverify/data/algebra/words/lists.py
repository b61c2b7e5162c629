"""Names, things that are counted, and numbers in words, for word problems."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from genverify.data.algebra.terms import Noun


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a story."""

    name: str
    he: str
    his: str
    him: str

    def __str__(self) -> str:
        return self.name


_SHE: Final = (
    "Amara Beatriz Chloe Daphne Elena Fatima Greta Hannah Imani Joanna Keiko Leila Mei Nadia Olivia Priya Rosa Sofia "
    "Tamara Uma Vera Wanda Yara Zoe Abigail Brianna Carmen Dolores Esther Freya Gloria Harriet Ingrid Jasmine Kavita "
    "Lucia Miriam Noor Ophelia Petra Ramona Selma Thea Valerie Winnie Agnes Bella Celine Diana Edith Fiona Grace Ivy "
    "Judy Karen Laura Mary Nina Paula Rachel Sarah Tina Anna Emily Julia Lisa Megan Monica Ruth Sandra Stella Alice"
)
_HE: Final = (
    "Ahmed Boris Carlos Dmitri Emeka Felix Gabriel Hassan Ivan Jamal Kenji Liam Mateo Nikolai Omar Pablo Quentin Rohan "
    "Samir Tobias Umar Victor Wei Xavier Yusuf Zach Adrian Bruno Cedric Diego Elias Farid George Hugo Isaac Jonas Karl "
    "Leon Marco Nathan Oscar Peter Ravi Stefan Theo Vincent Walter Aaron Ben Charlie Daniel Eric Frank Greg Henry Jack "
    "Kevin Luke Mark Nick Paul Robert Steve Tom Andrew Brian David Jason Martin Patrick Raymond Simon Tyler Arthur"
)
NAMES: Final = tuple(
    [Person(n, "she", "her", "her") for n in _SHE.split()] + [Person(n, "he", "his", "him") for n in _HE.split()]
)

_THINGS: Final = {
    "shop": "notebook, pen, pencil, eraser, ruler, folder, backpack, mug, candle, towel, pillow, lamp, basket, hat, "
    "T-shirt, plate, bowl, magazine, poster, calendar, umbrella, keychain, flashlight, water bottle, picture frame",
    "food": "apple, orange, banana, pear, mango|mangoes, lemon, muffin, bagel, sandwich|sandwiches, cookie, cupcake, "
    "donut, pretzel, burrito, taco, smoothie, salad, burger, pie, avocado, coconut, melon, pizza, hot dog",
    "toys": "marble, sticker, trading card, toy car, seashell, stamp, coin, bead, button, action figure, puzzle, "
    "balloon, crayon, comic book, rock, postcard, badge, bottle cap, baseball card, model plane",
    "plants": "rosebush|rosebushes, tulip, tomato plant, sunflower, pepper plant, daisy|daisies, shrub, fern, "
    "lily|lilies, strawberry plant, lavender plant, apple tree, pine tree, hydrangea",
    "animals": "chicken, cow, goat, sheep|sheep, duck, rabbit, pig, horse, turkey, goose|geese, llama",
    "pets": "dog, cat, hamster, rabbit, parrot, guinea pig, turtle, puppy|puppies, kitten",
    "crops": "pumpkin, carrot, potato|potatoes, cabbage, onion, cucumber, watermelon, eggplant, pepper, turnip, peach|"
    "peaches, ear of corn|ears of corn, head of lettuce|heads of lettuce, plum",
    "baked": "cookie, muffin, cupcake, roll, bagel, brownie, scone, tart, pie, croissant, loaf of "
    "bread|loaves of bread",
    "made": "chair, table, toy robot, bracelet, candle, lamp, vase, shirt, basket, kite, birdhouse, blanket, necklace, "
    "wooden box|wooden boxes, bicycle, clock, backpack, scarf|scarves, mug",
    "containers": "box|boxes, bag, crate, basket, carton, tray, bucket, jar",
    "vehicles": "bus|buses, van, minibus|minibuses, boat, train car, truck",
    "tickets": "concert ticket, movie ticket, raffle ticket, museum pass|museum passes, train ticket, game ticket",
    "drinks": "cup of coffee|cups of coffee, bottle of water|bottles of water, glass of lemonade|glasses of lemonade, "
    "can of soda|cans of soda, milkshake, carton of juice|cartons of juice, cup of tea|cups of tea",
    "clothes": "shirt, sweater, jacket, dress|dresses, skirt, pair of socks|pairs of socks, pair of jeans|pairs of "
    "jeans, scarf|scarves, hat, tie, pair of shoes|pairs of shoes, belt",
    "materials": "brick, tile, plank, wooden beam, bag of cement|bags of cement, panel, pipe, window",
    "flowers": "rose, tulip, daisy|daisies, lily|lilies, orchid, carnation, peony|peonies, iris|irises",
    "tasks": "email, report, form, letter, invoice, phone call, order, survey",
    "people": "student, volunteer, child|children, scout, visitor, guest, player, worker, passenger, camper",
}


def _noun(text: str) -> Noun:
    """Read ``pen`` or ``box|boxes``."""
    one, _, many = text.partition("|")
    return Noun(one, many or one + "s")


THINGS: Final = {scene: [_noun(text.strip()) for text in texts.split(",")] for scene, texts in _THINGS.items()}
"""What is counted in each scene."""

COLORS: Final = "red blue green yellow white black purple orange pink silver brown gray".split()
DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS: Final = "January February March April May June July August September October November December".split()
SUBJECTS: Final = "math history science English geography biology chemistry art Spanish music".split()

MILES, KILOMETERS = Noun("mile", "miles", places=1), Noun("kilometer", "kilometers", places=1)
HOURS, MINUTES = Noun("hour", "hours", places=2), Noun("minute", "minutes", places=1)
DAYS_LONG, WEEKS, YEARS = Noun("day", "days"), Noun("week", "weeks"), Noun("year", "years")
POUNDS, GALLONS = Noun("pound", "pounds", places=2), Noun("gallon", "gallons", places=2)
CUPS, LITERS, FEET = Noun("cup", "cups", places=2), Noun("liter", "liters", places=2), Noun("foot", "feet", places=1)
METERS, GRAMS = Noun("meter", "meters", places=1), Noun("gram", "grams")
PAGES, POINTS, CENTS = Noun("page", "pages"), Noun("point", "points", places=1), Noun("cent", "cents")

_ONES: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS: Final = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()


def in_words(value: int) -> str:
    """Return a number from 0 to 9,999 in words: ``three hundred and five``."""
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    size, name = (100, "hundred") if value < 1000 else (1000, "thousand")
    rest = value % size
    joint = " " if rest >= 100 else " and "
    return f"{in_words(value // size)} {name}" + (joint + in_words(rest) if rest else "")


NUMBER_WORDS: Final = {Fraction(n): in_words(n) for n in range(2, 101)}
"""Numbers that a problem may write in words."""

TIMES: Final = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times", 7: "seven times"}
PARTS: Final = {
    Fraction(1, 2): "half", Fraction(1, 3): "one-third", Fraction(1, 4): "a quarter", Fraction(1, 5): "one-fifth",
    Fraction(2, 3): "two-thirds", Fraction(3, 4): "three-quarters", Fraction(2, 5): "two-fifths",
    Fraction(3, 5): "three-fifths", Fraction(1, 6): "one-sixth", Fraction(3, 8): "three-eighths",
}  # fmt: skip
"""Fractions as a problem may write them."""
