"""How a Python peer is served over HTTP: on the port `$PORT` of the loopback interface, which is said once it is open.
With 0 it is any free one."""

import os
import socket

import uvicorn


def serve(app) -> None:
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
    print(f"listening on port {listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=0)
    uvicorn.Server(config).run(sockets=[listener])
