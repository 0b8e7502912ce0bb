# One image for every Airflow component and worker; renderers included, GPU servers not.
FROM python:3.11.14-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      chromium-headless-shell curl fontconfig fonts-dejavu fonts-liberation fonts-noto-cjk libatomic1 libcairo2 \
      libgl1 libglib2.0-0 tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --home-dir /opt/airflow vermillion \
 # A volume that is mounted on one of these takes its owner over.
 && install -d -o vermillion -g vermillion /opt/airflow/logs /opt/airflow/replies /opt/airflow/huggingface \
      /opt/vermillion /opt/vermillion/secrets /opt/vermillion/data

WORKDIR /opt/vermillion
COPY --chown=vermillion constraints.txt pyproject.toml README.md LICENSE ./
COPY --chown=vermillion records records
COPY --chown=vermillion sources sources
COPY --chown=vermillion corruptors corruptors
COPY --chown=vermillion policies policies
COPY --chown=vermillion sandbox sandbox
COPY --chown=vermillion renderers renderers
COPY --chown=vermillion endpoints endpoints
COPY --chown=vermillion annotators annotators
COPY --chown=vermillion quality quality
COPY --chown=vermillion train train
COPY --chown=vermillion bench bench
COPY --chown=vermillion vermillion vermillion
ARG EXTRAS=cluster,cross-check,offline-policies,remote-logs,s3
RUN pip install --no-cache-dir -c constraints.txt ".[$EXTRAS]"
COPY --chown=vermillion dags dags
COPY --chown=vermillion configs configs

USER vermillion
ENV AIRFLOW_HOME=/opt/airflow PYTHONUNBUFFERED=1 VERMILLION_CONFIGS=/opt/vermillion/configs
ENTRYPOINT ["tini", "--"]
CMD ["airflow", "version"]
