"""KPI workbooks in Google Sheets."""
