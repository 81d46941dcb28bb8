# The worker. Debian, not Alpine: Temporal's core-bridge has no build for musl.
FROM node:24.22.3-bookworm-slim AS build
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.mjs scripts/
COPY openapi openapi
COPY src src
COPY simulator simulator
RUN node scripts/build.mjs
# The simulator of the demo runs from this stage: what it needs is here, and nothing of it in the worker's image.
USER node

FROM node:24.22.3-bookworm-slim AS dependencies
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
# core-bridge brings five platforms; this one is enough.
RUN npm ci --omit=dev \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM node:24.22.3-bookworm-slim
# The slim image has no certificate authorities, and Temporal's client looks for them there.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production
ENV METRICS_ADDRESS=0.0.0.0:9464
# Where a DuckDB file would be; a volume mounted here takes over the owner.
RUN mkdir data && chown node:node data
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/workflow-bundle*.js dist/
COPY --from=build /app/dist/openapi dist/openapi
COPY --from=build /app/dist/src dist/src
USER node
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=15s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://' + process.env.METRICS_ADDRESS + '/ready').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/worker.js"]
