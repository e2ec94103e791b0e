"""Which KPIs may no longer be worth following as they are, what people decide about them, and carrying that out.

The tool writes a row of the ``Review`` tab when it finds something, brings its evidence up to date as long as nobody
has decided, and fills in what came of it. Decision, new target and note are people's.
"""

from kpisheets.core.review.finding import Finding, Reason
from kpisheets.core.review.review import Review
from kpisheets.core.review.reviewing import Came, Decision, Result, Reviewing, Said

__all__ = ["Came", "Decision", "Finding", "Reason", "Result", "Review", "Reviewing", "Said"]
