"""The documentation site: `make docs` builds it into out/site; every warning is an error."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project = "Vermillion"
author = "The Vermillion authors"
project_copyright = "The Vermillion authors; Apache License 2.0"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "Vermillion"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#c4321f", "color-brand-content": "#c4321f"},
    "dark_css_variables": {"color-brand-primary": "#ff6a55", "color-brand-content": "#ff6a55"},
}
exclude_patterns = ["hard-cases/*.py", "conf.py"]
myst_heading_anchors = 3
suppress_warnings = [
    "toc.not_included",  # the pages of single corruptions are reached from their table
    "misc.highlighting_failure",  # programs of samples are shown as they are, wrong ones included
    "myst.header",  # pages that are written from code begin with a comment
]
autodoc_typehints = "signature"
autodoc_default_options = {"member-order": "bysource", "exclude-members": "model_config"}
nitpicky = False
