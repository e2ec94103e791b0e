"""Who hears of a run: the workbook's Control and Log tabs, the operators, and a watchdog."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime, timedelta

from kpisheets.config import Config
from kpisheets.core.answer import answer
from kpisheets.delivery import open_mail
from kpisheets.delivery.alert import ping, tell
from kpisheets.errors import KpisheetsError, Problem
from kpisheets.running.bench import Bench, Works
from kpisheets.secrets import resolve

_MAIL = "kpisheets.toml, [mail]"
_FAILURE = "kpisheets.toml, [schedule] on_failure"
_HEARTBEAT = "kpisheets.toml, [schedule] heartbeat_url"
_AGAIN = timedelta(days=1)
_TOLD, _NOTES, _OUTCOME = "problems told", "notes for the workbook", "outcome told"
_MOST_NOTES = 5


def tell_workbook(bench: Bench) -> None:
    """What became of mails, and what failed, in the Control and Log tabs. What can't be written now, a later run adds
    to the Log; it is no failure of its own, since the person who has the workbook open is not to blame."""
    notes = json.loads(bench.ledger.fact(_NOTES) or "[]")
    outcome, why = _outcome(bench)
    if outcome:
        notes = [*notes, [bench.local.isoformat(), outcome, why]][-_MOST_NOTES:]
        bench.ledger.remember(_NOTES, json.dumps(notes))
    words = bench.project.language.for_workbook
    while notes:
        (when, said, reason), *rest = notes
        belated = bool(rest) or not outcome
        try:
            workbook = bench.open_workbook()
            then = datetime.fromisoformat(when)
            workbook.apply(answer(workbook.observe(), words, then, said, why=reason, belated=belated))
        except KpisheetsError:
            return
        notes = rest
        bench.ledger.remember(_NOTES, json.dumps(notes))


def _outcome(bench: Bench) -> tuple[str, str]:
    """What is to be told that a sync has not told, in the words of the workbook, and the first reason; else blanks."""
    words = bench.project.language
    found = [("run_sent", "sent"), ("run_waiting", "retry"), ("run_refused", "failed"), ("run_held", "unknown")]
    counts = [(key, sum(one.state == state for one in bench.tried)) for key, state in found]
    counts.append(("run_skipped", sum(slot.state in ("missed", "skipped-late") for slot in bench.slots)))
    said = ", ".join(words.word(key, n=number) for key, number in counts if number)
    reasons = [str(problem) for problem in bench.problems if problem not in bench.told]
    if not said and reasons:
        said = words.word("run_failed", reason=reasons[0])[:500]
    final = any(one.state != "retry" for one in bench.tried)
    if said != bench.ledger.fact(_OUTCOME):
        bench.ledger.remember(_OUTCOME, said)
    elif not final:
        return "", ""  # it lasts: one line in the Log is enough
    return said, reasons[0] if reasons else ""


def tell_operators(bench: Bench) -> None:
    """Each problem once a day, to everybody in ``on_failure``."""
    told = _told(bench)
    now = bench.now
    new = [problem for problem in bench.problems if _is_news(told.get(str(problem)), now)]
    targets = bench.config.schedule.on_failure
    if new and targets:
        name = bench.config.project.name
        title = f"kpisheets, {name}: {new[0].what}"[:120]
        text = "\n".join([*(f"- {problem}" for problem in new), "", f"Project: {bench.config.root}"])
        failed = [problem for target in targets if (problem := _tell(bench.config, target, title, text))]
        bench.problems += failed
        if len(failed) == len(targets):
            return  # nobody has heard of it: the next run tries again
    kept = {str(problem): told.get(str(problem), now.isoformat()) for problem in bench.problems}
    kept |= {str(problem): now.isoformat() for problem in new}
    bench.ledger.remember(_TOLD, json.dumps(kept))


def heartbeat(bench: Bench) -> bool | None:
    """Tell a watchdog that this run succeeded. None where there is none, or nothing to boast of."""
    if bench.problems or not bench.config.schedule.heartbeat_url:
        return None
    try:
        return ping(resolve(bench.config.schedule.heartbeat_url, bench.config.root, where=_HEARTBEAT))
    except KpisheetsError as error:
        bench.report(error)
        return False


def cry(project: Works, error: KpisheetsError) -> None:
    """Tell the operators of a run that could not begin, and so cannot remember whom it told: at every run."""
    for target in project.config.schedule.on_failure:
        _tell(project.config, target, f"kpisheets, {project.config.project.name}: {error.what}"[:120], str(error))


def _tell(config: Config, target: str, title: str, text: str) -> Problem | None:
    """None where the target was told."""
    try:
        address = resolve(target, config.root, where=_FAILURE)
        sender = resolve(config.mail.sender, config.root, where=_MAIL) or "kpisheets@localhost"
        with contextlib.closing(open_mail(config.mail, config.root, config.google)) as channel:
            tell(address, title, text, channel=channel, sender=sender)
    except KpisheetsError as error:
        return Problem(_FAILURE, f"nobody was told there: {error.what}", error.mend, code=error.exit_code)
    return None


def _told(bench: Bench) -> dict[str, str]:
    """The problems of the run before, with the time at which each was told."""
    return dict(json.loads(bench.ledger.fact(_TOLD) or "{}"))


def _is_news(told: str | None, now: datetime) -> bool:
    return told is None or not timedelta(0) <= now - datetime.fromisoformat(told) < _AGAIN
