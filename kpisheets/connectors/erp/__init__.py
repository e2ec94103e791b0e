"""Business systems that tell themselves what they hold: a metric's table and columns are asked for, and no more."""
