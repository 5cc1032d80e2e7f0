"""Chromium without a window, spoken to over a pipe (DevTools protocol): no driver, no port.

    with Browser(directory) as browser:
        page = browser.open(url, width=320, dark=True)
        page.value("document.title")
        page.screenshot(path)

SPDX-License-Identifier: MIT
"""
import base64
import fcntl
import json
import os
import shutil
import subprocess

PROGRAM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "--hide-scrollbars"]


class Page:
    """One page in a tab of its own."""

    def __init__(self, browser, url, width, height, dark):
        self.browser = browser
        self.width = width
        self.trouble = []  # what the browser complained about: blocked styles, missing files
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Network", "Runtime"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.call("Page.navigate", url=url)
        browser.wait_for(self, "Page.loadEventFired")

    def call(self, method, **parameters):
        return self.browser.call(method, self, **parameters)

    def value(self, expression):
        """What a JavaScript expression gives in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key, code, text=None):
        """TEXT: what the key types, if pressing it is to do more than move."""
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      **({"text": text} if text and kind == "keyDown" else {}))

    def screenshot(self, path):
        height = self.value("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": self.width, "height": height, "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        path.write_bytes(base64.b64decode(data))


class Browser:
    """The process."""

    def __init__(self, directory):
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()

        def take_pipes():
            # Duplicates above 9 first: a pipe's own end may be 3 or 4.
            high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (to_read, back_write)]
            for fd, number in zip(high, (3, 4)):
                os.dup2(fd, number)

        self.process = subprocess.Popen([PROGRAM, *FLAGS, f"--user-data-dir={directory}"], close_fds=False,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=take_pipes)  # pylint: disable=subprocess-popen-preexec-fn
        os.close(to_read)
        os.close(back_write)
        self.rest = b""
        self.number = 0
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.to)  # the end of the pipe ends it
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.back)

    def message(self):
        while b"\0" not in self.rest:
            more = os.read(self.back, 1 << 16)
            assert more, "the browser has ended"
            self.rest += more
        text, _, self.rest = self.rest.partition(b"\0")
        return json.loads(text)

    def call(self, method, page=None, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if page:
            request["sessionId"] = page.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self.take(answer, page)

    def take(self, event, page):
        """Keeps an event; complaints go to the page."""
        self.events.append(event)
        parameters = event.get("params", {})
        if not page:
            return
        if event.get("method") == "Log.entryAdded" and parameters["entry"]["level"] in ("warning", "error"):
            page.trouble.append(parameters["entry"]["text"])
        if event.get("method") == "Network.loadingFailed":
            page.trouble.append(parameters["errorText"])

    def wait_for(self, page, method):
        while not any(event.get("method") == method and event.get("sessionId") == getattr(page, "session", None)
                      for event in self.events):
            self.take(self.message(), page)

    def open(self, url, width=1440, height=900, dark=False):
        return Page(self, url, width, height, dark)
