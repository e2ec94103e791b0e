"""How the Guide tab is worded: by the configuration, in the workbook's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kpisheets.config import Config
from kpisheets.core.guiding import Guiding
from kpisheets.core.kpi import Kpi, Number
from kpisheets.core.meeting import Meeting
from kpisheets.core.period import Frequency
from kpisheets.templates import Language


def guiding(config: Config, words: Language, origins: Mapping[str, str]) -> Guiding:
    """``origins`` are what the Source column says of each metric. What puts numbers into words is loaded when a Guide
    is there to be filled in."""

    def read(kpi: Kpi, target: Number | None) -> str:
        from kpisheets.reports import guide

        return guide.reading(kpi, target, config.project.currency, words)

    def figure(kpi: Kpi) -> str:
        from kpisheets.reports import guide

        return guide.figure(origins.get(kpi.metric, kpi.metric), words)

    def frequency(found: Frequency) -> str:
        return words.enum("frequency", found.value)

    def ritual(meeting: Meeting, kpis: Sequence[Kpi]) -> str:
        from kpisheets.reports import guide

        return guide.ritual(meeting, kpis, config.meeting(meeting).minutes, words)

    return Guiding(read, figure, frequency, ritual, nobody=words.word("mail_no_owner"))
