"""Databases: DuckDB, SQLite, Spark, and all that SQLAlchemy reaches."""
