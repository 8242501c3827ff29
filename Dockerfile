# The command as an image: `docker build -t lakeveil .`, then `docker run --rm lakeveil --help`.
# docs/operations.md says how to run it; the project is mounted at /project.
ARG NODE_IMAGE=docker.io/library/node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY . .
RUN npm run build

# `make all`
FROM build AS test
CMD ["npm", "test"]

FROM build AS production
RUN npm prune --omit=dev

# Airflow with the DAGs, and the command that they start.
FROM docker.io/apache/airflow:slim-3.3.2-python3.11 AS airflow
COPY airflow/requirements.txt airflow/constraints.txt /opt/lakeveil/
RUN pip install --no-cache-dir -r /opt/lakeveil/requirements.txt -c /opt/lakeveil/constraints.txt
COPY --from=production /usr/local/bin/node /usr/local/bin/node
COPY --from=production /app /app
COPY airflow/dags /opt/airflow/dags
ENV LAKEVEIL_COMMAND="node /app/bin/run.js" LAKEVEIL_PROJECT=/project

FROM ${NODE_IMAGE} AS runtime
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn*
COPY --from=production /app/package.json /app/README.md /app/LICENSE /app/
COPY --from=production /app/node_modules /app/node_modules
COPY --from=production /app/bin /app/bin
COPY --from=production /app/dist /app/dist
COPY --from=production /app/pipelines /app/pipelines
COPY --from=production /app/sql /app/sql
COPY --from=production /app/schemas /app/schemas
COPY --from=production /app/templates /app/templates
COPY --from=production /app/docs /app/docs
COPY --from=production /app/src/dashboard/assets /app/src/dashboard/assets
RUN mkdir /project /config && chown 1000:1000 /project /config
# Nothing is written outside of these, so the root file system can be read-only; temporary files go to /tmp.
VOLUME ["/project", "/config"]
ENV NODE_ENV=production XDG_CONFIG_HOME=/config HEALTH_PORT=8501
WORKDIR /project
USER 1000:1000
# Of the dashboard and the scheduler; other commands end by themselves.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.HEALTH_PORT + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/run.js"]
CMD ["--help"]
