# docker build -t faultlore .
# docker run --rm -v "$PWD:/work" -e GITHUB_TOKEN faultlore nightly
# docker run --rm -v "$PWD:/work" -p 127.0.0.1:8001:8001 faultlore serve --host 0.0.0.0
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements/run.lock requirements/run.lock
RUN python -m venv /opt/faultlore && /opt/faultlore/bin/pip install --no-cache-dir --require-hashes -r requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY kb kb
COPY miner miner
COPY data/demo data/demo
RUN /opt/faultlore/bin/pip install --no-cache-dir hatchling hatch-fancy-pypi-readme && /opt/faultlore/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim
COPY --from=build /opt/faultlore /opt/faultlore
# what it writes belongs to the folder that is mounted, not to the image
RUN useradd --create-home --uid 1000 faultlore
USER 1000
WORKDIR /work
ENV PATH="/opt/faultlore/bin:$PATH"
ENTRYPOINT ["faultlore"]
CMD ["--help"]
