# The mock and the kit in one small image: the mock is what it runs by itself.
FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY spec spec
COPY mock_server mock_server
COPY conformance conformance
RUN python -m venv /opt/contract \
    && /opt/contract/bin/python -m pip install --no-cache-dir --quiet --disable-pip-version-check \
       --constraint constraints.txt '.[redis]'

FROM python:3.13-slim
# git reads OLD contracts for `conformance diff REF:PATH`, also where somebody else owns the mount.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*' \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin contract
COPY --from=build /opt/contract /opt/contract
ENV PATH=/opt/contract/bin:$PATH PYTHONUNBUFFERED=1 MOCK_SERVER_HOST=0.0.0.0
WORKDIR /work
USER 10001
EXPOSE 4010
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=5 \
    CMD ["python", "-c", "import os, ssl, urllib.request as r; e = os.environ; tls = e.get('MOCK_SERVER_TLS_CERT'); r.urlopen(('https' if tls else 'http') + '://127.0.0.1:' + e.get('MOCK_SERVER_PORT', '4010') + '/__mock/health', timeout=2, context=ssl._create_unverified_context() if tls else None)"]
CMD ["mock-server"]
