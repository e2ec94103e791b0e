"""How each SQL dialect spells what a plan needs: local days, the first day of a period, bounds."""

from __future__ import annotations

from kpisheets.connectors.dialects.templates import Dialect

_DATE = r"[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?"
_ZONE = r" *([Zz]|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)"
# Texts of this form that name no day: 31 April, 30 February, 29 February outside leap years.
_NO_DAY = (
    r"^ *[0-9]{4}-((0[469]|11)-31|02-3|02-29)",
    r"^ *([0-9]{2}(0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-02-29",
)
# The text column {name} as an ISO day or time without, and with, an offset: two tests.
_DAY_TEXT = (f"^ *{_DATE}([T ]{_TIME})? *$", f"^ *{_DATE}[T ]{_TIME}{_ZONE} *$")
_WEEK = "CAST(date_trunc('week', {day}) AS DATE)"
_MONTH = "CAST(date_trunc('month', {day}) AS DATE)"
_BACK = "CAST(date_trunc('month', {day}) - {back} * INTERVAL '1 month' AS DATE)"
_NUMBER = "CAST(EXTRACT(MONTH FROM {day}) AS INTEGER)"
_SQLITE_BACK = "date({day}, 'start of month', '-' || {back} || ' months')"
_MYSQL_OFFSET = "REGEXP_SUBSTR(TRIM({name}), '[+-][0-9]{{2}}(:?[0-9]{{2}})?$')"
_MYSQL_UTC = (
    "TIMESTAMPADD(MINUTE, (CASE WHEN LEFT(" + _MYSQL_OFFSET + ", 1) = '-' THEN 1 ELSE -1 END)"
    " * (COALESCE(NULLIF(SUBSTR(" + _MYSQL_OFFSET + ", 2, 2), ''), 0) * 60"
    " + CASE WHEN LENGTH(" + _MYSQL_OFFSET + ") > 3 THEN RIGHT(" + _MYSQL_OFFSET + ", 2) ELSE 0 END),"
    " CAST(REGEXP_SUBSTR({name}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?')"
    " AS DATETIME))"
)


def _text_day(matches: str, plain: str, zoned: str) -> str:
    """ISO text by two tests; ``matches`` tests ``{name}`` against ``{pattern}``."""

    def test(pattern: str) -> str:
        return matches.replace("{pattern}", pattern.replace("{", "{{").replace("}", "}}"))

    impossible, leap = map(test, _NO_DAY)
    without, with_zone = map(test, _DAY_TEXT)
    return (
        f"CASE WHEN {impossible} AND NOT ({leap}) THEN NULL "
        f"WHEN {without} THEN {plain} WHEN {with_zone} THEN {zoned} END"
    )


_DUCKDB_DAY = r"^\s*\d{{4}}-\d{{2}}-\d{{2}}"
_DUCKDB_ZONE = r"\d:\d{{2}}(:\d{{2}}([.,]\d+)?)?\s*([Zz]|[+-]\d{{2}}(:?\d{{2}})?)\s*$"

_DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            "duckdb",
            week=_WEEK,
            # Less work than date_trunc, and than looking it up.
            month="({day} - (CAST(day({day}) AS INTEGER) - 1))",
            months_back=_BACK,
            month_number=_NUMBER,
            # A fifth of the work of AT TIME ZONE. The year 1 is where counting begins: a division rounds towards zero.
            instant_day=(
                "DATE '0001-01-01' + "
                "CAST(((epoch_us({name}) + 62135596800000000) // 1000000 + {shift}) // 86400 AS INTEGER)"
            ),
            instant="CAST({mark} AS TIMESTAMPTZ)",
            moment="TIMESTAMPTZ '{until}Z'",
            days="SELECT CAST(range AS DATE) AS {day} FROM range(DATE '{first}', DATE '{after}', INTERVAL 1 DAY)",
            words=True,
            text_day=(
                f"CASE WHEN NOT regexp_matches({{name}}, '{_DUCKDB_DAY}') THEN NULL "
                f"WHEN regexp_matches({{name}}, '{_DUCKDB_ZONE}') "
                "THEN CAST(TRY_CAST(upper(trim({name})) AS TIMESTAMPTZ) AT TIME ZONE {zone} AS DATE) "
                "ELSE CAST(TRY_CAST(trim({name}) AS TIMESTAMP) AS DATE) END"
            ),
        ),
        Dialect(
            "sqlite",
            # A function of ours reads what is stored; the result is ISO text, which sorts as dates do.
            text_of_days=True,
            text_day="kpisheets_day({name})",
            instant_day="kpisheets_day({name})",
            date="{mark}",
            local="{mark}",
            instant="{mark}",
            week="date({day}, '-6 days', 'weekday 1')",
            month="date({day}, 'start of month')",
            months_back=_SQLITE_BACK,
            days_on="date({day}, '{days} days')",
            month_number="CAST(strftime('%m', {day}) AS INTEGER)",
            grouping_sets=False,
            materialized=True,
        ),
        Dialect(
            "postgres",
            week=_WEEK,
            month=_MONTH,
            months_back=_BACK,
            month_number=_NUMBER,
            instant_day="CAST(({name} AT TIME ZONE {zone}) AS DATE)",
            instant="CAST({mark} AS TIMESTAMPTZ)",
            text_day=_text_day(
                "{name} ~ '{pattern}'",
                "CAST(SUBSTR(TRIM({name}), 1, 10) AS DATE)",
                "CAST((CAST({name} AS TIMESTAMPTZ) AT TIME ZONE {zone}) AS DATE)",
            ),
            words=True,
            materialized=True,
        ),
        Dialect(
            "mysql",
            quotes=("`", "`"),
            week="DATE_SUB({day}, INTERVAL WEEKDAY({day}) DAY)",
            month="DATE_SUB({day}, INTERVAL DAYOFMONTH({day}) - 1 DAY)",
            months_back="DATE_SUB(DATE_SUB({day}, INTERVAL DAYOFMONTH({day}) - 1 DAY), INTERVAL {back} MONTH)",
            days_on="DATE_ADD({day}, INTERVAL {days} DAY)",
            # Its tables of time zones are often empty, and CONVERT_TZ then gives NULL.
            instant_day="CAST(DATE_ADD({name}, INTERVAL {shift} SECOND) AS DATE)",
            instant="CAST({mark} AS DATETIME)",
            text_day=_text_day(
                "{name} REGEXP '{pattern}'",
                "CAST(SUBSTR(TRIM({name}), 1, 10) AS DATE)",
                "CAST(DATE_ADD({utc}, INTERVAL {shift} SECOND) AS DATE)",
            ),
            text_utc=_MYSQL_UTC,
            grouping_sets=False,
            offsets=False,
            instants=frozenset({"TIMESTAMP"}),
        ),
        Dialect(
            "bigquery",
            quotes=("`", "`"),
            week="DATE_TRUNC({day}, WEEK(MONDAY))",
            month="DATE_TRUNC({day}, MONTH)",
            months_back="DATE_SUB(DATE_TRUNC({day}, MONTH), INTERVAL {back} MONTH)",
            days_on="DATE_ADD({day}, INTERVAL {days} DAY)",
            modulo="MOD({number}, {by})",
            instant_day="DATE({name}, {zone})",
            instant="CAST({mark} AS TIMESTAMP)",
            local="CAST({mark} AS DATETIME)",
            instants=frozenset({"TIMESTAMP"}),
        ),
        Dialect(
            "snowflake",
            # WEEK obeys a parameter of the session; the ISO day of the week does not.
            week="DATEADD(DAY, 1 - DAYOFWEEKISO({day}), {day})",
            month="DATE_TRUNC('MONTH', {day})",
            months_back="ADD_MONTHS(DATE_TRUNC('MONTH', {day}), -{back})",
            days_on="DATEADD(DAY, {days}, {day})",
            modulo="MOD({number}, {by})",
            instant_day="CAST(CONVERT_TIMEZONE({zone}, {name}) AS DATE)",
            instant="CAST({mark} AS TIMESTAMP_TZ)",
            instants=frozenset({"TIMESTAMP_TZ", "TIMESTAMP_LTZ"}),
        ),
        Dialect(
            "databricks",
            quotes=("`", "`"),
            week="CAST(DATE_TRUNC('WEEK', {day}) AS DATE)",
            month="CAST(DATE_TRUNC('MONTH', {day}) AS DATE)",
            months_back="ADD_MONTHS(CAST(DATE_TRUNC('MONTH', {day}) AS DATE), -{back})",
            days_on="DATE_ADD({day}, {days})",
            instant_day="CAST(CONVERT_TIMEZONE(CURRENT_TIMEZONE(), {zone}, CAST({name} AS TIMESTAMP_NTZ)) AS DATE)",
            instant="CAST({mark} AS TIMESTAMP)",
            instants=frozenset({"TIMESTAMP"}),
        ),
        Dialect(
            "spark",
            quotes=("`", "`"),
            week="CAST(DATE_TRUNC('WEEK', {day}) AS DATE)",
            month="TRUNC({day}, 'MM')",
            months_back="ADD_MONTHS(TRUNC({day}, 'MM'), -{back})",
            days_on="DATE_ADD({day}, {days})",
            # The session is in UTC.
            instant_day="CAST(FROM_UTC_TIMESTAMP({name}, {zone}) AS DATE)",
            instant="CAST({mark} AS TIMESTAMP)",
            text_day=_text_day(
                "{name} RLIKE '{pattern}'",
                "CAST(SUBSTR(TRIM({name}), 1, 10) AS DATE)",
                "CAST(FROM_UTC_TIMESTAMP(CAST(UPPER(TRIM({name})) AS TIMESTAMP), {zone}) AS DATE)",
            ),
            words=True,
            backslashes=True,
            instants=frozenset({"TIMESTAMP"}),
        ),
        Dialect(
            "trino",
            week=_WEEK,
            month=_MONTH,
            months_back="DATE_ADD('month', -{back}, CAST(DATE_TRUNC('month', {day}) AS DATE))",
            days_on="DATE_ADD('day', {days}, {day})",
            instant_day="CAST({name} AT TIME ZONE {zone} AS DATE)",
            instant="FROM_ISO8601_TIMESTAMP({mark})",
        ),
        Dialect(
            "redshift",
            week=_WEEK,
            month=_MONTH,
            months_back="CAST(ADD_MONTHS(DATE_TRUNC('month', {day}), -{back}) AS DATE)",
            month_number=_NUMBER,
            instant_day="CAST(({name} AT TIME ZONE {zone}) AS DATE)",
            instant="CAST({mark} AS TIMESTAMPTZ)",
        ),
        Dialect(
            "clickhouse",
            week="toMonday({day})",
            month="toStartOfMonth({day})",
            months_back="addMonths(toStartOfMonth({day}), -{back})",
            days_on="addDays({day}, {days})",
            month_number="toMonth({day})",
            date="toDate32({mark})",
            local="toDate32({mark})",
            local_day="toDate32({name})",
            instant_day="toDate32({name}, {zone})",
            instant="parseDateTime64BestEffort({mark})",
            # A column that is not in a set comes as the default of its type there, not as NULL.
            grouping_sets=False,
            instants=frozenset({"DATETIME", "DATETIME64"}),
        ),
        Dialect(
            "tsql",
            quotes=("[", "]"),
            # 1 January 1900 was a Monday. DATEPART obeys a setting of the session.
            week="DATEADD(DAY, -(DATEDIFF(DAY, DATEFROMPARTS(1900, 1, 1), {day}) % 7), {day})",
            month="DATEFROMPARTS(YEAR({day}), MONTH({day}), 1)",
            months_back="DATEADD(MONTH, -{back}, DATEFROMPARTS(YEAR({day}), MONTH({day}), 1))",
            days_on="DATEADD(DAY, {days}, {day})",
            month_number="MONTH({day})",
            # It knows zones by the names of Windows alone.
            utc="CAST(SWITCHOFFSET({name}, '+00:00') AS DATETIME2)",
            instant_day="CAST(DATEADD(SECOND, {shift}, {utc}) AS DATE)",
            instant="CAST({mark} AS DATETIMEOFFSET)",
            instants=frozenset({"DATETIMEOFFSET"}),
        ),
        Dialect(
            "oracle",
            week="TRUNC({day}, 'IW')",
            month="TRUNC({day}, 'MM')",
            months_back="ADD_MONTHS(TRUNC({day}, 'MM'), -{back})",
            modulo="MOD({number}, {by})",
            # A DATE there has a time of day.
            date_day="TRUNC({name})",
            local_day="TRUNC(CAST({name} AS DATE))",
            date="TO_DATE({mark}, 'YYYY-MM-DD')",
            local="TO_DATE({mark}, 'YYYY-MM-DD')",
            instant_day="TRUNC(CAST({name} AT TIME ZONE {zone} AS DATE))",
            instant="TO_TIMESTAMP_TZ({mark}, 'YYYY-MM-DD\"T\"HH24:MI:SSTZH:TZM')",
        ),
    )
}


def named(name: str) -> Dialect:
    """The dialect of that name (sqlglot's); KeyError where it is unknown."""
    return _DIALECTS[name]


def known() -> list[str]:
    """The names of all dialects, as sqlglot has them."""
    return sorted(_DIALECTS)
