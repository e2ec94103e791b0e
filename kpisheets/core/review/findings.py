"""All reasons together."""

from __future__ import annotations

from kpisheets.core.review import departments, easy, hard, objectives, silent, twins, unowned, untouched
from kpisheets.core.review.finding import Finding
from kpisheets.core.review.past import Scene


def findings(scene: Scene) -> tuple[Finding, ...]:
    """Everything that a review of the scene finds. A target that is always or never met is not called untouched too."""
    targets = (*easy.find(scene), *hard.find(scene))
    told = {found.kpi.id for found in targets if found.kpi}
    kept = (found for found in untouched.find(scene) if found.kpi and found.kpi.id not in told)
    return (
        *targets,
        *kept,
        *silent.find(scene),
        *twins.find(scene),
        *objectives.find(scene),
        *departments.find(scene),
        *unowned.find(scene),
    )
