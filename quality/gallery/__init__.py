"""The gallery: a page that shows the pairs of a dataset, made of files alone."""

from quality.gallery.build import build_gallery, write_gallery
from quality.gallery.preview import GalleryBroken, draw_preview

__all__ = ["GalleryBroken", "build_gallery", "draw_preview", "write_gallery"]
