"""What is printed: plans, explanations, schedules, problems, as lines and as JSON."""

from kpisheets.printing.closings import marked_document, marked_lines
from kpisheets.printing.explanations import explanation_document, explanation_text
from kpisheets.printing.reviews import review_document, review_lines
from kpisheets.printing.schedules import run_document, schedule_document, schedule_lines
from kpisheets.printing.syncs import sync_document, sync_lines
from kpisheets.printing.targets import targets_document, targets_lines
from kpisheets.printing.values import problem_document, problems_line
from kpisheets.printing.workbooks import (
    packs_document,
    packs_text,
    provisioned_document,
    provisioned_text,
    recipes_document,
    recipes_text,
)

__all__ = [
    "explanation_document",
    "explanation_text",
    "marked_document",
    "marked_lines",
    "packs_document",
    "packs_text",
    "problem_document",
    "problems_line",
    "provisioned_document",
    "provisioned_text",
    "recipes_document",
    "recipes_text",
    "review_document",
    "review_lines",
    "run_document",
    "schedule_document",
    "schedule_lines",
    "sync_document",
    "sync_lines",
    "targets_document",
    "targets_lines",
]
