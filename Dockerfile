# One image for every Airflow component and worker; renderers included, GPU servers not.
FROM python:3.11.14-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      chromium-headless-shell curl fontconfig fonts-dejavu fonts-liberation fonts-noto-cjk libcairo2 tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --home-dir /opt/airflow vermillion \
 && install -d -o vermillion -g vermillion /opt/airflow/logs /opt/vermillion

WORKDIR /opt/vermillion
COPY --chown=vermillion constraints.txt pyproject.toml README.md LICENSE ./
COPY --chown=vermillion records records
COPY --chown=vermillion sources sources
COPY --chown=vermillion corruptors corruptors
COPY --chown=vermillion policies policies
COPY --chown=vermillion renderers renderers
COPY --chown=vermillion endpoints endpoints
COPY --chown=vermillion annotators annotators
COPY --chown=vermillion quality quality
COPY --chown=vermillion train train
COPY --chown=vermillion vermillion vermillion
RUN pip install --no-cache-dir -c constraints.txt '.[cluster,offline-policies,s3]'
COPY --chown=vermillion dags dags
COPY --chown=vermillion configs configs

USER vermillion
ENV AIRFLOW_HOME=/opt/airflow PYTHONUNBUFFERED=1 VERMILLION_CONFIGS=/opt/vermillion/configs
ENTRYPOINT ["tini", "--"]
CMD ["airflow", "version"]
