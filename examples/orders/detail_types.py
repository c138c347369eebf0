"""The detail types that the orders' machine, rules and handlers agree on."""

from enum import StrEnum

from handlers.shared import detail_types as shared


class DetailType(StrEnum):
    """What an event says; EventBridge rules match on it."""

    ORDER_PLACED = "orderPlaced"
    ORDER_REOPENED = "orderReopened"
    RESERVE_STOCK = "reserveStock"
    RELEASE_STOCK = "releaseStock"
    CHARGE_CARD = "chargeCard"
    PICK_ITEM = "pickItem"
    LABEL_PARCEL = "labelParcel"
    SHIP_ORDER = "shipOrder"
    ORDER_SHIPPED = "orderShipped"
    RECEIPT_SENT = "receiptSent"
    CARRIER_BOOKED = "carrierBooked"
    DONE = shared.DONE
