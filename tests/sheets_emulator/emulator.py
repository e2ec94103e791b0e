"""The emulator in the process of its tests: `with Emulator() as google: … google.url …`."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from . import control_routes
from .controls import Controls
from .http_types import Request, Response
from .server import Server
from .state_file import StateFile
from .world import World


class Emulator:
    """A Sheets and Drive server on loopback.

    `url` is the root of both services (`…/v4/spreadsheets`, `…/drive/v3/files`) and of `/token`; `control` has the test
    controls. Leaving the context raises when the emulator gave an answer that does not fit the discovery documents.
    """

    def __init__(self, port: int = 0, state: Path | None = None) -> None:
        self.world = World()
        self._server = Server(self._handle, port)
        self.url = self._server.url
        self.control = Controls(self.world, self.url)
        self._state = None if state is None else StateFile(self.world, state)

    def _handle(self, request: Request) -> Response:
        if request.path.startswith(control_routes.PREFIX):
            return control_routes.answer(self.control, request)
        return self.world.handle(request)

    def start(self) -> Emulator:
        if self._state is not None:
            self._state.open()
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()
        if self._state is not None:
            self._state.close()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if error is None and self.world.bugs:
            raise AssertionError("the emulator has a defect:\n" + "\n".join(self.world.bugs))


def serve(port: int, state: Path | None, stop: threading.Event) -> None:
    """Run until `stop` is set; say the address first."""
    emulator = Emulator(port, state).start()
    print(emulator.url, flush=True)
    stop.wait()
    emulator.stop()
