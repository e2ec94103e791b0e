"""Conditional formats: rules of a tab in an order that their indices follow."""

from __future__ import annotations

from ..book import Tab
from ..errors import invalid
from ..messages import Message, normalised
from ..rules import check_condition
from .batch import Batch, request, required


def _stored(batch: Batch, rule: Message) -> tuple[Tab, Message]:
    ranges = rule.get("ranges", [])
    if not ranges:
        raise invalid("At least one range must be set on a conditional format rule.")
    tabs = [batch.book.grid_tab(given)[0] for given in ranges]
    if any(tab is not tabs[0] for tab in tabs):
        raise invalid("All ranges of a conditional format rule must be on the same sheet.")
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise invalid("Exactly one of booleanRule and gradientRule must be set.")
    if "booleanRule" in rule:
        check_condition(required(rule["booleanRule"], "condition"), for_validation=False)
        form = rule["booleanRule"].get("format", {})
        odd = form.keys() - {"backgroundColor", "backgroundColorStyle", "textFormat"}
        odd |= form.get("textFormat", {}).keys() & {"fontFamily", "fontSize", "link"}
        if odd:
            raise invalid(f"Conditional formats cannot set {', '.join(sorted(odd))}.")
    return tabs[0], normalised("ConditionalFormatRule", rule)


def _check_index(tab: Tab, index: int) -> None:
    if not 0 <= index < len(tab.objects["conditionalFormats"]):
        raise invalid(f"No conditional format on sheet: {tab.id} at index: {index}")


@request("addConditionalFormatRule")
def add_rule(batch: Batch, given: Message) -> None:
    tab, rule = _stored(batch, required(given, "rule"))
    rules = tab.objects["conditionalFormats"]
    index = given.get("index", 0)
    if not 0 <= index <= len(rules):
        raise invalid(f"Index {index} is out of bounds: the sheet has {len(rules)} conditional formats.")
    rules.insert(index, rule)


@request("updateConditionalFormatRule")
def update_rule(batch: Batch, given: Message) -> Message:
    index = given.get("index", 0)
    if ("rule" in given) == ("newIndex" in given):
        raise invalid("Exactly one of rule and newIndex must be set.")
    if "rule" in given:
        tab, rule = _stored(batch, given["rule"])
        _check_index(tab, index)
        rules = tab.objects["conditionalFormats"]
        old, rules[index] = rules[index], rule
        return _reply(rule, index, old, index)
    tab = batch.book.tab(given.get("sheetId", 0))
    _check_index(tab, index)
    _check_index(tab, given["newIndex"])
    rules = tab.objects["conditionalFormats"]
    rule = rules.pop(index)
    rules.insert(given["newIndex"], rule)
    return _reply(rule, given["newIndex"], rule, index)


def _reply(new: Message, new_index: int, old: Message, old_index: int) -> Message:
    reply: Message = {"newRule": new, "oldRule": old}
    return reply | ({"newIndex": new_index} if new_index else {}) | ({"oldIndex": old_index} if old_index else {})


@request("deleteConditionalFormatRule")
def delete_rule(batch: Batch, given: Message) -> Message:
    tab = batch.book.tab(given.get("sheetId", 0))
    index = given.get("index", 0)
    _check_index(tab, index)
    return {"rule": tab.objects["conditionalFormats"].pop(index)}
