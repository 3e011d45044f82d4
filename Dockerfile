# Build: compiles, then keeps only what runs.
FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
RUN npm run build
# pino-pretty is optional, for a person at a terminal.
RUN npm ci --ignore-scripts --omit=dev --omit=optional

# Run: the entrypoint of this image is node itself. It has no shell, and needs no file it could write to.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
ENV NODE_ENV=production
# A young generation of 4 MB, not 16: a tenth less memory, for a few hundredths of the CPU. Memory that is not V8's from one
# pool, and not from one for each thread.
ENV NODE_OPTIONS=--max-semi-space-size=4 \
    MALLOC_ARENA_MAX=1
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# By number, so that Kubernetes can tell that it is not root.
USER 65532:65532
EXPOSE 8080 9090
CMD ["dist/main.js"]
