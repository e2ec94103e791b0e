"""A ``where`` as Google's filter, against DuckDB, which reads the same words."""

from __future__ import annotations

import duckdb
import pytest
from google.analytics.data_v1beta.types import RunReportRequest
from hypothesis import given
from hypothesis import strategies as st

from kpisheets.connectors.base import Refused
from kpisheets.connectors.ga4.conditions import condition
from tests.ga4.double import holds

DIMENSIONS = {"country": "country", "eventname": "eventName", "customevent:plan": "customEvent:plan"}
SQL = duckdb.connect()
VALUES = ["France", "france", "Fra", "nce", "", "(not set)", "it's", "Paid Search", "ra"]

words = st.sampled_from(VALUES)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


columns = st.sampled_from(["country", "eventName", "EVENTNAME", '"customEvent:plan"'])
inner = st.sampled_from([word for word in VALUES if word])
tests = st.one_of(
    st.builds("{} = {}".format, columns, words.map(_quoted)),
    st.builds("{1} = {0}".format, columns, words.map(_quoted)),
    st.builds("{} <> {}".format, columns, words.map(_quoted)),
    st.builds("{} IN ({})".format, columns, st.lists(words.map(_quoted), min_size=1).map(", ".join)),
    st.builds("{} NOT IN ({})".format, columns, st.lists(words.map(_quoted), min_size=1).map(", ".join)),
    st.builds(
        "{} {}LIKE {}".format,
        columns,
        st.sampled_from(["", "NOT ", "I"]),
        st.tuples(st.sampled_from(["", "%"]), inner, st.sampled_from(["", "%"])).map("".join).map(_quoted),
    ),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        inner.map("NOT ({})".format),
        st.builds("({} AND {})".format, inner, inner),
        st.builds("{} OR {} AND {}".format, inner, inner, inner),
    ),
    max_leaves=6,
)


@given(conditions, words, words, words)
def test_google_keeps_what_sql_keeps(text: str, country: str, event: str, plan: str) -> None:
    tree = condition(text, DIMENSIONS)
    assert tree is not None
    # On its way it is JSON.
    travelled = RunReportRequest.from_json(RunReportRequest.to_json(RunReportRequest(dimension_filter=tree)))
    values = {"country": country, "eventName": event, "customEvent:plan": plan}
    row = f'SELECT {_quoted(country)} country, {_quoted(event)} eventName, {_quoted(plan)} "customEvent:plan"'
    ((kept,),) = SQL.execute(f"SELECT count(*) FROM ({row}) WHERE {text}").fetchall()
    assert holds(travelled.dimension_filter, values.__getitem__) == bool(kept)


@pytest.mark.parametrize(
    "text",
    [
        "length(country) > 3",
        "country = eventName",
        "country IS NULL",
        "country LIKE 'F%e'",
        "country LIKE 'Fr_nce'",
        "country LIKE '%'",
        "country > 'F'",
        "city = 'Paris'",
        "country = upper('f')",
        "country IN (SELECT 1)",
        "country =",
        "country = 'a' LIMIT 1; DROP TABLE x",
    ],
)
def test_what_google_has_no_filter_for_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        condition(text, DIMENSIONS)
    assert "\n" not in refused.value.what
    assert refused.value.mend


def test_a_blank_where_is_no_filter() -> None:
    assert condition("  ", DIMENSIONS) is None
