"""Somebody runs an errand, and the machine waits for what is brought."""

from bootstrap.description import FunctionSpec, MachineSpec, Stack, StartSpec

STACK = Stack(
    "errands",
    machines=(MachineSpec("ErrandMachine", "errand.asl.json", starts=(StartSpec("askFor", "AskForRule"),)),),
    functions=(FunctionSpec("tests.stack_examples.errands.handlers.run_errand", "runErrand", uses_bucket=True),),
    source="errands",
    prefix="Errands",
    item_key="errand",
)
