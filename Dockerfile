# One image for `serve`, `work` and `migrate`; Envoy and PostgreSQL run beside it (docker-compose.yml).
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /clipzy
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY clipzy_server clipzy_server
COPY clipzy_client clipzy_client
COPY gateway gateway
COPY gen gen
RUN .venv/bin/pip install --no-deps --no-build-isolation --no-index -e . && .venv/bin/python -m clipzy_server.app.warm && .venv/bin/python -m clipzy_server.app.materials requirements.lock > sbom.cdx.json

FROM python:3.11-slim-bookworm
RUN useradd --system --create-home --uid 10001 clipzy && mkdir /data && chown clipzy /data
# Its own, so that Numba may keep its cache of compiled kernels beside the sources.
COPY --from=build --chown=clipzy:clipzy /clipzy /clipzy
WORKDIR /clipzy
ENV PATH=/clipzy/.venv/bin:$PATH PYTHONUNBUFFERED=1 CLIPZY_DATA_DIR=/data
USER clipzy
VOLUME /data
ENTRYPOINT ["clipzy"]
CMD ["serve"]
