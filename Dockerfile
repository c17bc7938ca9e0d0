# syntax=docker/dockerfile:1
# docs/docker.md tells why it is as it is.

# The release that package.json pins for development, too. `node scripts/pin-base-image.ts` writes its digest here.
# renovate: datasource=docker depName=node versioning=node
ARG NODE_VERSION=24.21.0
ARG NODE_DIGEST=

# Compiles, and keeps only what runs. On the builder's own platform: nothing that is native is built, only chosen.
FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-bookworm-slim${NODE_DIGEST:+@$NODE_DIGEST} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build
# The bill of materials is that of what is installed: told to leave development out, npm also leaves out what both need.
RUN npm ci --omit=dev --no-audit --no-fund \
  && npm pkg delete devDependencies \
  && npm sbom --sbom-format=cyclonedx > sbom.cdx.json \
  && mkdir data
COPY scripts/prune-image.ts scripts/load-modules.ts ./scripts/
ARG TARGETARCH=amd64
RUN node scripts/prune-image.ts "linux-$(echo $TARGETARCH | sed s/amd64/x64/)"

# Node, the compiled code and its dependencies. Nothing is run here, so that any platform can be built on any other.
FROM node:${NODE_VERSION}-bookworm-slim${NODE_DIGEST:+@$NODE_DIGEST}
ARG NODE_VERSION
ARG NODE_DIGEST
ARG VERSION=0.1.0
ARG REVISION=
ARG CREATED=
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="An LLM gateway with rollouts between your apps and the model providers." \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.base.name="docker.io/library/node:$NODE_VERSION-bookworm-slim" \
      org.opencontainers.image.base.digest="$NODE_DIGEST"
# The heap is bounded by the container's memory: beyond it Node collects, instead of being killed.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-old-space-size-percentage=65 \
    SLUICE_HOST=0.0.0.0 \
    SLUICE_HEALTH_URL=http://127.0.0.1:8081/readyz
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/package.json /app/package-lock.json /app/sbom.cdx.json ./
COPY bin ./bin
COPY config ./config
COPY --from=build --chown=1000:1000 /app/data ./data
# The user `node` of the base, by number: Kubernetes can see that it is not root.
USER 1000:1000
VOLUME /app/data
# 8080: apps. 8081: operators; reachable from outside only with SLUICE_ADMIN_HOST=0.0.0.0 and SLUICE_ADMIN_TOKEN.
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(process.env.SLUICE_HEALTH_URL).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself, not the script's shell: it is the process that gets the signals.
ENTRYPOINT ["node", "bin/sluice"]
CMD ["serve", "--config", "config/sluice.yaml"]
