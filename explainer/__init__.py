"""ConvScope: run a real PyTorch network, record what every layer does, and explain it."""
