"""Sources that bring records: they become tables of DuckDB, which adds them up."""
