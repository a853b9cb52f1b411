"""Tools for the project's own upkeep."""
