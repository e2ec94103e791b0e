"""Changes planned as splices, proven, and written."""
