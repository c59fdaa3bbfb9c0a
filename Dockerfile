# Two stages: the first builds, the second runs and has neither compiler nor pip's cache.
FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /opt/claimbot
COPY requirements.txt ./
RUN /opt/claimbot/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY pyproject.toml README.md manifest.yaml ./
COPY bot bot
COPY jobs jobs
COPY models models
COPY rules rules
COPY sandbox sandbox
RUN /opt/claimbot/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation -e . \
    # Whoever runs it cannot write beside it.
    && /opt/claimbot/bin/python -m compileall -q bot jobs models rules sandbox

FROM python:3.13-slim
ENV PATH=/opt/claimbot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    DATA_DIR=/data
# 1000: the first user of most machines, who owns the folder with .env that is mounted at /settings.
RUN useradd --uid 1000 --create-home claimbot && install -d -o claimbot -g claimbot -m 750 /data /settings
COPY --from=build /opt/claimbot /opt/claimbot
COPY --from=build /app /app
USER 1000
# Where .env and directory.yaml are, when a folder is mounted here.
WORKDIR /settings
VOLUME /data
EXPOSE 3000
# serve finishes what is under way when it is told to stop.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '3000') + '/readyz', timeout=4)"]
ENTRYPOINT ["claimbot"]
CMD ["serve"]
