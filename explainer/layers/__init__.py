"""One layer in depth: its kernels, its figures, what excites its channels, and what they are good for."""
