"""What each database's session needs beyond its URL: the driver, a bound for waiting, reading alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "redshift": "redshift+redshift_connector",
    "clickhouse": "clickhousedb",
    "mssql": "mssql+pymssql",
    "oracle": "oracle+oracledb",
}
"""The drivers of the extras, for URLs that name none."""
EXTRAS = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "bigquery": "bigquery",
    "snowflake": "snowflake",
    "databricks": "databricks",
    "trino": "trino",
    "redshift": "redshift",
    "clickhouse": "clickhouse",
    "clickhousedb": "clickhouse",
    "mssql": "mssql",
    "oracle": "oracle",
}
"""The extra that brings a database's driver, by the name that its URLs begin with."""
_CONNECT_SECONDS = 15
_UTC = ("SET SESSION time_zone = '+00:00'", "SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY")


def install_command(scheme: str) -> str:
    """What installs the driver of ``scheme://`` URLs."""
    extra = EXTRAS.get(scheme.partition("+")[0], "")
    return f"pip install 'kpisheets[{extra}]'" if extra else "pip install 'kpisheets[sql]' and the database's driver"


def limits(url: URL, timeout: float) -> dict[str, Any]:
    """What the driver is told: how long reaching a server may take, where the URL does not say; how long answering."""
    seconds = max(1, int(timeout))
    match url.get_backend_name():
        case "snowflake":
            bound = {"STATEMENT_TIMEOUT_IN_SECONDS": seconds, "TIMEZONE": "UTC"}
            return {"session_parameters": bound, "login_timeout": min(seconds, _CONNECT_SECONDS)}
        case "bigquery":
            return {"prefer_bqstorage_client": False}  # another library, for results that are large
        case "databricks":
            return {"_retry_stop_after_attempts_count": 3}  # it would try for a quarter of an hour
        case "trino":
            return {"session_properties": {"query_max_run_time": f"{seconds}s"}}
        case "mssql" if url.get_driver_name() == "pymssql":
            return {"login_timeout": min(seconds, _CONNECT_SECONDS), "timeout": seconds}
        case "oracle":
            return {"tcp_connect_timeout": min(seconds, _CONNECT_SECONDS)}
        case "postgresql" | "mysql" | "mariadb" if "connect_timeout" not in url.query:
            return {"connect_timeout": _CONNECT_SECONDS}
    return {}


def bound(engine: Engine, timeout: float) -> None:
    """Let what is bound in neither URL nor session be bound in the driver: BigQuery's jobs, Oracle's calls."""
    import logging

    from sqlalchemy import event

    # What a driver has to say comes with its exception; its log would be lines on a person's terminal.
    package = getattr(engine.dialect.dbapi, "__name__", "").partition(".")[0]
    for name in {package, "urllib3"} - {""}:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if engine.dialect.name == "oracle":

        @event.listens_for(engine, "connect")
        def call_timeout(connection: Any, _record: Any) -> None:
            connection.call_timeout = int(timeout * 1000)

    if engine.dialect.name != "bigquery":
        return

    @event.listens_for(engine, "do_connect")
    def job_timeout(_dialect: Any, _record: Any, _arguments: Any, named: dict[str, Any]) -> None:
        client = named["client"]
        config = client.default_query_job_config
        config.job_timeout_ms = int(timeout * 1000)
        client.default_query_job_config = config


def settings(engine: str, timeout: float) -> list[str]:
    """What makes a session read-only, lets it speak UTC where the plan counts on that, and bounds its queries."""
    milliseconds = int(timeout * 1000)
    match engine:
        case "postgresql":
            return [f"SET LOCAL statement_timeout = {milliseconds}", "SET TRANSACTION READ ONLY"]
        case "redshift":
            return [f"SET statement_timeout TO {milliseconds}"]
        case "mariadb":
            return [f"SET SESSION max_statement_time = {timeout:g}", *_UTC]
        case "mysql":
            return [f"SET SESSION max_execution_time = {milliseconds}", *_UTC]
        case "oracle":
            return ["SET TRANSACTION READ ONLY"]
    return []
