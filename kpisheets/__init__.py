"""KPI workbooks that keep themselves up to date, in the spreadsheet the team already uses."""

from __future__ import annotations

__version__ = "0.1.0"
