"""Which names Python code binds, where it imports them from, and what runs at import.

What `lecture_utils.used_code` needs to know of scopes: syntax trees in, names out.
"""

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
COMPREHENSION = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
IMPORT = ast.Import | ast.ImportFrom

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

#: Stands for a name that a function declares as global.
GLOBAL = object()


class CodeFile:
    """One file: what its names are bound to, and what runs when it is imported."""

    def __init__(self, name: str, path: Path) -> None:
        self.name, self.path = name, path
        self.tree = ast.parse(path.read_bytes(), filename=str(path))
        self.bindings: dict[str, list[ast.stmt]] = {}
        self.stars: list[list[str]] = []
        for statement in self.tree.body:
            for bound in bound_names([statement]):
                self.bindings.setdefault(bound, []).append(statement)
        for node in ast.walk(self.tree):
            if isinstance(node, IMPORT):
                self.stars += [
                    target[:-1] for _, target in import_targets(node) if target[-1] == "*"
                ]

    @cached_property
    def effects(self) -> list[ast.stmt]:
        """The statements that run at import and may do more than bind a name."""
        return [s for s in self.tree.body if not isinstance(s, IMPORT) and not self._quiet(s)]

    def imported(self, name: str) -> list[str] | None:
        """Return where `name` comes from, if one import and nothing else binds it."""
        statements = self.bindings.get(name, [])
        if len(statements) == 1 and isinstance(statements[0], IMPORT):
            return dict(import_targets(statements[0]))[name]
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
                return all(map(binds_names, targets)) and self._quiet(node.value)
            case ast.AnnAssign() | ast.AugAssign():
                return binds_names(node.target) and self._quiet(node.value)
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
        names = dotted_name(node)
        if names is None:
            return False
        statements = self.bindings.get(names[0], [])
        if len(statements) == 1 and isinstance(statements[0], ast.ClassDef) and len(names) == 1:
            return self._quiet(statements[0]) and not _makes_more(statements[0])
        if statements and self.imported(names[0]) is None:
            return False  # no longer the built-in of this name
        names = [*(self.imported(names[0]) or names[:1]), *names[1:]]
        return ".".join(names) in QUIET


def import_targets(node: ast.Import | ast.ImportFrom) -> list[tuple[str, list[str]]]:
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


def same_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it, but nothing of functions, classes and comprehensions.

    Those are yielded themselves, comprehensions with the names that they bind outside.
    """
    yield node
    if isinstance(node, COMPREHENSION):
        yield from (n for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
    elif isinstance(node, ast.Lambda | FUNCTION):
        outside = [
            *getattr(node, "decorator_list", []),
            *node.args.defaults,
            *node.args.kw_defaults,
        ]
        for child in outside:
            if child is not None:
                yield from same_scope(child)
    elif isinstance(node, ast.ClassDef):
        for child in [*node.decorator_list, *node.bases, *node.keywords]:
            yield from same_scope(child)
    else:
        for child in ast.iter_child_nodes(node):
            yield from same_scope(child)


def bound_names(body: Sequence[ast.AST]) -> dict[str, list[str] | object | None]:
    """Return the names that code binds in its own scope.

    Each with what it is imported from if one import alone binds it, else with None.
    """
    found: dict[str, list[str] | object | None] = {}

    def bind(name: str, target: list[str] | None = None) -> None:
        found[name] = None if name in found else target

    declared = {}
    for statement in body:
        for node in same_scope(statement):
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
                    for name, target in import_targets(node):
                        if name != "*":
                            bind(name, target)
                case ast.Global():
                    declared |= dict.fromkeys(node.names, GLOBAL)
                case ast.Nonlocal():
                    declared |= dict.fromkeys(node.names, None)
    for name, where in declared.items():
        found.pop(name, None)
        if where is GLOBAL:
            found[name] = where
    return found


def scope_of(node: ast.AST) -> dict[str, list[str] | object | None]:
    """Return the names that are local to a function, a lambda or the body of a class."""
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    found = bound_names(body)
    if not isinstance(node, ast.ClassDef):
        found |= {n.arg: None for n in ast.walk(node.args) if isinstance(n, ast.arg)}
    found |= {parameter.name: None for parameter in getattr(node, "type_params", [])}
    return found


def dotted_name(node: ast.AST) -> list[str] | None:
    """Return the names of ``a.b.c``, or None if this is something else."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else None


def binds_names(target: ast.expr) -> bool:
    """Return whether an assignment binds names, rather than change what is in something."""
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(binds_names, target.elts))
    return isinstance(target, ast.Name)


def without_docstring(node: ast.AST) -> list[ast.stmt]:
    """Return the statements of a module, a class or a function."""
    return node.body[ast.get_docstring(node) is not None :]


def _makes_more(node: ast.ClassDef) -> bool:
    """Return whether making one of this class may do more than return it."""
    names = {getattr(statement, "name", None) for statement in node.body}
    return bool(names & {"__init__", "__new__", "__post_init__", "__init_subclass__"})
