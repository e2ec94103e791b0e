"""A file takes another one's place, whole or not at all: locks, backups, renaming."""
