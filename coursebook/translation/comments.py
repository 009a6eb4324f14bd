"""Comments in Python code as messages; the code stays the same, which its syntax tree shows."""

import ast
import io
import re
import tokenize
from collections.abc import Callable

#: A comment that a program reads, not a person.
DIRECTIVE = re.compile(r"#\s*(noqa|type:|fmt:|pragma)")


def translated(code: str, translate: Callable[[str], str]) -> str:
    """Return code with every comment put through `translate`.

    Raises
    ------
    ValueError
        If the code would not be the same.

    >>> translated("w = 0  # the start", lambda text: "출발점")
    'w = 0  # 출발점'
    """
    lines = code.split("\n")
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return code  # an excerpt, which is no whole program
    for token in tokens:
        if token.type != tokenize.COMMENT or DIRECTIVE.match(token.string):
            continue
        (row, column), text = token.start, token.string.lstrip("#").strip()
        new = translate(text) if text else text
        if new != text:
            lines[row - 1] = f"{lines[row - 1][:column]}# {new}"
    made = "\n".join(lines)
    if made != code and ast.dump(ast.parse(made)) != ast.dump(ast.parse(code)):
        raise ValueError(f"a translated comment changes the code:\n{made}")
    return made
