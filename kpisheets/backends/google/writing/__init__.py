"""A plan as requests to Google; whether they did what they should, and what mends them."""
