"""The gallery: a page that shows the pairs of a dataset, made of files alone."""

from quality.gallery.build import build_gallery

__all__ = ["build_gallery"]
