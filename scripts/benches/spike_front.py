"""nginx in front of the public application as docs/operations.md recommends it, on loopback, in a folder of its own."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CONFIGURATION = """
{user}
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000;
  proxy_cache_path {folder}/cache levels=1:2 keys_zone=onomap:32m max_size=1g inactive=10m use_temp_path=off;
  upstream onomap {{ {servers} keepalive 32; }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_cache onomap;
  proxy_cache_key $scheme$host$request_uri$http_accept;
  proxy_cache_lock on;
  proxy_cache_valid 200 204 10s;
  proxy_cache_use_stale updating timeout http_502 http_504;
  proxy_cache_background_update on;
  proxy_cache_revalidate on;
  add_header X-Cache $upstream_cache_status;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://onomap; }}
    location = / {{ proxy_ignore_headers Cache-Control; proxy_pass http://onomap; }}
    location ~ ^/(public|shared|i18n|lists|offline)/ {{ proxy_ignore_headers Cache-Control; proxy_pass http://onomap; }}
    location ~ ^/tiles/[a-z0-9_]+\\.pmtiles$ {{ proxy_cache off; proxy_buffering off; proxy_pass http://onomap; }}
  }}
}}
"""
_PATHS = "/usr/sbin:/sbin:/usr/bin:/bin"


@contextmanager
def nginx(folder: Path, port: int, upstreams: list[int]) -> Iterator[None]:
    """Serves at `port` until the block ends. Raises RuntimeError where nginx is not installed or does not come up."""
    program = shutil.which("nginx", path=_PATHS)
    if program is None:
        raise RuntimeError("nginx がありません。apt-get install nginx-light を実行してください。")
    servers = " ".join(f"server 127.0.0.1:{one};" for one in upstreams)
    configuration = folder / "nginx.conf"
    # a worker of another account could not read the folder
    user = "user root;" if os.geteuid() == 0 else ""
    text = _CONFIGURATION.format(user=user, folder=folder, servers=servers, port=port)
    configuration.write_text(text, encoding="utf-8")
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(configuration)])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise RuntimeError((folder / "error.log").read_text(encoding="utf-8")[-500:])
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)
