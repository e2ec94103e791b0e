"""KPI workbooks in Excel files: built new, or changed in place without touching what is not ours."""
