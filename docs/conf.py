"""The documentation as a site: ``make docs``. Warnings are errors there."""

import re

from sphinx.application import Sphinx

from model import __version__

project, author, version = "costclaim", "The costclaim authors", __version__
project_copyright = "The costclaim authors; code Apache-2.0, data CC-BY-4.0"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["screens"]
myst_heading_anchors = 3
napoleon_google_docstring = False
autodoc_typehints = "none"
html_theme, html_title = "furo", "costclaim"
html_theme_options = {"top_of_page_buttons": []}
html_show_sphinx = False

BESIDE = re.compile(r"\[([^\]]+)\]\(\.\./([^)]+)\)")  # a link to a file of the checkout that is no page of the site
PAGES = """

```{toctree}
:hidden:
:glob:

tutorial
method
*
```
"""


def _as_site(_: object, page: str, source: list[str]) -> None:
    """Name files beside docs/ instead of linking to them, and list the pages, which a reader of the checkout sees as files."""
    source[0] = BESIDE.sub(r"\1 (`\2`)", source[0]) + (PAGES if page == "index" else "")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _as_site)
