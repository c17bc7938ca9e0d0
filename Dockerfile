# syntax=docker/dockerfile:1
# Build: compile TypeScript and keep only what runs.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build \
  && npm ci --omit=dev --no-audit --no-fund \
  # The SQLite sources and the binaries of other platforms are dead weight in an image.
  && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
  && find node_modules/better-sqlite3/prebuilds -name '*.node' ! -name "linux-$(node -p process.arch).node" -delete

# Run: Node, the compiled code and its dependencies; no compiler, no npm cache, not root.
FROM node:24-slim
ENV NODE_ENV=production \
    SLUICE_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY bin ./bin
COPY config ./config
RUN mkdir data && chown node:node data
USER node
VOLUME /app/data
# 8080: apps. 8081: operators; reachable from outside only with SLUICE_ADMIN_HOST=0.0.0.0 and SLUICE_ADMIN_TOKEN.
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8081/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["bin/sluice"]
CMD ["serve", "--config", "config/sluice.yaml"]
