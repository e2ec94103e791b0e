"""A metric's SQL expressions: read, refused unless they are pure, and bound to the metric's filter."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kpisheets.connectors.base import Refused, Table, words
from kpisheets.core.metric import Metric

if TYPE_CHECKING:
    from sqlglot import exp

_AGGREGATES = words(
    "Sum Count CountIf Min Max Avg Median Stddev StddevPop StddevSamp Variance VariancePop Quantile PercentileCont "
    "PercentileDisc ApproxDistinct ArgMax ArgMin Mode LogicalOr LogicalAnd"
)
_NUMERIC = words("Sum Avg Median Stddev StddevPop StddevSamp Variance VariancePop")
_SHAPES = words(
    "Column Identifier Literal Boolean Null Paren Neg Not Between In Case If Cast TryCast DataType DataTypeParam "
    "Distinct Star Interval Var Filter Where Tuple Bracket Dot BitwiseNot Escape"
)
_IMPURE = re.compile(
    r"Read|Current|Session|Rand|Uuid|AI|Explode|Posexplode|Unnest|Inline|Generate|Columns|Host|Server|Version|Pg|Stream"
    r"|Net|File|Sleep|Next|Last|Localtime|UtcTime|UtcDate|UtcTimestamp|Seq|Open|XML|Predict|ML|Vector|Load|Machine"
    r"|Sysdate|Systimestamp|User|Schema|Database|Catalog"
)
_PURE_BY_NAME = words(
    "date_part datepart strftime julianday epoch epoch_ms unixepoch isfinite isnan isinf printf format list_sum "
    "list_avg len cbrt even gamma bit_count monthname dayname week weekofyear isodow isoyear dayofyear decade "
    "century era julian datediff date_diff datesub date_sub age total_seconds to_days to_hours to_minutes "
    "to_seconds to_months to_years nfc_normalize strip_accents regexp_full_match jaccard hamming levenshtein "
    "contains prefix suffix date time datetime"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric ready for a query. ``outputs`` is (value,) or (numerator, denominator), in the source's dialect.

    ``count`` counts the records that the metric's filter lets through; ``numbers`` are arguments that must be numbers;
    ``used`` are the case-folded names of the columns, ``words`` the same as the user wrote them.
    """

    metric: Metric
    outputs: tuple[str, ...]
    count: str
    numbers: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def used(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self.words)


def read(metric: Metric, *, reads: str, writes: str, today: date, table: Table | None = None) -> Measure:
    """The measure of a metric, its expressions read in dialect ``reads`` and written in ``writes``. Refused if impure.

    ``today`` stands for ``current_date``, so that a query gives the same answer whenever it is repeated. Columns are
    spelled as in ``table``, where it is given.
    """
    condition = _condition(metric, reads, today) if metric.filter.strip() else None
    if condition is not None and table is not None:
        condition = _spelled(condition, table)
    keys = ("numerator", "denominator") if metric.is_ratio else ("value",)
    outputs: list[str] = []
    numbers: list[str] = []
    names: list[str] = list(_columns(condition, metric)) if condition is not None else []
    for key in keys:
        tree = _parse(getattr(metric, key), key, reads, today)
        _check_aggregation(tree, key)
        names += _columns(tree, metric)
        tree = tree if table is None else _spelled(tree, table)
        tree = _filtered(tree, condition, key)
        numbers += [_write(n.this, key, writes) for n in _aggregates(tree) if type(n).__name__ in _NUMERIC]
        outputs.append(_write(tree, key, writes))
    count = "COUNT(*)"
    if condition is not None:
        count = f"COUNT(CASE WHEN {_write(condition, 'where', writes)} THEN 1 END)"
    return Measure(metric, tuple(outputs), count, tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(names)))


def equalities(metric: Metric, *, reads: str, today: date) -> list[tuple[str, str, str]]:
    """The tests in a metric's filter that a column equals a text: (column, text, the rest of the filter).

    The filter holds where the test and the rest both hold. Refused if it is impure.
    """
    texts = list(_TEXT.finditer(metric.filter))
    if len(texts) != 1 or "''" in texts[0][1]:  # which some dialects read otherwise
        return _equalities(metric, reads, today)
    # Hundreds of filters that differ by their one text are read once.
    (text,) = texts
    shape = f"{metric.filter[: text.start()]}'{_ANY}'{metric.filter[text.end() :]}"
    try:
        found = _equalities(Metric("", "", metric.table, "", filter=shape), reads, today)
    except Refused:
        found = []
    if len(found) != 1 or found[0][1] != _ANY or _ANY in found[0][2]:
        return _equalities(metric, reads, today)
    return [(found[0][0], text[1], found[0][2])]


_TEXT = re.compile(r"'((?:[^'\\]|'')*)'")
_ANY = "kpisheets any text"


@lru_cache(maxsize=512)
def _equalities(metric: Metric, reads: str, today: date) -> list[tuple[str, str, str]]:
    from sqlglot import exp

    condition = _condition(metric, reads, today)
    for _ in _columns(condition, metric):
        pass  # for its effect: the table's own name before a column goes
    tests = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    found = []
    for test in tests:
        if not isinstance(test, exp.EQ):
            continue
        column, word = test.this, test.expression
        if isinstance(column, exp.Literal):
            column, word = word, column
        if isinstance(column, exp.Column) and not column.table and isinstance(word, exp.Literal) and word.is_string:
            rest = [other for other in tests if other is not test]
            found.append((column.name, word.name, _write(exp.and_(*rest), "where", reads) if rest else ""))
    return found


def _parse(text: str, key: str, reads: str, today: date) -> exp.Expr:
    import sqlglot
    from sqlglot import errors, exp

    mend = f"write one SQL expression in {key}"
    if not text.strip():
        raise Refused(f"{key} is empty", mend)
    # An unknown statement is parsed as a command with a warning on stderr; it is refused below.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        trees = sqlglot.parse(text, dialect=reads)
    except errors.SqlglotError as error:
        raise Refused(f"{key} “{text}” can't be read: {_reason(error)}", mend) from None
    except RecursionError:
        raise Refused(f"{key} is nested too deeply", mend) from None
    if len(trees) != 1 or trees[0] is None:
        raise Refused(f"{key} “{text}” holds more than one expression", mend)
    tree = trees[0]
    for node in tree.walk():
        _check_pure(node, key, text, mend)
    for node in list(tree.find_all(exp.CurrentDate)):
        told = exp.Literal.string(today.isoformat())
        node.replace(told if reads == "sqlite" else exp.cast(told, "DATE"))
    return tree


def _check_pure(node: exp.Expr, key: str, text: str, mend: str) -> None:
    from sqlglot import exp

    name = type(node).__name__
    if isinstance(node, exp.Anonymous):
        if node.name.lower() not in _PURE_BY_NAME:
            raise Refused(f"{key} “{text}” uses {node.name}(), which is not a function for metrics", mend)
        return
    if isinstance(node, exp.AggFunc):
        if name not in _AGGREGATES:
            raise Refused(f"{key} “{text}” uses {node.sql_name()}(), which is not supported", mend)
        return
    if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count | exp.Mul):
        raise Refused(f"{key} “{text}” holds a bare *", mend)
    if name == "CurrentDate" or name in _SHAPES:
        return
    if isinstance(node, exp.Query | exp.Subquery | exp.DDL | exp.Command | exp.Window):
        raise Refused(f"{key} “{text}” holds {_kind_of(node)}; only a pure expression is allowed", mend)
    if isinstance(node, exp.Binary | exp.Unary) and not isinstance(node, exp.PropertyEQ):
        return
    if isinstance(node, exp.Func) and not _IMPURE.match(name) and not isinstance(node, exp.UDTF):
        return
    raise Refused(f"{key} “{text}” holds {_kind_of(node)}; only a pure expression is allowed", mend)


def _kind_of(node: exp.Expr) -> str:
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()
    return {"select": "a SELECT", "subquery": "a SELECT", "window": "a window (OVER)", "alias": "an alias (AS)"}.get(
        kind, f"something else ({kind})"
    )


def _reason(error: Exception) -> str:
    found: list[dict[str, Any]] = getattr(error, "errors", [])
    if found:
        return f"{found[0].get('description', 'syntax error')} at column {found[0].get('col', '?')}".replace("\n", " ")
    return str(error).split("\n")[0]


def _condition(metric: Metric, reads: str, today: date) -> exp.Expr:
    tree = _parse(metric.filter, "where", reads, today)
    if next(_aggregates(tree), None) is not None:
        raise Refused(f"where “{metric.filter}” holds an aggregate", "put the condition into value, in a CASE")
    return tree


def _aggregates(tree: exp.Expr) -> Iterator[exp.Expr]:
    from sqlglot import exp

    yield from tree.find_all(exp.AggFunc)


def _check_aggregation(tree: exp.Expr, key: str) -> None:
    from sqlglot import exp

    text = tree.sql()
    if next(_aggregates(tree), None) is None:
        raise Refused(f"{key} “{text}” does not aggregate", f"write for example sum({text}) or count(*)")
    for node in tree.find_all(exp.AggFunc):
        if node.parent is not None and node.find_ancestor(exp.AggFunc) is not None:
            raise Refused(f"{key} “{text}” has an aggregate inside an aggregate", "aggregate once")
        extra = [name for name in ("expressions", "count", "order") if node.args.get(name)]
        distinct = node.this if isinstance(node.this, exp.Distinct) else None
        if extra or (distinct is not None and len(distinct.expressions) != 1):
            raise Refused(f"{key} “{text}”: {node.sql_name().lower()}() takes one expression", "give it one")
    for column in tree.find_all(exp.Column):
        if column.find_ancestor(exp.AggFunc, exp.Filter) is None:
            name = column.name
            raise Refused(f"{key} “{text}” uses “{name}” outside an aggregate", f"write for example sum({name})")


def _columns(tree: exp.Expr, metric: Metric) -> Iterator[str]:
    """The columns that a tree uses. Drops the table's own name before a column: a query reads it under another."""
    from sqlglot import exp

    table = metric.table.replace('"', "").rpartition(".")[2].casefold()
    for node in list(tree.find_all(exp.Column)):
        if node.table.casefold() == table:
            node.set("table", None)
        # With another name before the dot it is a field of a structure; the engine says whether there is one.
        yield node.parts[0].name


def _spelled(tree: exp.Expr, table: Table) -> exp.Expr:
    """The tree with its columns as the table spells them, quoted: many an engine folds what is not."""
    from sqlglot import exp

    for node in list(tree.find_all(exp.Column)):
        found = None if node.table else table.column(node.name)
        if found is not None:
            node.set("this", exp.to_identifier(found.name, quoted=True))
    return tree


def _filtered(tree: exp.Expr, condition: exp.Expr | None, key: str) -> exp.Expr:
    """The tree with the condition, and any FILTER of its own, inside each aggregate as a CASE.

    FILTER makes one pass per aggregate in some engines and is unknown to others; a CASE is neither.
    """
    from sqlglot import exp

    holder = exp.Paren(this=tree)
    for node in list(holder.find_all(exp.AggFunc)):
        conditions = [condition.copy()] if condition is not None else []
        target: exp.Expr = node
        if isinstance(node.parent, exp.Filter):
            target = node.parent
            conditions.append(target.expression.this)
        if isinstance(node, exp.CountIf):
            conditions.append(node.this)
            target.replace(exp.Count(this=_case(conditions, exp.Literal.number(1))))
            continue
        if target is not node:
            target.replace(node)
        if not conditions:
            continue
        if isinstance(node, exp.ArgMax | exp.ArgMin):
            node.set("expression", _case(conditions, node.expression))
        elif isinstance(node.this, exp.Distinct):
            node.this.set("expressions", [_case(conditions, node.this.expressions[0])])
        else:
            argument = exp.Literal.number(1) if isinstance(node.this, exp.Star) else node.this
            node.set("this", _case(conditions, argument))
    if next(holder.find_all(exp.Filter), None) is not None:
        raise Refused(f"{key} has a FILTER that is not on an aggregate", "put the condition into where")
    found: exp.Expr = holder.this
    return found


def _case(conditions: list[exp.Expr], argument: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    both = exp.and_(*conditions, copy=True) if len(conditions) > 1 else conditions[0].copy()
    return exp.Case(ifs=[exp.If(this=both, true=argument.copy())])


def _write(tree: exp.Expr, key: str, writes: str) -> str:
    from sqlglot import ErrorLevel, errors

    try:
        return tree.sql(dialect=writes, comments=False, unsupported_level=ErrorLevel.RAISE)
    except errors.UnsupportedError as error:
        raise Refused(f"{key} can't be written for {writes}: {_reason(error)}", "use another function") from None
