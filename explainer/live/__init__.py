"""Frames in, annotated frames out: a camera or a video, and what a network makes of it."""
