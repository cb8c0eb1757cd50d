"""Servers to compare with: nginx over files of the same bytes, and tipg over the same tables."""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from api.serve import free_port
from scripts.benches.ground import REPOSITORY
from scripts.benches.peers.environment import peers_python

_NGINX = """
worker_processes 1;
worker_cpu_affinity 01;
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=10000 inactive=600s;
  open_file_cache_valid 600s;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
    default_type application/vnd.mapbox-vector-tile;
    add_header Content-Encoding gzip;
    add_header Cache-Control "private, no-cache";
    add_header Vary accept-encoding;
  }}
}}
"""


@contextmanager
def nginx(folder: Path, bodies: Mapping[str, bytes]) -> Iterator[tuple[int, int]]:
    """nginx with one worker pinned to core 0, over files of these paths and gzipped bodies; its port and its process."""
    port = free_port()
    for path, body in bodies.items():
        file = folder / "files" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    configuration = folder / "nginx.conf"
    text = _NGINX.format(folder=folder, port=port)
    configuration.write_text(text if os.getuid() == 0 else text.replace("user root;\n", ""))
    with running(
        ["/usr/sbin/nginx", "-c", str(configuration), "-p", str(folder)], port, next(iter(bodies)), {}
    ) as process:
        yield port, process


@contextmanager
def tipg(url: str) -> Iterator[int]:
    """tipg over the schema `layers` of the database at `url`, one worker; its port."""
    port = free_port()
    environment = {
        "DATABASE_URL": url,
        "TIPG_DB_SCHEMAS": '["layers"]',
        # its own limit of 10,000 features a tile would leave most of a town out at z12
        "TIPG_MAX_FEATURES_PER_TILE": "200000",
    }
    command = [str(peers_python()), "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "warning"]
    with running(command, port, "/healthz", environment):
        yield port


_PYGEOAPI = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://127.0.0.1:{port}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  languages: [en-US]
  limits: {{default_items: 10, max_items: 10000}}
  map: {{url: "", attribution: ""}}
logging: {{level: ERROR}}
metadata:
  identification:
    {{title: peer, description: peer, keywords: [peer], keywords_type: theme, terms_of_service: none, url: http://127.0.0.1}}
  license: {{name: none, url: http://127.0.0.1}}
  provider: {{name: none, url: http://127.0.0.1}}
  contact: {{name: none, position: none}}
resources:
  cadastral:
    type: collection
    title: cadastral
    description: cadastral
    keywords: [peer]
    extents: {{spatial: {{bbox: [140, 37, 141, 38], crs: http://www.opengis.net/def/crs/OGC/1.3/CRS84}}}}
    links: []
    providers:
      - type: feature
        name: PostgreSQL
        data:
          {{host: "{host}", port: {database_port}, dbname: {name}, user: {user}, password: "{password}",
            search_path: [layers, public]}}
        id_field: fid
        table: cadastral
        geom_field: geom
        properties: [{fields}]
        storage_crs: http://www.opengis.net/def/crs/EPSG/0/6677
        crs: [http://www.opengis.net/def/crs/OGC/1.3/CRS84, http://www.opengis.net/def/crs/EPSG/0/6677]
"""


@contextmanager
def pygeoapi(folder: Path, url: str, fields: list[str]) -> Iterator[int]:
    """pygeoapi over the parcels of the database at `url` with these fields, one worker; its port."""
    port, address = free_port(), conninfo_to_dict(url)
    configuration, document = folder / "pygeoapi.yml", folder / "pygeoapi-openapi.yml"
    database = {
        "host": address["host"],
        "database_port": address["port"],
        "name": address["dbname"],
        "user": address["user"],
        "password": address["password"],
    }
    configuration.write_text(_PYGEOAPI.format(port=port, fields=", ".join(fields), **database))
    environment = {"PYGEOAPI_CONFIG": str(configuration), "PYGEOAPI_OPENAPI": str(document)}
    program = str(peers_python().parent / "pygeoapi")
    command = [program, "openapi", "generate", str(configuration), "--output-file", str(document)]
    subprocess.run(command, check=True, env={**os.environ, **environment}, capture_output=True)
    server = [str(peers_python()), "-m", "uvicorn", "pygeoapi.starlette_app:APP", "--port", str(port)]
    with running([*server, "--log-level", "warning"], port, "/conformance", environment):
        yield port


@contextmanager
def running(command: list[str], port: int, path: str, environment: Mapping[str, str]) -> Iterator[int]:
    """A server until the block ends, asked at `path` whether it is there; its process."""
    process = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, **environment})
    try:
        wait_for(process, port, path)
        yield process.pid
    finally:
        process.terminate()
        process.wait(20)


def wait_for(process: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    """Wait until the server answers, be it with an error."""
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(f"{process.args!r} ended") from None
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")
