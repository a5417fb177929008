"""A page is written again when something has changed that it shows of another.

Sphinx writes a page anew when its own source has changed. But each page also names others: in
the menu, in "previous" and "next", in links that show a title. So when a title, a number or a
place that can be linked to has changed, all pages are written; none is run for that.
"""


def what_others_show(env):
    """Return titles, numbers, order and link targets: all that one page shows of another."""
    return {
        "titles": {name: title.astext() for name, title in env.titles.items()},
        "numbers": dict(env.toc_secnumbers),
        "figures": dict(env.toc_fignumbers),
        "order": dict(env.toctree_includes),
        "targets": {kind: dict(env.domaindata["std"][kind]) for kind in ("labels", "objects")},
    }


def write_all_pages_if_that_has_changed(app, env):
    """Return the pages to write besides those that were read."""
    before, now = getattr(env, "shown_of_pages", None), what_others_show(env)
    env.shown_of_pages = now
    return [] if before == now else sorted(env.found_docs)


def setup(app):
    """Run when all pages are read and numbered, and before the first is written."""
    app.connect("env-get-updated", write_all_pages_if_that_has_changed, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
