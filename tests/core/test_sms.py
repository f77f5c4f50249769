"""Short messages: printed masked, kept sealed, or posted with a signature that the gateway can check."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import ProgrammingError, connection, transaction

from songhe.core import sms
from songhe.core.acting import acting, everywhere
from songhe.core.models import OutgoingMessage
from songhe.core.refusal import Refusal

TO, TEXT = "13800001234", "验证码 123456"


def test_console_shows_no_whole_number(settings, capsys):
    settings.SMS_BACKEND = "console"
    sms.send(TO, TEXT)
    said = capsys.readouterr().err
    assert "138****1234" in said
    assert TO not in said


@pytest.mark.django_db
def test_outbox_is_sealed_and_read_by_the_system_alone(settings):
    settings.SMS_BACKEND = "outbox"
    with acting([]):  # whoever sends: no area at all
        sms.send(TO, TEXT)
        assert not OutgoingMessage.objects.exists()
        assert sms.waiting() == []
    with everywhere():
        row = OutgoingMessage.objects.get()
        assert TO.encode() not in bytes(row.to_sealed)
        (message,) = sms.waiting()
        assert (message.to, message.text) == (TO, TEXT)
        assert sms.handed_over([message.pk]) == 1
        assert sms.waiting() == []
        row.refresh_from_db()
        assert bytes(row.text_sealed) == b""
        assert sms.handed_over([message.pk]) == 0


@pytest.mark.django_db
def test_nobody_writes_into_the_outbox_directly():
    sql = "INSERT INTO core_outgoing (to_sealed, text_sealed, state, created_at) VALUES ('', '', 'waiting', now())"
    with acting([]), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        connection.cursor().execute(sql)


@pytest.fixture
def gateway(settings):
    """A gateway that keeps what it was sent and answers `status`."""
    got = {"status": 200, "seen": []}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got["seen"].append((dict(self.headers), body))
            self.send_response(got["status"])
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.SMS_BACKEND, settings.SMS_SECRET = "http", "a secret of the gateway"
    settings.SMS_URL = f"http://127.0.0.1:{server.server_port}/send"
    yield got
    server.shutdown()
    server.server_close()


def test_http_is_signed(gateway):
    sms.send(TO, TEXT)
    ((headers, body),) = gateway["seen"]
    assert json.loads(body) | {"at": 0, "id": ""} == {"to": TO, "text": TEXT, "at": 0, "id": ""}
    moment = headers["X-Songhe-Time"]
    assert headers["X-Songhe-Signature"] == sms.signature(moment, body)
    assert sms.signature(moment, body + b" ") != headers["X-Songhe-Signature"]


def test_http_that_fails_says_so(gateway, settings):
    gateway["status"] = 500
    with pytest.raises(Refusal) as failed:
        sms.send(TO, TEXT)
    assert failed.value.code == "sms_failed"
    settings.SMS_URL = "http://127.0.0.1:9/"
    with pytest.raises(Refusal):
        sms.send(TO, TEXT)
    settings.SMS_URL = "file:///etc/passwd"
    with pytest.raises(Refusal) as unset:
        sms.send(TO, TEXT)
    assert unset.value.code == "sms_not_set"
