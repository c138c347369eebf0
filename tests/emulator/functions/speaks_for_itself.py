"""A function that speaks the runtime API, instead of AWS's client, over one connection."""

import http.client
import json
import os

VERSION = "/2018-06-01/runtime/invocation"
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def ask(method, path, body=None):
    connection.request(method, path, body)
    response = connection.getresponse()
    response.read()
    return response


while True:
    request = ask("GET", f"{VERSION}/next").headers["Lambda-Runtime-Aws-Request-Id"]
    refused = [
        ask(method, path, "{}").status
        for method, path in (
            ("POST", f"{VERSION}/another/response"),
            ("GET", f"{VERSION}/{request}/response"),
            ("GET", f"{VERSION}/next"),
            ("POST", "/2018-06-01/runtime/init/error"),
        )
    ]
    ask("POST", f"{VERSION}/{request}/response", json.dumps({"refused": refused}))
