"""A digest of the code that a script uses, wherever that code lives.

Stored results belong to the code that made them. The digest says which code that is: what the
script reaches, from function to function, through the modules of the package. It changes when
that code does, and not when a module is renamed, a function moves or a neighbour is added.

What runs when a module is imported counts as soon as the module is imported: every statement but
imports, functions, classes and plain assignments. What cannot be followed counts whole: a module
that is passed on as a value or asked for a name that it does not bind, every module where code
looks names up by their text (``BY_TEXT``). Importing another library counts for nothing.
"""

import ast
import builtins
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lecture_utils.names_in_code import (
    GLOBAL,
    IMPORT,
    CodeFile,
    dotted_name,
    import_targets,
    same_scope,
    scope_of,
    without_docstring,
)

PACKAGE_FOLDER = Path(__file__).resolve().parent

#: Modules of the package that are no part of a digest: the data are pinned by digests of their
#: content, the others write down what was found (`experiments` was the name of `results`), choose
#: the look of figures, and give memory back.
OUTSIDE = frozenset({
    "datasets", "experiments", "figure_style", "loaded_files", "names_in_code", "results",
    "used_code",
})  # fmt: skip

#: What reaches code by its name as a text, so that no syntax tree shows which. A whole library
#: is named when it is nothing else.
BY_TEXT = frozenset({
    "__dict__", "__globals__", "__import__", "__subclasses__", "dir", "eval", "exec", "globals",
    "vars", "gc", "importlib.import_module", "importlib.machinery", "importlib.reload",
    "importlib.util", "inspect", "pickle", "pkgutil", "runpy", "sys.modules",
})  # fmt: skip
#: What reads files that lie beside the code.
BESIDE_CODE = frozenset({"__file__", "__path__", "__spec__", "importlib.resources"})
#: Names that every module has for itself.
OF_THE_MODULE = frozenset({"__file__", "__name__", "__package__", "__path__", "__spec__"})


def code_digest(script: str | Path, *, package: Path = PACKAGE_FOLDER) -> str:
    r"""Return a digest of what `script` uses of its own code and of that in ``lecture_utils``.

    SHA-256 over the syntax trees of the functions, classes and constants that are reached, in
    the order in which the script leads to them, and over the files that their texts name.
    Comments, docstrings, formatting and line endings do not count, nor does where a definition
    lives, unless it asks (``__file__``), nor the modules in ``OUTSIDE``. The same on every system
    and for Python 3.11 to 3.13.

    Parameters
    ----------
    script : str or Path
        A Python file.
    package : Path
        Folder of the package ``lecture_utils``.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    FileNotFoundError
        If `script` does not exist.
    SyntaxError
        If a file is not valid Python.
    ValueError
        If a module that is used has a relative import.

    Examples
    --------
    >>> import tempfile
    >>> def digest_of(code):
    ...     with tempfile.TemporaryDirectory() as temporary:
    ...         script = Path(temporary, "script.py")
    ...         _ = script.write_text(f'{code}\nif __name__ == "__main__": print(f(1))')
    ...         return code_digest(script)
    >>> first = digest_of("def f(x): return x")
    >>> digest_of("def f(x): return (x)  # a comment\ndef unused(): ...") == first
    True
    >>> digest_of("def f(x): return 2 * x") == first
    False
    """
    canonical = json.dumps(_Reach(Path(script), package).items())
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


class _Reach:
    """Follows a script from definition to definition."""

    def __init__(self, script: Path, package: Path) -> None:
        self.script, self.package, self.root = script, package, package.name
        self.modules = {"": CodeFile("", script)}
        self.numbers: dict[tuple[str, str], int] = {}
        self.executed: dict[str, None] = {}
        self.beside: dict[str, str] = {}

    def items(self) -> list:
        """Return everything that is reached, as nested lists."""
        found, n_definitions, n_executed = [], 0, 0
        self.execute("")
        if not any(map(_runs_as_script, self.modules[""].tree.body)):
            self.whole("")  # another script imports it, and may use all of it
        while n_executed < len(self.executed) or n_definitions < len(self.numbers):
            if n_definitions < len(self.numbers):
                name, key = list(self.numbers)[n_definitions]
                n_definitions += 1
                module = self.modules[name]
                body = without_docstring(module.tree) if key == "*" else module.bindings[key]
            else:
                module = self.modules[list(self.executed)[n_executed]]
                n_executed += 1
                body = module.effects
            if body:
                found.append([_Reader(self, module).statements(body), sorted(self.files_of(body))])
        return [found, sorted(self.beside.items())]

    def module(self, name: str) -> CodeFile | None:
        """Return the module of this dotted name in the package, if it is there."""
        if name not in self.modules:
            place = self.package.joinpath(*name.split(".")[1:])
            files = [place / "__init__.py", *([place.with_suffix(".py")] if "." in name else [])]
            path = next((path for path in files if path.is_file()), None)
            if path is None and not place.is_dir():
                return None
            self.modules[name] = CodeFile(name, path) if path else _Folder(name)
        return self.modules[name]

    def is_outside(self, name: str) -> bool:
        """Return whether a module is no part of a digest."""
        return name.split(".")[1:2] != [] and name.split(".")[1] in OUTSIDE

    def execute(self, name: str) -> None:
        """Note that a module is imported, and what that imports."""
        if name in self.executed or self.is_outside(name):
            return
        self.executed[name] = None
        for node in self.modules[name].tree.body:
            for inner in same_scope(node):
                if isinstance(inner, IMPORT):
                    self.execute_import(inner)

    def execute_import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Note which modules of the package an import statement runs."""
        whole = [alias.name.split(".") for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            whole = [[*(node.module or "").split("."), *parts] for parts in whole]
        for parts in whole:
            if parts[0] == self.root:
                for n in range(1, len(parts) + 1):
                    name = ".".join(parts[:n])
                    if self.module(name) is None:
                        break
                    self.execute(name)
            elif (path := self.script.with_name(f"{parts[0]}.py")).is_file():
                self.beside[parts[0]] = _file_digest(path)

    def reach(self, module: str, name: str) -> list:
        """Return the number of a definition, or of a whole module if `name` is ``*``."""
        return ["ours", self.numbers.setdefault((module, name), len(self.numbers))]

    def whole(self, name: str) -> list:
        """Return the number of a module that counts whole."""
        if self.is_outside(name):
            return ["outside", "*"]
        self.execute(name)
        return self.reach(name, "*")

    def everything(self) -> None:
        """Count the whole package, because code asks for names that nobody can foresee."""
        for path in sorted(self.package.rglob("*.py")):
            parts = path.relative_to(self.package).with_suffix("").parts
            name = ".".join([self.root, *(part for part in parts if part != "__init__")])
            if self.module(name) is not None:
                self.whole(name)
        self.whole("")

    def follow(self, parts: Sequence[str]) -> tuple[list, list[str]]:
        """Return what a dotted name stands for, and the attributes that are asked of it."""
        if parts[0] != self.root:
            return ["library", ".".join(parts)], []
        name = self.root
        for n, part in enumerate(parts[1:], 1):
            module = self.module(name)
            inner = self.module(f"{name}.{part}")
            if not self.is_outside(name):
                found = self.binding(module, part)
                if found is not None:
                    return self.meaning(found, part, list(parts[n + 1 :]))
            if inner is None:
                if self.is_outside(name):
                    return ["outside", part], list(parts[n + 1 :])
                return self.whole(name), list(parts[n:])
            name = inner.name
        return self.whole(name), []

    def binding(self, module: CodeFile, name: str) -> CodeFile | None:
        """Return the module that binds `name`: this one, or one of which it takes all names."""
        if name in module.bindings:
            return module
        for star in module.stars:
            if star[0] == self.root and (inner := self.module(".".join(star))) is not None:
                found = None if self.is_outside(inner.name) else self.binding(inner, name)
                if found is not None:
                    return found
        return None

    def meaning(self, module: CodeFile, name: str, attributes: list[str]) -> tuple[list, list[str]]:
        """Return what a name of a module stands for, and the attributes that are asked of it."""
        target = module.imported(name)
        if target is not None:
            return self.follow([*target, *attributes])
        return self.reach(module.name, name), attributes

    def files_of(self, body: Sequence[ast.stmt]) -> Iterator[list[str]]:
        """Yield name and digest of each file that a text in the code names."""
        folders = {self.script.parent, self.package, self.package.parent}
        for text in sorted(_texts(body)):
            for folder in sorted(folders):
                path = folder / text
                if path.is_file() and path.suffix != ".py":
                    yield [ascii(text), _file_digest(path)]

    def files_beside_code(self) -> list[list[str]]:
        """Return name and digest of every file of the package that is no code."""
        return [
            [ascii(path.relative_to(self.package).as_posix()), _file_digest(path)]
            for path in sorted(self.package.rglob("*"))
            if path.is_file() and path.suffix not in (".py", ".pyc")
        ]


class _Folder(CodeFile):
    """A package without ``__init__.py``."""

    def __init__(self, name: str) -> None:
        self.name, self.tree, self.bindings, self.stars = name, ast.Module([], []), {}, []


class _Reader:
    """Turns code of one module into nested lists, the same for every version of Python."""

    def __init__(self, reach: _Reach, module: CodeFile) -> None:
        self.reach, self.module = reach, module

    def statements(self, body: Sequence[ast.stmt]) -> list:
        """Return statements of a module; their imports, which run first, by name at the end."""
        imports = [statement for statement in body if isinstance(statement, IMPORT)]
        others = [statement for statement in body if not isinstance(statement, IMPORT)]
        found = self.read(others, [])
        return [found, self.imports(imports, [])] if imports else found

    def read(self, node: object, scopes: list) -> object:
        """Return a node as nested lists, with numbers in place of what lies elsewhere."""
        match node:
            case list():
                return [self.read(item, scopes) for item in node]
            case ast.Attribute() | ast.Name():
                return self.dotted(node, scopes)
            case ast.Import() | ast.ImportFrom():
                return self.imports([node], scopes)
            case ast.Constant(value=str()):
                self.follow_text(node.value)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                inner = [*scopes, ("function", scope_of(node))]
                body = node.body if isinstance(node, ast.Lambda) else without_docstring(node)
                return self.fields(node, scopes, body=self.read(body, inner))
            case ast.ClassDef():
                inner = [*scopes, ("class", scope_of(node))]
                return self.fields(node, scopes, body=self.read(without_docstring(node), inner))
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self.comprehension(node, scopes)
            case ast.Compare(comparators=[ast.Attribute() as within]):
                if dotted_name(within) == [
                    "sys",
                    "modules",
                ]:  # a comparison gets no module out of it
                    return self.fields(node, scopes, comparators="sys.modules")
            case ast.JoinedStr():  # Python 3.12.1 adds empty texts to some f-strings
                values = [part for part in node.values if getattr(part, "value", None) != ""]
                return self.fields(node, scopes, values=self.read(values, scopes))
        if not isinstance(node, ast.AST):
            return None if node is None else ascii(node)
        return self.fields(node, scopes)

    def fields(self, node: ast.AST, scopes: list, **done: object) -> list:
        """Return type and fields of a node, those in `done` as given."""
        found = [type(node).__name__]
        for name, value in sorted(ast.iter_fields(node)):
            # Empty fields are left out because newer versions add some, such as type_params.
            if name in done or (value not in (None, []) and name != "type_comment"):
                found.append([name, done[name] if name in done else self.read(value, scopes)])
        return found

    def comprehension(self, node: ast.expr, scopes: list) -> list:
        """Return a comprehension; only its first iterable is evaluated outside of it."""
        targets = [generator.target for generator in node.generators]
        names = {n.id: None for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}
        inner = [*scopes, ("function", names)]
        first = self.read(node.generators[0].iter, scopes)
        return [first, self.fields(node, inner)]

    def dotted(self, node: ast.Attribute | ast.Name, scopes: list) -> object:
        """Return a name, or an attribute of something, as what it stands for."""
        names = dotted_name(node)
        if isinstance(node, ast.Attribute) and node.attr in BY_TEXT:
            self.reach.everything()
        if names is None:
            return self.fields(node, scopes)
        local, target = self.look_up(names[0], scopes)
        if local and target is None:
            rest = names
            found = ["local", rest.pop(0)]
        elif target is not None:
            found, rest = self.reach.follow([*target, *names[1:]])
        elif (module := self.reach.binding(self.module, names[0])) is not None:
            found, rest = self.reach.meaning(module, names[0], names[1:])
        else:
            found, rest = self.unbound(names)
        if found[0] == "library":
            found += self.beside_library(found[1].split("."))
        return [
            found,
            *rest,
            *([] if isinstance(node.ctx, ast.Load) else [type(node.ctx).__name__]),
        ]

    def look_up(self, name: str, scopes: list) -> tuple[bool, list[str] | None]:
        """Return whether a name is local, and what an import inside a function binds it to."""
        for depth, (kind, names) in enumerate(reversed(scopes)):
            if name in names and (kind == "function" or depth == 0):
                if names[name] is GLOBAL:
                    break
                if kind == "class" and self.reach.binding(self.module, name) is not None:
                    self.reach.meaning(self.reach.binding(self.module, name), name, [])
                return True, names[name]
        return False, None

    def unbound(self, names: list[str]) -> tuple[list, list[str]]:
        """Return a name that nothing in the module binds: a built-in, or one of every module."""
        first, *rest = names
        if first in BY_TEXT:
            self.reach.everything()
        for star in self.module.stars:
            if star[0] != self.reach.root and not hasattr(builtins, first):
                return ["library", ".".join([*star, "*", first])], rest
        if first in OF_THE_MODULE and self.module.name:
            files = self.reach.files_beside_code() if first in BESIDE_CODE else []
            return ["of the module", first, self.module.name, files], rest
        return ["built in", first], rest

    def beside_library(self, parts: list[str]) -> list:
        """Count everything, or return the files, where a library reaches them by their names."""
        heads = {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
        if heads & BY_TEXT:
            self.reach.everything()
        return [self.reach.files_beside_code()] if heads & BESIDE_CODE else []

    def follow_text(self, text: str) -> None:
        """Count a module whole whose dotted name stands in the code as a text."""
        if re.fullmatch(rf"{re.escape(self.reach.root)}(\.\w+)+", text):
            module = self.reach.module(text)
            if module is not None and not self.reach.is_outside(text):
                self.reach.whole(text)

    def imports(self, nodes: Sequence[ast.Import | ast.ImportFrom], scopes: list) -> list:
        """Return what imports bring that names alone do not show, sorted by the name they bind."""
        found = []
        for node in nodes:
            self.reach.execute_import(node)
        for name, target in sorted(pair for node in nodes for pair in import_targets(node)):
            if target[-1] == "*":
                if target[0] == self.reach.root and self.reach.module(".".join(target[:-1])):
                    self.reach.whole(".".join(target[:-1]))
            elif target[0] != self.reach.root:
                found.append([name, ".".join(target)])
            elif not scopes or scopes[-1][1].get(name) is None:  # bound in other ways, too
                found.append([name, *self.reach.follow(target)])
        return ["import", found]


def _runs_as_script(node: ast.stmt) -> bool:
    """Return whether a statement is ``if __name__ == "__main__":``."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def _texts(body: Sequence[ast.AST]) -> set[str]:
    """Return the texts in code that could name a file."""
    nodes = (node for statement in body for node in ast.walk(statement))
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {text for text in texts if re.fullmatch(r"[\w./ -]{1,200}", text) and "." in text}


def _file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
