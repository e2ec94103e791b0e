"""A metric's ``where`` as Google's filter: Google filters before it counts, so that people are counted once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kpisheets.connectors.base import Refused

if TYPE_CHECKING:
    from google.analytics.data_v1beta.types import FilterExpression
    from sqlglot import exp

_MEND = "use =, <>, IN, LIKE, AND, OR and NOT between dimensions and texts"


def condition(text: str, dimensions: Mapping[str, str]) -> FilterExpression | None:
    """The filter of a ``where``; None where it is blank. Refused where Google has none like it.

    ``dimensions`` are the names that the property knows, by their case-folded form.
    """
    if not text.strip():
        return None
    import sqlglot
    from sqlglot import errors

    try:
        tree = sqlglot.parse_one(text, dialect="duckdb")
    except (errors.SqlglotError, RecursionError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Refused(f"where “{text}” can't be read: {said}", _MEND) from None
    return _expression(tree, text, dimensions)


def _expression(tree: exp.Expr, text: str, dimensions: Mapping[str, str]) -> FilterExpression:
    from google.analytics.data_v1beta.types import FilterExpression, FilterExpressionList
    from sqlglot import exp

    match tree:
        case exp.Paren():
            return _expression(tree.this, text, dimensions)
        case exp.Not():
            return FilterExpression(not_expression=_expression(tree.this, text, dimensions))
        case exp.And() | exp.Or():
            parts = [_expression(part, text, dimensions) for part in tree.flatten()]
            both = FilterExpressionList(expressions=parts)
            return FilterExpression(and_group=both) if isinstance(tree, exp.And) else FilterExpression(or_group=both)
        case exp.NEQ():
            equal = exp.EQ(this=tree.this, expression=tree.expression)
            return FilterExpression(not_expression=_expression(equal, text, dimensions))
    return _test(tree, text, dimensions)


def _test(tree: exp.Expr, text: str, dimensions: Mapping[str, str]) -> FilterExpression:
    """The test of one dimension."""
    from google.analytics.data_v1beta.types import Filter, FilterExpression
    from sqlglot import exp

    if tree.args.get("negate"):  # how sqlglot holds a NOT LIKE
        plain = tree.copy()
        plain.set("negate", False)
        return FilterExpression(not_expression=_test(plain, text, dimensions))
    column, other = tree.this, tree.args.get("expression")
    if isinstance(tree, exp.EQ) and isinstance(column, exp.Literal):
        column, other = other, column
    if not isinstance(column, exp.Column):
        raise Refused(f"where “{text}” holds what Google Analytics can't filter by", _MEND)
    name = dimensions.get(column.name.casefold())
    if name is None:
        raise Refused(f"where “{text}”: “{column.name}” is not a dimension of the property", "name a dimension")
    kinds = Filter.StringFilter.MatchType
    if isinstance(tree, exp.In) and all(isinstance(one, exp.Literal) for one in tree.expressions) and tree.expressions:
        values = [one.name for one in tree.expressions]
        listed = Filter.InListFilter(values=values, case_sensitive=True)
        return FilterExpression(filter=Filter(field_name=name, in_list_filter=listed))
    if isinstance(other, exp.Literal) and isinstance(tree, exp.EQ):
        kind, value = kinds.EXACT, other.name
    elif isinstance(other, exp.Literal) and isinstance(tree, exp.Like | exp.ILike):
        kind, value = _like(other.name, text)
    else:
        raise Refused(f"where “{text}” holds what Google Analytics can't filter by", _MEND)
    sensitive = not isinstance(tree, exp.ILike)
    found = Filter.StringFilter(match_type=kind, value=value, case_sensitive=sensitive)
    return FilterExpression(filter=Filter(field_name=name, string_filter=found))


def _like(pattern: str, text: str) -> tuple[int, str]:
    """How Google spells a LIKE: % at an end or at both."""
    from google.analytics.data_v1beta.types import Filter

    kinds = Filter.StringFilter.MatchType
    inner = pattern.removeprefix("%").removesuffix("%")
    if "%" in inner or "_" in inner or not inner:
        raise Refused(f"where “{text}”: only % at the beginning and the end of a pattern can be asked for", _MEND)
    match pattern.startswith("%"), pattern.endswith("%"):
        case True, True:
            return kinds.CONTAINS, inner
        case True, False:
            return kinds.ENDS_WITH, inner
        case False, True:
            return kinds.BEGINS_WITH, inner
    return kinds.EXACT, inner
