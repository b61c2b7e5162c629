"""All plots of word problems; a plot fills a story in, and its name is the family of the problem."""

from collections.abc import Callable
from typing import Final

from genverify.data.algebra.story import Story
from genverify.data.algebra.words.plots.away import AWAY
from genverify.data.algebra.words.plots.clock import CLOCK
from genverify.data.algebra.words.plots.count import COUNT
from genverify.data.algebra.words.plots.jobs import JOBS
from genverify.data.algebra.words.plots.measure import MEASURE
from genverify.data.algebra.words.plots.money import MONEY
from genverify.data.algebra.words.plots.more import MORE
from genverify.data.algebra.words.plots.nature import NATURE
from genverify.data.algebra.words.plots.people import PEOPLE
from genverify.data.algebra.words.plots.play import PLAY
from genverify.data.algebra.words.plots.share import SHARE_PLOTS
from genverify.data.algebra.words.plots.things import THINGS_PLOTS
from genverify.data.algebra.words.plots.trade import TRADE
from genverify.data.algebra.words.plots.work import WORK

Plot = Callable[[Story], None]
"""What fills a story."""
PLOTS: Final[tuple[Plot, ...]] = (
    *TRADE, *COUNT, *WORK, *MEASURE, *SHARE_PLOTS, *MORE, *MONEY, *JOBS, *AWAY, *CLOCK, *NATURE, *THINGS_PLOTS,
    *PEOPLE, *PLAY,
)  # fmt: skip
"""One is drawn at random; what stands there several times is drawn more often."""
