"""TOML for people: values with their lines, and every problem at once."""
