"""Rows taken apart into columns: what a workbook holds, quickly."""
