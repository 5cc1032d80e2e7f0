"""Chromium without a window, spoken to over a pipe (DevTools protocol): no driver, no port.

    with Browser(directory) as browser:
        page = browser.open(url, width=320, dark=True)
        page.value("document.title")
        page.screenshot(path)
        page.violations, page.console, page.requests   # what the browser had to say of it

Nothing of this needs scripts in the page: open(scripts=False) forbids them, and page.find() and its
like still work.

SPDX-License-Identifier: MIT
"""
import base64
import fcntl
import json
import os
import pathlib
import shutil
import subprocess

PROGRAM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "--hide-scrollbars"]

# Where pictures are kept, for people to look at.
PICTURES = pathlib.Path(os.environ.get("TLSRPTD_PICTURES") or pathlib.Path(os.environ.get("TLSRPTD_BUILD", "/tmp")) / "pictures")

# The smallest contrast (WCAG 2.2, 1.4.3) between text and what is behind it, over all text.
CONTRAST = """
(() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.length == 3 || colour[3] == 1) return colour;
    }
    return [255, 255, 255];
  };
  let worst = [99, ''];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, walker.currentNode.textContent];
  }
  return worst;
})()
"""


def told(page, method, parameters):
    """Sorts what the browser says of a page."""
    if method == "Network.requestWillBeSent":
        page.requests.append(parameters["request"]["url"])
    elif method == "Page.loadEventFired":
        page.loads += 1
    elif method == "Runtime.consoleAPICalled":
        page.console.append(" ".join(str(each.get("value", each.get("description"))) for each in parameters["args"]))
    elif method == "Runtime.exceptionThrown":
        page.console.append(parameters["exceptionDetails"]["text"])
    elif method == "Log.entryAdded":
        entry = parameters["entry"]
        page.console.append(f"{entry['source']} {entry['level']}: {entry['text']} {entry.get('url', '')}")
    elif method == "Audits.issueAdded":
        issue = parameters["issue"]
        (page.violations if issue["code"] == "ContentSecurityPolicyIssue" else page.trouble).append(str(issue))
    elif method == "Network.loadingFailed":
        page.trouble.append(parameters["errorText"])
    elif method == "Page.javascriptDialogOpening":
        page.trouble.append("dialog: " + parameters["message"])


class Page:
    """One page in a tab of its own."""

    def __init__(self, browser, width, height, scripts):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.pages[self.session] = self
        self.forget()
        for domain in ("Page", "Log", "Network", "Runtime", "Audits", "DOM", "CSS"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        if not scripts:
            self.call("Emulation.setScriptExecutionDisabled", value=True)

    def resize(self, width, height=900):
        self.width = width
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def forget(self):
        """What was seen until now."""
        self.requests = []  # URLs that were asked for
        self.violations = []  # of the Content-Security-Policy
        self.console = []  # messages, of scripts and of the browser itself
        self.trouble = []  # of any other kind: what was not loaded, issues, dialogs
        self.loads = 0

    def media(self, kind="", **features):
        """E.g. media("print"), media(prefers_color_scheme="dark", forced_colors="active")."""
        self.call("Emulation.setEmulatedMedia", media=kind,
                  features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def go(self, url):
        self.forget()
        self.call("Page.navigate", url=url)
        self.loaded()

    def loaded(self):
        """Waits for the load that was begun since forget()."""
        while not self.loads:
            self.browser.take(self.browser.message())

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
        del self.browser.pages[self.session]

    def call(self, method, **parameters):
        return self.browser.call(method, self, **parameters)

    def value(self, expression, world=None):
        """What a JavaScript expression gives in the page; promises are waited for."""
        where = {"contextId": world} if world else {}
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, **where)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def world(self):
        """A world for scripts of our own, which see the page and not its scripts nor its policy."""
        frame = self.call("Page.getFrameTree")["frameTree"]["frame"]["id"]
        return self.call("Page.createIsolatedWorld", frameId=frame, worldName="tests")["executionContextId"]

    def press(self, key, code, text=None):
        """TEXT: what the key types, if pressing it is to do more than move."""
        for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      **({"text": text} if text and kind == "keyDown" else {}))

    # without scripts

    def address(self):
        return self.call("Page.getFrameTree")["frameTree"]["frame"]["url"]

    def find(self, selector):
        """Attributes of the first element that fits; None if none does."""
        root = self.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        if not node:
            return None
        flat = self.call("DOM.getAttributes", nodeId=node)["attributes"]
        return dict(zip(flat[::2], flat[1::2]))

    def markup(self, selector):
        root = self.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        return self.call("DOM.getOuterHTML", nodeId=node)["outerHTML"] if node else ""

    def style(self, selector):
        """Computed, as {name: value}."""
        root = self.call("DOM.getDocument", depth=0)["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        return {each["name"]: each["value"] for each in self.call("CSS.getComputedStyleForNode", nodeId=node)["computedStyle"]}

    # pictures

    def screenshot(self, path, height=None):
        """All of the page, or the uppermost HEIGHT pixels."""
        height = height or self.call("Page.getLayoutMetrics")["cssContentSize"]["height"]
        clip = {"x": 0, "y": 0, "width": self.width, "height": height, "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        path.write_bytes(base64.b64decode(data))

    def print_to(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.printToPDF", printBackground=False, paperWidth=8.27, paperHeight=11.69)["data"]))


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
        self.pages = {}  # by session
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
            self.take(answer)

    def take(self, event):
        """Keeps an event, and tells the page of it."""
        self.events.append(event)
        page = self.pages.get(event.get("sessionId"))
        if page:
            told(page, event.get("method"), event.get("params", {}))

    def wait_for(self, page, method):
        while not any(event.get("method") == method and event.get("sessionId") == page.session for event in self.events):
            self.take(self.message())

    def open(self, url, width=1440, height=900, dark=False, scripts=True, **features):
        page = Page(self, width, height, scripts)
        page.media(prefers_color_scheme="dark" if dark else "light", **features)
        page.go(url)
        return page
