# Go on distroless: one static program, no shell, no curl.
#
#   docker build -f examples/docker/Dockerfile.go examples/docker

FROM golang:1.27 AS build
WORKDIR /src
COPY app.go .
ENV CGO_ENABLED=0
RUN ["go", "build", "-trimpath", "-o", "/out/app", "app.go"]

FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=pith:0.2.0-dev /init /healthcheck /
COPY --from=build /out/app /app
ENV PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
    CMD ["/healthcheck", "http://localhost:${PORT}/health"]
ENTRYPOINT ["/init", "--", "/app"]
