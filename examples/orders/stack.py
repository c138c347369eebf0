"""The orders on one screen: a Choice, a Parallel, a Map in a Map, a compensation, a queue and another account."""

from bootstrap.description import (
    ColumnSpec,
    ConsumerSpec,
    FunctionSpec,
    ItemSpec,
    MachineSpec,
    OptionSpec,
    QueueSpec,
    Stack,
    StartSpec,
)
from examples.orders.detail_types import DetailType

HANDLERS = "examples.orders.handlers"
CARRIER_ACCOUNT = "111122223333"

FUNCTIONS = (
    FunctionSpec(f"{HANDLERS}.reserve_stock", DetailType.RESERVE_STOCK),
    FunctionSpec(f"{HANDLERS}.release_stock", DetailType.RELEASE_STOCK),
    FunctionSpec(f"{HANDLERS}.charge_card", DetailType.CHARGE_CARD, timeout_seconds=10),
    FunctionSpec(f"{HANDLERS}.pick_item", DetailType.PICK_ITEM, memory_megabytes=128),
    FunctionSpec(f"{HANDLERS}.label_parcel", DetailType.LABEL_PARCEL, uses_bucket=True),
    FunctionSpec(f"{HANDLERS}.ship_order", DetailType.SHIP_ORDER, uses_bucket=True),
    FunctionSpec(
        f"{HANDLERS}.send_receipt", DetailType.ORDER_SHIPPED, waited_for=False, variables={"SENDER": "shop@example.com"}
    ),
)

MACHINE = MachineSpec(
    "OrdersMachine",
    "orders_machine.asl.json",
    starts=(
        StartSpec(DetailType.ORDER_PLACED, "OrderPlacedRule"),
        StartSpec(DetailType.ORDER_REOPENED, "OrderReopenedRule"),
    ),
    options=(OptionSpec("seed", "the same seed draws the same order, where the detail has no lines"),),
    items={"PackParcels": ItemSpec("parcel", "parcels"), "PickItems": ItemSpec("line", "lines")},
    report="0-order.json",
    columns=(
        ColumnSpec("parcels", "parcels", output="parcels", items_of="PackParcels"),
        ColumnSpec("amountCents", "cents", output="amountCents"),
    ),
)

STACK = Stack(
    "orders",
    (MACHINE,),
    FUNCTIONS,
    source="orders",
    prefix="Orders",
    queues=(QueueSpec("orderAudit", DetailType.ORDER_SHIPPED, retention_days=14),),
    consumers=(ConsumerSpec(CARRIER_ACCOUNT, FunctionSpec(f"{HANDLERS}.book_carrier", DetailType.ORDER_SHIPPED)),),
)
