"""Targets for the periods of a year: phased from one figure, reconciled to it, and only ever proposed."""

from kpisheets.core.targets.phasing import Curve, Method, Phasing, phased
from kpisheets.core.targets.proposal import Proposal, Proposed, propose
from kpisheets.core.targets.season import periods_of

__all__ = ["Curve", "Method", "Phasing", "Proposal", "Proposed", "periods_of", "phased", "propose"]
