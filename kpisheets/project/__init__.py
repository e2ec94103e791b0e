"""A project: what its commands do, one method each."""

from kpisheets.project.closing import Marked
from kpisheets.project.mailing import Sent
from kpisheets.project.project import Project, Synced

__all__ = ["Marked", "Project", "Sent", "Synced"]
