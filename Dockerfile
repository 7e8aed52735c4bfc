# Couplet in a container. docs/install.md says how to run it beside Prosody.
FROM denoland/deno:2.9.6 AS build
WORKDIR /build
COPY deno.json deno.lock ./
RUN deno install --frozen
COPY main.ts ./
COPY src ./src
RUN deno task compile

FROM debian:12.12-slim
# The socket's folder is setgid: whatever group the folder has, the socket has too.
RUN groupadd --gid 10001 couplet \
 && useradd --uid 10001 --gid couplet --home-dir /data --no-create-home --shell /usr/sbin/nologin couplet \
 && install -d -o couplet -g couplet -m 0700 /data \
 && install -d -o couplet -g couplet -m 2750 /run/couplet
COPY --from=build /build/dist/couplet-bin /usr/local/bin/couplet
ENV COUPLET_DATA_DIR=/data \
    COUPLET_HTTP_LISTEN=0.0.0.0:5290 \
    COUPLET_CONTROL_SOCKET=/run/couplet/control.sock \
    MALLOC_ARENA_MAX=1 \
    MALLOC_TRIM_THRESHOLD_=65536
USER 10001:10001
VOLUME ["/data", "/run/couplet"]
EXPOSE 5290
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5290 && printf 'GET /livez HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["couplet"]
CMD ["serve"]
