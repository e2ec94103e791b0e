"""The pure heart: periods, KPIs, formulas, the plan. Opens nothing, asks no clock, imports no I/O library."""
