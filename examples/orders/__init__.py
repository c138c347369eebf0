"""Orders: reserve, charge and pack at once, label, ship; and take it all back when the card is declined."""
