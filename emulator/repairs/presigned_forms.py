"""Forms that are signed for S3: who signed them counts, and that they did.

LocalStack 4.14.0 looks at a form's policy and not at its signature, and holds the form for nobody's.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html and, for version 2,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/HTTPPOSTForms.html
"""

import base64
import functools
import hmac
from collections.abc import Mapping
from typing import Any

from localstack.aws.api import RequestContext
from localstack.services.s3 import presigned_url
from localstack.services.s3.presigned_url import S3PreSignedURLRequestHandler

REGION_OF_VERSION_2 = "us-east-1"


def know_who_signed_forms() -> None:
    """Take the name that a form is signed with for the caller's, if the signature is right."""
    handle = S3PreSignedURLRequestHandler.__call__

    @functools.wraps(handle)
    def handle_forms(self: Any, chain: Any, context: RequestContext, response: Any) -> None:
        handle(self, chain, context, response)
        service, request = context.service, context.request
        if service and service.service_name == "s3" and request.method == "POST" and _is_form(request):
            try:
                _sign_in(context, {name.lower(): value for name, value in request.form.items()})
            except Exception:
                # LocalStack's serializer asks for them.
                context.service, context.operation = self._service, self._get_op_from_request(request)
                raise

    S3PreSignedURLRequestHandler.__call__ = handle_forms


def _is_form(request: Any) -> bool:
    return "multipart/form-data" in request.headers.get("Content-Type", "")


def _sign_in(context: RequestContext, form: Mapping[str, str]) -> None:
    scope = form.get("x-amz-credential", "")
    key = scope.partition("/")[0] or form.get("awsaccesskeyid")
    if not key or "policy" not in form:
        return
    # A form without all that a signature takes is answered with what is missing.
    fields = presigned_url.SIGNATURE_V4_POST_FIELDS if scope else presigned_url.SIGNATURE_V2_POST_FIELDS
    presigned_url._is_match_with_signature_fields(dict(form), fields)
    parts = scope.split("/")[1:]
    region = parts[1] if scope else REGION_OF_VERSION_2
    secret = presigned_url.get_credentials_from_parameters({"AWSAccessKeyId": key}, region).secret_access_key
    signed = form["x-amz-signature" if scope else "signature"]
    if not hmac.compare_digest(_signature(secret, parts, form["policy"]), signed):
        raise presigned_url.create_signature_does_not_match_sig_v2(signed, form["policy"], key)
    context.access_key = key


def _signature(secret: str, scope: list[str], policy: str) -> str:
    if not scope:
        return base64.b64encode(hmac.digest(secret.encode(), policy.encode(), "sha1")).decode()
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, policy.encode(), "sha256").hex()
