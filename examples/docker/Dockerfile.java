# Java on distroless: no shell, no curl. A large heap starts slowly: give --start-period what the service needs.
#
#   docker build -f examples/docker/Dockerfile.java examples/docker

FROM eclipse-temurin:21-jdk AS build
WORKDIR /src
COPY App.java .
RUN ["javac", "-d", "/out", "App.java"]

FROM gcr.io/distroless/java21-debian13:nonroot
COPY --from=pith:0.2.0-dev /init /healthcheck /
COPY --from=build /out /app
ENV PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/healthcheck", "http://localhost:${PORT}/health"]
# The virtual machine's own status after TERM is 143; it means a clean stop.
ENTRYPOINT ["/init", "--exit-map", "143", "--", "/usr/bin/java", "-cp", "/app", "App"]
