"""A spreadsheet as Google shows it, and what the core observes in it."""
