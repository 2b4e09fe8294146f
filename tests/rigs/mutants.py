"""Faults put into the product's own code while a test runs: what looks for such faults must find them."""

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of a function that says something else.

    Attributes:
        where: `module:function` or `module:Class.method`.
        line: Some text that stands in it once.
        instead: What is to stand there.
    """

    name: str
    where: str
    line: str
    instead: str


@contextmanager
def mutated(fault: Fault) -> Iterator[None]:
    """Let the fault be in the code, for all who call the function, until the end of the block.

    Raises:
        LookupError: The line does not stand there once: the code has changed, and the fault must follow.
    """
    module, _, path = fault.where.partition(":")
    function = _named(importlib.import_module(module), path)
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(fault.line) != 1:
        raise LookupError(f"{fault.where} has no single line {fault.line!r}")
    before = function.__code__
    function.__code__ = _compiled(source.replace(fault.line, fault.instead), function.__name__)
    try:
        yield
    finally:
        function.__code__ = before


def _named(module: ModuleType, path: str) -> FunctionType:
    found: object = module
    for name in path.split("."):
        found = getattr(found, name)
    assert isinstance(found, FunctionType)
    return found


def _compiled(source: str, name: str) -> CodeType:
    whole = compile(source, "<a fault>", "exec", dont_inherit=True)
    return next(one for one in whole.co_consts if isinstance(one, CodeType) and one.co_name == name)
