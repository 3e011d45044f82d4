# The base images, pinned by digest, as tags can move. `npm run release:pin` updates the digests. To use a mirror:
#   docker build --build-arg BUILD_BASE=… --build-arg RUN_BASE=… .
ARG BUILD_BASE=docker.io/library/node:24-trixie-slim@sha256:173f125896c3b47ddf056734c7ea789d04595a6a08769a8f78e0df642781fb66
ARG RUN_BASE=gcr.io/distroless/nodejs24-debian13:nonroot@sha256:fbbdda866ea71aef98c4abece17e3d61fbf820cc2ef3961522caa2478716171a

# Build: checks and bundles. It uses the machine's own platform; the result runs on any.
FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY .ci/third-party-licenses.mjs ./.ci/
COPY src ./src
RUN npm run bundle:image

# Run: the entrypoint of this image is node itself. It has no shell and no node_modules, and writes no files.
# No HEALTHCHECK: Kubernetes probes the pods, see manifests/base/deployment.yaml.
FROM ${RUN_BASE}
LABEL org.opencontainers.image.title="samplesource-hook" \
      org.opencontainers.image.description="Knative's SampleSource: its hook for Metacontroller, and its receive adapter" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
# A young generation of 4 MB instead of 16 saves a tenth of the memory, and costs a few hundredths of the CPU. Memory
# outside of V8 comes from one pool, not from one for each thread.
ENV NODE_OPTIONS=--max-semi-space-size=4 \
    MALLOC_ARENA_MAX=1
WORKDIR /app
COPY package.json LICENSE NOTICE* ./
COPY --from=build /app/dist ./dist
# Numeric, so that Kubernetes can verify that it is not root.
USER 65532:65532
EXPOSE 8080 9090
CMD ["dist/main.js"]
