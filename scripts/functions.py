"""The functions that a command line names."""

from bootstrap.check.findings import did_you_mean
from bootstrap.description import FunctionSpec, Stack
from bootstrap.settings import SettingsError


def find_function(stack: Stack, name: str) -> FunctionSpec:
    """Find a function of the stack.

    Raises:
        SettingsError: It has no such function.
    """
    functions = {function.name: function for function in stack.functions}
    if name not in functions:
        advice = did_you_mean(name, functions) or f"it has {', '.join(functions)}"
        raise SettingsError(f"stack {stack.name} has no function {name}: {advice}")
    return functions[name]
