"""Files as tables: text, Parquet, sheets; here or at an address."""
