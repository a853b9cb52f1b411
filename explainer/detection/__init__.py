"""Object detection: networks that find things, and everything that happens on the way to a box."""
