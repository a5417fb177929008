"""The pages of a book, of this one or of a course of one's own: one Sphinx extension.

A book asks for it in its ``_config.yml`` (``sphinx: extra_extensions: [dlbook.pages]``). It brings
the settings that all books share, the look, the formulas, the questions that answer in the page,
the search from disk, and so on. Each part is a module here; where a book has nothing for it, it
does nothing.
"""

from html import escape
from pathlib import Path

PARTS = (
    "mathml", "figure_alternatives", "exercise_pages", "live_figures", "check_yourself",
    "light_pictures", "light_pages", "light_styles", "glossary_links", "page_notebooks",
    "page_ways", "page_neighbours", "search_from_disk", "print_page",
)  # fmt: skip
HERE = Path(__file__).parent
HIDDEN = (".*", "**/.*")  # no page is in an environment, or in what an editor keeps

# What a book has where its _config.yml says nothing, or what Jupyter Book would do anyway.
SETTINGS = {
    "external_toc_exclude_missing": True,  # a page is what _toc.yml names
    "nb_execution_mode": "cache",  # `dlbook build` drops the cache when the package has changed
    # These are shown as they are stored; nbval runs them.
    "nb_execution_excludepatterns": ["exercises/*", "solutions/*"],
    "nb_execution_timeout": 120,  # seconds
    "nb_output_stderr": "remove-warn",  # a chapter's cell that warns makes the build fail
    "myst_enable_extensions": [
        "amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath", "smartquotes",
    ],
    "html_math_renderer": "mathml",  # formulas are part of the page: no script, no network
    "nb_ipywidgets_js": {"explore/host.js": {"defer": "defer"}},  # not three megabytes from a CDN
    "nb_number_source_lines": False,
    "nb_render_text_lexer": "none",
    "nb_merge_streams": True,
    "linkcheck_timeout": 10,  # for `dlbook links`, seconds
    "linkcheck_retries": 2,
}  # fmt: skip
CONTEXT = {"default_mode": "auto"}  # light or dark, as the reader's system has it
THEME = {
    "show_navbar_depth": 1,
    "use_download_button": False,  # page_ways has a menu of its own, in words
    "use_fullscreen_button": False,
    "navbar_persistent": [],  # one search field is enough: the one beside the chapters
}


def settle(app, config):
    """Give a book its settings; where its ``_config.yml`` says something else, that stands."""
    usual = what_jupyter_book_says()
    for name, value in SETTINGS.items():
        if name not in config.overrides or config[name] == usual.get(name):
            config[name] = value
    theme, usual_theme = config.html_theme_options, usual["html_theme_options"]
    own = {name: value for name, value in theme.items() if value != usual_theme.get(name)}
    config.html_theme_options = THEME | own  # Jupyter Book's own repository isn't the book's
    config.html_title = str(config.html_title)
    shown = escape(config.html_title, quote=False)
    if shown != config.html_title:  # the theme takes a title for HTML: "a < b" would end a page
        config.html_theme_options["logo"] = {"text": shown} | own.get("logo", {})
    config.html_context = CONTEXT | config.html_context
    config.html_static_path = [str(HERE / "static"), *config.html_static_path]
    config.templates_path = [*config.templates_path, str(HERE / "templates")]
    config.exclude_patterns = [*config.exclude_patterns, *HIDDEN]


def what_jupyter_book_says():
    """Return the settings that Jupyter Book hands over for a book that says nothing."""
    import yaml  # noqa: PLC0415 - only a build needs Jupyter Book
    from jupyter_book import config  # noqa: PLC0415

    first = config.get_default_sphinx_config()
    usual, *_ = config.yaml_to_sphinx(yaml.safe_load(config.PATH_YAML_DEFAULT.read_text("utf-8")))
    theme = first["html_theme_options"] | usual["html_theme_options"]
    return first | usual | {"html_theme_options": theme}


def setup(app):
    """Set up each part, before the theme and the table of contents read their settings."""
    app.add_config_value("dlbook_command", "dlbook", "env")  # which a reader types before "lab"
    app.add_config_value("dlbook_name_every_mistake", False, "env")
    app.connect("config-inited", settle, priority=100)
    app.add_css_file("dlbook.css", priority=800)  # before the book's own, which have the last word
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
