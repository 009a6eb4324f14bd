"""Put every line of code into an element of its own: a narrow page wraps it with an indent."""

from pygments.formatters import HtmlFormatter


class LineFormatter(HtmlFormatter):
    r"""Pygments' own, whose lines are whole: it closes what is open at the end of each.

    >>> from pygments import highlight
    >>> from pygments.lexers import PythonLexer
    >>> made = highlight("a = 1\nb = 2\n", PythonLexer(), LineFormatter())
    >>> made.count('<span class="code-line">')
    2
    """

    def wrap(self, source):
        """Yield the lines, each within its element."""
        lines = (
            (is_code, f'<span class="code-line">{line}</span>' if is_code else line)
            for is_code, line in source
        )
        yield from super().wrap(lines)


def use_lines(app):
    """Hand the formatter to the builder."""
    if app.builder.format == "html":
        app.builder.highlighter.formatter = LineFormatter


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", use_lines)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
