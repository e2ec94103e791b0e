"""From questions to facts: metrics are checked, one query answers many of them, its rows become facts."""
