"""The sections of the Layers & kernels page."""
