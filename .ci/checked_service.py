"""One running callgate, and requests to it: for the checks of this folder."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

START_SECONDS = 30
STOP_SECONDS = 15
REQUEST_SECONDS = 10


class Failure(Exception):
    """What was expected and what came, in one line."""


def expect(what, got, wanted):
    if got != wanted:
        raise Failure(f"{what}: is {got!r}, should be {wanted!r}")


class Service:
    """One running callgate, stopped by its own process id at the end."""

    def __init__(self, binary, folder, environment):
        # Only what it needs: a CALLGATE_ variable of the person who runs this must not change what is checked.
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": folder} | environment
        self.messages = open(os.path.join(folder, "messages"), "w+b")
        self.process = subprocess.Popen(
            [binary, "serve", "--host", "127.0.0.1", "--port", "0", "--database", os.path.join(folder, "check.sqlite")],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.messages)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.decode("utf-8", "replace").rstrip("\n"))
        self.lines.put(None)

    def wait_until_it_listens(self):
        """Returns its address and the operator's key, both from stdout, in whatever order they come."""
        address = key = None
        deadline = time.monotonic() + START_SECONDS
        while address is None or key is None:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise Failure(f"after {START_SECONDS} s: address {address}, operator key {'there' if key else 'missing'}") from None
            if line is None:
                raise Failure(f"callgate serve ended with {self.process.wait()} before it listened")
            if found := re.search(r"callgate listens on (http://127\.0\.0\.1:\d+)", line):
                address = found[1]
            if found := re.search(r"\bcg_(?:live|test)_[0-9A-Za-z]{36}\b", line):
                key = found[0]
        return address, key

    def stop(self):
        """Asks it to end, and insists after a while. Returns its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise Failure(f"callgate serve did not end within {STOP_SECONDS} s of SIGTERM") from None
        return self.process.returncode

    def show_messages(self):
        self.messages.seek(0)
        sys.stderr.write(self.messages.read().decode("utf-8", "replace"))


class Client:
    def __init__(self, address, key):
        self.address, self.key = address, key

    def __call__(self, method, path, body=None, status=200):
        request = urllib.request.Request(self.address + path, method=method)
        request.add_header("Authorization", f"Bearer {self.key}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        # No proxy of the environment stands between this and a service on the same machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=REQUEST_SECONDS) as answer:
                got, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            got, text = error.code, error.read()
        if got != status:
            raise Failure(f"{method} {path}: {got}, should be {status}: {text.decode('utf-8', 'replace')}")
        return json.loads(text)
