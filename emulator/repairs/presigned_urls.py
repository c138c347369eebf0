"""Presigned URLs of signature version 2 with a session's token, which boto3 signs by default within a function.

LocalStack 4.14.0 looks for the token under the name that version 4 gives it, and finds that the signature is wrong.
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#UsingTemporarySecurityCredentials
"""

from typing import Any

from localstack.services.s3 import presigned_url
from localstack.services.s3.presigned_url import PreSignedCredentials

TOKEN = "x-amz-security-token"  # noqa: S105  # a parameter's name


def find_tokens() -> None:
    """Take the token from where both versions have it."""
    get = presigned_url.get_credentials_from_parameters

    def get_with_token(parameters: Any, region: str) -> PreSignedCredentials:
        credentials = get(parameters, region)
        return credentials._replace(security_token=credentials.security_token or parameters.get(TOKEN))

    presigned_url.get_credentials_from_parameters = get_with_token
