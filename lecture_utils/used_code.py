"""A digest of the code that a script uses, wherever that code lives.

Stored results belong to the code that made them. The digest says which code that is: what the
script reaches, from function to function, through the modules of the package. It changes when
that code does, and not when a module is renamed, a function moves or a neighbour is added.

What runs when a module is imported counts as soon as the module is imported: every statement but
imports, functions, classes and plain assignments. What cannot be followed counts whole: a module
that is passed on as a value or asked for a name that it does not bind, every module where code
looks names up by their text (`BY_TEXT`). Importing another library counts for nothing.
"""

import ast
import builtins
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

PACKAGE_FOLDER = Path(__file__).resolve().parent

#: Modules of the package that are no part of a digest: the data are pinned by digests of their
#: content, and the others write down what the rest found (`experiments` was the name of `results`).
OUTSIDE = frozenset({"datasets", "experiments", "results", "used_code"})

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

#: Calls and decorators that change nothing but what they return.
QUIET = frozenset({
    "bool", "bytes", "complex", "dict", "float", "frozenset", "int", "len", "list", "max", "min",
    "object", "range", "set", "slice", "sorted", "str", "sum", "tuple",
    "classmethod", "property", "staticmethod",
    "Exception", "KeyError", "OSError", "RuntimeError", "TypeError", "ValueError", "Warning",
    "abc.ABC", "abc.abstractmethod", "contextlib.contextmanager", "dataclasses.dataclass",
    "dataclasses.field", "enum.Enum", "functools.cache", "functools.cached_property",
    "functools.lru_cache", "functools.partial", "functools.wraps", "numpy.arange", "numpy.array",
    "numpy.float32", "numpy.float64", "numpy.linspace", "pathlib.Path", "re.compile",
    "tensorflow.function", "types.MappingProxyType", "typing.NamedTuple", "typing.Protocol",
    "typing.TypedDict", "typing.TypeVar",
})  # fmt: skip
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
_COMPREHENSION = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_IMPORT = ast.Import | ast.ImportFrom
_GLOBAL = object()  # stands for a name that a function declares as global


def code_digest(script: str | Path, *, package: Path = PACKAGE_FOLDER) -> str:
    r"""Return a digest of what `script` uses of its own code and of that in ``lecture_utils``.

    SHA-256 over the syntax trees of the functions, classes and constants that are reached, in
    the order in which the script leads to them, and over the files that their texts name.
    Comments, docstrings, formatting and line endings do not count, nor does where a definition
    lives, unless it asks (``__file__``), nor the modules in `OUTSIDE`. The same on every system
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


class _Module:
    """One file: what its names are bound to, and what runs when it is imported."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self.tree = ast.parse(path.read_bytes(), filename=str(path))
        self.bindings: dict[str, list[ast.stmt]] = {}
        self.stars: list[list[str]] = []
        for statement in self.tree.body:
            for bound in _bound_names([statement]):
                self.bindings.setdefault(bound, []).append(statement)
        for node in ast.walk(self.tree):
            if isinstance(node, _IMPORT):
                self.stars += [target[:-1] for _, target in _targets(node) if target[-1] == "*"]

    @cached_property
    def effects(self) -> list[ast.stmt]:
        """The statements that run at import and may do more than bind a name."""
        return [s for s in self.tree.body if not isinstance(s, _IMPORT) and not self._quiet(s)]

    def imported(self, name: str) -> list[str] | None:
        """Return where `name` comes from, if one import and nothing else binds it."""
        statements = self.bindings.get(name, [])
        if len(statements) == 1 and isinstance(statements[0], _IMPORT):
            return dict(_targets(statements[0]))[name]
        return None

    def _quiet(self, node: ast.AST | None) -> bool:
        """Return whether a statement or an expression does nothing but bind or return."""
        match node:
            case None | ast.Constant() | ast.Name() | ast.Lambda() | ast.Pass():
                return True
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return all(map(self._quiet_use, node.decorator_list)) and self._quiet(node.args)
            case ast.ClassDef():
                uses = [*node.decorator_list, *node.bases]
                return (
                    not node.keywords
                    and all(map(self._quiet_use, uses))
                    and all(map(self._quiet, node.body))
                    and not any(getattr(s, "name", None) == "__init_subclass__" for s in node.body)
                )
            case ast.Assign(targets=targets):
                return all(map(_binds_names, targets)) and self._quiet(node.value)
            case ast.AnnAssign() | ast.AugAssign():
                return _binds_names(node.target) and self._quiet(node.value)
            case ast.Call():
                parts = [*node.args, *(keyword.value for keyword in node.keywords)]
                return self._quiet_use(node.func) and all(map(self._quiet, parts))
            case ast.stmt() if not isinstance(node, ast.Expr):
                return False
            case ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom():
                return False
        return all(map(self._quiet, ast.iter_child_nodes(node)))

    def _quiet_use(self, node: ast.expr) -> bool:
        """Return whether calling, decorating with or inheriting from this changes nothing else."""
        if isinstance(node, ast.Call):
            return self._quiet(node)
        names = _dotted(node)
        if names is None:
            return False
        statements = self.bindings.get(names[0], [])
        if len(statements) == 1 and isinstance(statements[0], ast.ClassDef) and len(names) == 1:
            return self._quiet(statements[0]) and not _makes_more(statements[0])
        names = [*(self.imported(names[0]) or names[:1]), *names[1:]]
        return ".".join(names) in QUIET


class _Reach:
    """Follows a script from definition to definition."""

    def __init__(self, script: Path, package: Path) -> None:
        self.script, self.package, self.root = script, package, package.name
        self.modules = {"": _Module("", script)}
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
                body = _without_docstring(module.tree) if key == "*" else module.bindings[key]
            else:
                module = self.modules[list(self.executed)[n_executed]]
                n_executed += 1
                body = module.effects
            if body:
                found.append([_Reader(self, module).read(body, []), sorted(self.files_of(body))])
        return [found, sorted(self.beside.items())]

    def module(self, name: str) -> _Module | None:
        """Return the module of this dotted name in the package, if it is there."""
        if name not in self.modules:
            place = self.package.joinpath(*name.split(".")[1:])
            files = [place / "__init__.py", *([place.with_suffix(".py")] if "." in name else [])]
            path = next((path for path in files if path.is_file()), None)
            if path is None and not place.is_dir():
                return None
            self.modules[name] = _Module(name, path) if path else _Folder(name)
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
            for inner in _same_scope(node):
                if isinstance(inner, _IMPORT):
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

    def binding(self, module: _Module, name: str) -> _Module | None:
        """Return the module that binds `name`: this one, or one of which it takes all names."""
        if name in module.bindings:
            return module
        for star in module.stars:
            if star[0] == self.root and (inner := self.module(".".join(star))) is not None:
                found = None if self.is_outside(inner.name) else self.binding(inner, name)
                if found is not None:
                    return found
        return None

    def meaning(self, module: _Module, name: str, attributes: list[str]) -> tuple[list, list[str]]:
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


class _Folder(_Module):
    """A package without ``__init__.py``."""

    def __init__(self, name: str) -> None:
        self.name, self.tree, self.bindings, self.stars = name, ast.Module([], []), {}, []


class _Reader:
    """Turns code of one module into nested lists, the same for every version of Python."""

    def __init__(self, reach: _Reach, module: _Module) -> None:
        self.reach, self.module = reach, module

    def read(self, node: object, scopes: list) -> object:
        """Return a node as nested lists, with numbers in place of what lies elsewhere."""
        match node:
            case list():
                return [self.read(item, scopes) for item in node]
            case ast.Attribute() | ast.Name():
                return self.dotted(node, scopes)
            case ast.Import() | ast.ImportFrom():
                return self.import_statement(node, scopes)
            case ast.Constant(value=str()):
                self.follow_text(node.value)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                inner = [*scopes, ("function", _scope_of(node))]
                body = node.body if isinstance(node, ast.Lambda) else _without_docstring(node)
                return self.fields(node, scopes, body=self.read(body, inner))
            case ast.ClassDef():
                inner = [*scopes, ("class", _scope_of(node))]
                return self.fields(node, scopes, body=self.read(_without_docstring(node), inner))
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self.comprehension(node, scopes)
            case ast.Compare(comparators=[ast.Attribute() as within]):
                if _dotted(within) == ["sys", "modules"]:  # a comparison gets no module out of it
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
        names = _dotted(node)
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
                if names[name] is _GLOBAL:
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

    def import_statement(self, node: ast.Import | ast.ImportFrom, scopes: list) -> list:
        """Return what an import inside a function, or one of several of a name, brings."""
        self.reach.execute_import(node)
        found = []
        for name, target in _targets(node):
            if target[-1] == "*":
                if target[0] == self.reach.root and self.reach.module(".".join(target[:-1])):
                    self.reach.whole(".".join(target[:-1]))
            elif target[0] != self.reach.root:
                found.append([name, ".".join(target)])
            elif not scopes or scopes[-1][1].get(name) is None:  # bound in other ways, too
                found.append([name, *self.reach.follow(target)])
        return ["import", found]


def _targets(node: ast.Import | ast.ImportFrom) -> list[tuple[str, list[str]]]:
    """Return the names that an import binds, and the dotted name that each stands for."""
    if isinstance(node, ast.Import):
        return [
            (alias.asname, alias.name.split("."))
            if alias.asname
            else (alias.name.split(".")[0], alias.name.split(".")[:1])
            for alias in node.names
        ]
    if node.level:
        raise ValueError(f"relative import in line {node.lineno}: write it out from the package")
    return [
        (alias.asname or alias.name, [*node.module.split("."), alias.name]) for alias in node.names
    ]


def _same_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it, but nothing of functions, classes and comprehensions.

    Those are yielded themselves, comprehensions with the names that they bind outside.
    """
    yield node
    if isinstance(node, _COMPREHENSION):
        yield from (n for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
    elif isinstance(node, ast.Lambda | _FUNCTION):
        outside = [
            *getattr(node, "decorator_list", []),
            *node.args.defaults,
            *node.args.kw_defaults,
        ]
        for child in outside:
            if child is not None:
                yield from _same_scope(child)
    elif isinstance(node, ast.ClassDef):
        for child in [*node.decorator_list, *node.bases, *node.keywords]:
            yield from _same_scope(child)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _same_scope(child)


def _bound_names(body: Sequence[ast.AST]) -> dict[str, list[str] | object | None]:
    """Return the names that code binds in its own scope.

    Each with what it is imported from if one import alone binds it, else with None.
    """
    found: dict[str, list[str] | object | None] = {}

    def bind(name: str, target: list[str] | None = None) -> None:
        found[name] = None if name in found else target

    declared = {}
    for statement in body:
        for node in _same_scope(statement):
            match node:
                case ast.Name(ctx=ast.Store() | ast.Del()):
                    bind(node.id)
                case ast.NamedExpr():
                    bind(node.target.id)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    bind(node.name)
                case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar() if node.name:
                    bind(node.name)
                case ast.MatchMapping() if node.rest:
                    bind(node.rest)
                case ast.Import() | ast.ImportFrom():
                    for name, target in _targets(node):
                        if name != "*":
                            bind(name, target)
                case ast.Global():
                    declared |= dict.fromkeys(node.names, _GLOBAL)
                case ast.Nonlocal():
                    declared |= dict.fromkeys(node.names, None)
    for name, where in declared.items():
        found.pop(name, None)
        if where is _GLOBAL:
            found[name] = where
    return found


def _scope_of(node: ast.AST) -> dict[str, list[str] | object | None]:
    """Return the names that are local to a function, a lambda or the body of a class."""
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    found = _bound_names(body)
    if not isinstance(node, ast.ClassDef):
        found |= {n.arg: None for n in ast.walk(node.args) if isinstance(n, ast.arg)}
    found |= {parameter.name: None for parameter in getattr(node, "type_params", [])}
    return found


def _dotted(node: ast.AST) -> list[str] | None:
    """Return the names of ``a.b.c``, or None if this is something else."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else None


def _binds_names(target: ast.expr) -> bool:
    """Return whether an assignment binds names, rather than change what is in something."""
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_binds_names, target.elts))
    return isinstance(target, ast.Name)


def _runs_as_script(node: ast.stmt) -> bool:
    """Return whether a statement is ``if __name__ == "__main__":``."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def _makes_more(node: ast.ClassDef) -> bool:
    """Return whether making one of this class may do more than return it."""
    names = {getattr(statement, "name", None) for statement in node.body}
    return bool(names & {"__init__", "__new__", "__post_init__", "__init_subclass__"})


def _without_docstring(node: ast.AST) -> list[ast.stmt]:
    """Return the statements of a module, a class or a function."""
    return node.body[ast.get_docstring(node) is not None :]


def _texts(body: Sequence[ast.AST]) -> set[str]:
    """Return the texts in code that could name a file."""
    nodes = (node for statement in body for node in ast.walk(statement))
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {text for text in texts if re.fullmatch(r"[\w./ -]{1,200}", text) and "." in text}


def _file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
