# The base is pinned by its full version. A digest would pin its bytes too: look it up where there is a registry at hand
# (docker buildx imagetools inspect node:26.10.0-bookworm-slim) and append it to each FROM.

FROM node:26.10.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.ts scripts/build.ts
COPY src src
RUN npm run build

# The npm package `node` is a development dependency: the image runs the Node of its base.
FROM node:26.10.0-bookworm-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

# What a start loads is compiled once, here, for both roles. As the user that serves and with its flags: else it is not taken.
FROM node:26.10.0-bookworm-slim AS compiled
COPY --from=packages /packages/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
COPY package.json /app/
COPY bin /app/bin
COPY scripts/fill-compile-cache.ts /build/fill-compile-cache.ts
RUN mkdir /app/compile-cache && chown 1000:1000 /app/compile-cache
USER 1000:1000
RUN NODE_COMPILE_CACHE=/app/compile-cache node /build/fill-compile-cache.ts /app/bin/assay.js --expose-gc

FROM node:26.10.0-bookworm-slim
# The last three: what a start reads of a million revocations goes back to the system, rather than staying with the C library.
ENV NODE_ENV=production \
    ASSAY_CONFIG=/etc/assay/assay.yaml \
    NODE_COMPILE_CACHE=/app/compile-cache \
    MALLOC_ARENA_MAX=2 \
    MALLOC_TRIM_THRESHOLD_=65536 \
    MALLOC_MMAP_THRESHOLD_=65536
COPY --from=packages /packages/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
# Root's: a process cannot change what the next one runs.
COPY --from=compiled /app/compile-cache /app/compile-cache
COPY package.json LICENSE /app/
COPY bin /app/bin
COPY proto /app/proto
# All that is ever written lies here, so the root file system may be read-only.
RUN mkdir -p /var/lib/assay && chown 1000:1000 /var/lib/assay && chmod 0700 /var/lib/assay
WORKDIR /var/lib/assay
VOLUME /var/lib/assay
# `node` of the base image, as a number: orchestrators that demand a non-root user can see that it is none.
USER 1000:1000
EXPOSE 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["node", "/app/bin/assay.js", "health"]
# For more than one core: serve --workers auto, or ASSAY_WORKERS=auto.
# The flag: so that it can give back what its start needed.
ENTRYPOINT ["node", "--expose-gc", "/app/bin/assay.js"]
CMD ["serve"]
