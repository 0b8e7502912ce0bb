"""Lets a torchvision that was built for CUDA be imported beside a CPU build of torch.

Its compiled operators cannot load there, and it will not import unless two of them are at least
declared. Nothing here calls them. `scripts/train-setup` puts this file into its own environment
if, and only if, the import fails.
"""

import sys


class _Declare:
    """Declares the operators just before torchvision is first imported; no cost otherwise."""

    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            sys.meta_path.remove(self)
            import torch

            library = torch.library.Library("torchvision", "DEF")
            for operator in ("nms", "qnms"):
                library.define(f"{operator}(Tensor dets, Tensor scores, float threshold) -> Tensor")
            sys.modules[__name__].library = library  # it must outlive this call


sys.meta_path.insert(0, _Declare())
