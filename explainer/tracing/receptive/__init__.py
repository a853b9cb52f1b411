"""What part of the photo a unit can see (theoretical field), and what part it does see (effective field).

The theoretical field follows A. Araujo, W. Norris and J. Sim, "Computing Receptive Fields of Convolutional
Neural Networks", Distill, 2019, doi:10.23915/distill.00021, with its definitions of size, effective stride
and effective padding. Where that article has a closed formula for one path, here every unit's interval is
carried from node to node, so that branches, gaps and uneven steps need no special case.

The effective field follows W. Luo et al., "Understanding the Effective Receptive Field in Deep Convolutional
Neural Networks", NeurIPS 2016, arXiv:1701.04128: the gradient of the unit with respect to the pixels.
"""

from explainer.tracing.receptive.effective import average_effective_receptive_field, effective_receptive_field
from explainer.tracing.receptive.fields import FieldTable, ReceptiveField, receptive_field, receptive_fields

__all__ = [
    "FieldTable",
    "ReceptiveField",
    "average_effective_receptive_field",
    "effective_receptive_field",
    "receptive_field",
    "receptive_fields",
]
