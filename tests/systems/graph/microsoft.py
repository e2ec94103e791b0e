"""Run by Microsoft's own libraries in an environment of theirs: prints the request for a token that msal makes, and the
one for sendMail that msgraph-sdk makes. Nothing is sent."""

import json
import sys

import msal
from kiota_abstractions.method import Method
from msgraph import GraphServiceClient
from msgraph.generated.users.item.send_mail.send_mail_post_request_body import SendMailPostRequestBody

tenant, client, secret, mailbox = sys.argv[1:]


class Recorder:
    """Stands where msal would send."""

    def __init__(self) -> None:
        self.asked: dict[str, object] = {}

    def post(self, url, params=None, data=None, headers=None, **_):  # type: ignore[no-untyped-def]
        self.asked = {"url": url, "form": dict(data or {})}
        return Answer({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"})

    def get(self, url, **_):  # type: ignore[no-untyped-def]
        base = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
        return Answer(
            {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token", "issuer": base}
        )

    def close(self) -> None:
        pass


class Answer:
    status_code = 200

    def __init__(self, document: dict[str, object]) -> None:
        self.text = json.dumps(document)
        self.headers: dict[str, str] = {}

    def raise_for_status(self) -> None:
        pass


recorder = Recorder()
app = msal.ConfidentialClientApplication(
    client,
    authority=f"https://login.microsoftonline.com/{tenant}",
    client_credential=secret,
    http_client=recorder,
    instance_discovery=False,
)
app.acquire_token_for_client(["https://graph.microsoft.com/.default"])


class NoCredential:
    def get_token(self, *_, **__):  # type: ignore[no-untyped-def]
        raise AssertionError("nothing is sent")


graph = GraphServiceClient(NoCredential())
request = graph.users.by_user_id(mailbox).send_mail.to_post_request_information(SendMailPostRequestBody())
assert request.http_method is Method.POST
request.path_parameters["baseurl"] = "https://graph.microsoft.com/v1.0"
print(json.dumps({"token": recorder.asked, "method": request.http_method.value, "url": request.url}))
