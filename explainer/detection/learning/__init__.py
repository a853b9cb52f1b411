"""How the bundled detectors were trained: data, augmentation, assignment, loss, loop."""
