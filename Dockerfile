# The product's image. Works with the classic builder (Docker 20.10) as well as with BuildKit, and on Alpine as well as on
# Debian: `docker build --build-arg NODE_IMAGE=node:26-slim .`
ARG NODE_IMAGE=node:26-alpine

FROM ${NODE_IMAGE} AS packages
# For those behind a registry mirror, and for those whose proxy has a certificate authority of its own (PEM text). Unset,
# npm asks where it always asks and trusts whom it always trusts. Neither reaches the final image.
ARG NPM_CONFIG_REGISTRY
ARG EXTRA_CA_CERTS
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: the only native parts (ssh2's optional ones) speed up what this product does not do.
RUN if [ -n "$EXTRA_CA_CERTS" ]; then printf '%s\n' "$EXTRA_CA_CERTS" > /tmp/ca.pem; export NODE_EXTRA_CA_CERTS=/tmp/ca.pem; fi \
  && npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -iname '*.md' -o -name '*.markdown' \) ! -iname '*licen[cs]e*' ! -iname '*notice*' -delete \
  && rm -rf node_modules/@types node_modules/.package-lock.json node_modules/*/test node_modules/*/tests node_modules/*/docs node_modules/zod/src \
  && find node_modules -type d -empty -delete
COPY rules ./rules
COPY tools/strip-types.ts /tmp/strip-types.ts
COPY watchdog ./watchdog
RUN node --disable-warning=ExperimentalWarning /tmp/strip-types.ts watchdog
# Whatever umask the files were checked out under, the user that is not root must be able to read them.
RUN chmod -R a+rX,go-w /app

FROM ${NODE_IMAGE}
RUN { command -v tini && command -v busybox; } \
  || { command -v apk && apk add --no-cache tini; } \
  || { apt-get update && apt-get install -y --no-install-recommends tini busybox && rm -rf /var/lib/apt/lists/*; }
# A named volume that is mounted here for the first time inherits this owner. /run/watchdog is for what others may read.
RUN mkdir /data /run/watchdog && chown 1000:1000 /data /run/watchdog && chmod 750 /run/watchdog \
  && printf '#!/bin/sh\nexec node --disable-warning=ExperimentalWarning --import=/app/watchdog/stripped.mjs /app/watchdog/entrypoint.ts "$@"\n' > /usr/local/bin/watchdog \
  && chmod 755 /usr/local/bin/watchdog
COPY --from=packages /app /app
WORKDIR /app
ENV NODE_ENV=production WATCHDOG_DATA=/data WATCHDOG_HOST=0.0.0.0
VOLUME ["/data"]
EXPOSE 8099
# busybox, not node: a probe every ten seconds must not start a second runtime.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD busybox wget -q -O /dev/null "http://127.0.0.1:${WATCHDOG_PORT:-8099}/healthz" || exit 1
ARG VERSION=dev
LABEL org.opencontainers.image.title="Compose Watchdog" \
  org.opencontainers.image.description="Kubernetes-style self-healing for Docker Compose, as a sidecar." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  compose-watchdog.self="true"
# Root only until the entrypoint has found the group of the engine's socket; it drops root before anything else runs and
# then hands over to tini as PID 1. Not the other way round: a tini that stays root could not pass SIGTERM on to a process
# of another user without CAP_KILL.
ENTRYPOINT ["watchdog"]
CMD ["run"]
