"""Objects whose files are the sandbox's own.

LocalStack 4.14.0 has one folder for the large objects of all sandboxes of a machine, and in it one for each bucket.
Where two have a bucket of the same name, the one that deletes it takes the other's folder with it: there, no large
object can be put any more, and the bucket's own deletion fails once it is done.
"""

import tempfile
from pathlib import Path

from localstack.services.s3 import provider


def keep_files_apart() -> None:
    """Put the objects of this sandbox where its other files are."""
    provider.DEFAULT_S3_TMP_DIR = str(Path(tempfile.gettempdir(), "objects"))
