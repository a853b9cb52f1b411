"""The page "Why this answer?": what the reader sees."""
