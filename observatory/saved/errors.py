"""What can be wrong with a saved sandbox."""

from bootstrap.settings import SettingsError


class SavedFileError(SettingsError):
    """A file is no saved sandbox, or one that this version cannot use; the message says which and what to do."""
