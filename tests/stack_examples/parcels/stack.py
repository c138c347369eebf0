"""Weigh each parcel of a delivery, and label it; a consumer in another account hears of every label."""

from bootstrap.description import (
    ConsumerSpec,
    FunctionSpec,
    GrantSpec,
    ItemSpec,
    MachineSpec,
    QueueSpec,
    Stack,
    StartSpec,
)

DEPOT = "111122223333"

STACK = Stack(
    "parcels",
    machines=(
        MachineSpec(
            "DeliveryMachine",
            "delivery.asl.json",
            starts=(StartSpec("deliver", "DeliverRule"), StartSpec("deliverAgain", "DeliverAgainRule")),
            items={"EachParcel": ItemSpec("parcel", "parcels")},
            substitutions={"Heaviest": 30},
        ),
        MachineSpec("PrintMachine", "print.asl.json", starts=(StartSpec("print", "PrintRule"),), type="EXPRESS"),
    ),
    functions=(
        FunctionSpec(
            "tests.stack_examples.parcels.handlers.weigh_parcel",
            "weigh",
            timeout_seconds=10,
            memory_megabytes=128,
            variables={"QUEUE": "${labelsUrl}"},
            grants=(GrantSpec(("sqs:SendMessage",), "${labelsArn}"),),
        ),
        FunctionSpec("tests.stack_examples.parcels.handlers.praise_parcel", "weigh", waited_for=False),
    ),
    source="parcels",
    prefix="Parcels",
    item_key="parcel",
    queues=(QueueSpec("labels", event="label"), QueueSpec("returns", retention_days=1)),
    consumers=(ConsumerSpec(DEPOT, FunctionSpec("tests.stack_examples.parcels.handlers.take_in", "label")),),
)
