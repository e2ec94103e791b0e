"""A project: what its commands do, one method each."""

from kpisheets.project.closing import Marked
from kpisheets.project.mailing import Sent
from kpisheets.project.project import Project
from kpisheets.project.syncing import Synced
from kpisheets.project.targeting import Targeted

__all__ = ["Marked", "Project", "Sent", "Synced", "Targeted"]
