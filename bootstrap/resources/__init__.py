"""One module for each kind of thing in the account."""
