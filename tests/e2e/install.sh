# shellcheck shell=sh
# What the tests of installing share: sourced with the build folder as first argument, after support/tap.sh.

build=$1
version=$(sed -n 's/.*PITH_VERSION "\(.*\)"/\1/p' include/pith/version.h)
arch=$(basename "$build")
archive=build/dist/pith-$version-image-$arch.tar
[ -z "${NO_ENGINE-}" ] || { echo "# skip: $NO_ENGINE" && ok "# SKIP an engine loads the image" true && plan && exit; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/pith-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export CONTAINERS_STORAGE_CONF="$work/storage.conf"
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$work/podman" "$work/run" >"$CONTAINERS_STORAGE_CONF"

# dockerfile NAME: the first Dockerfile of README.md, or one of examples/docker, in a context with what it copies.
dockerfile() {
    mkdir -p "$work/$1"
    install -m 755 "$build/app" "$work/$1/app" # whatever the umask: in the image another user runs it
    case $1 in
    readme) awk '/^```$/ && here { exit } here; /^```dockerfile$/ { here = 1 }' README.md >"$work/readme/Dockerfile" ;;
    *)
        cp "examples/docker/Dockerfile.$1" "$work/$1/Dockerfile"
        cp build/dist/pith-"$version"-linux-*.tar.gz build/dist/pith-"$version".tar.gz "$work/$1"
        (cd build/dist && sha256sum ./*.tar.gz | sed 's,\./,,') >"$work/$1/SHA256SUMS"
        ;;
    esac
}

# build NAME: by Docker; the app in the image starts, and is healthy.
build() {
    docker build --quiet --network host --tag "$1" "$work/$1" && runs "$1"
}
runs() {
    container=$(docker run --detach --network none --read-only --cap-drop all "$1")
    # shellcheck disable=SC2016 # healthcheck expands it
    await docker exec "$container" /healthcheck 'http://localhost:${PORT}/health' &&
        docker stop "$container" >/dev/null && [ "$(docker inspect --format '{{.State.ExitCode}}' "$container")" -eq 0 ]
}

docker_loads() { [ "$(docker load --quiet --input "$1")" = "Loaded image: pith:$2" ] && docker inspect "pith:$2" >/dev/null; }
podman_loads() { podman load --quiet --input "$1" && podman image exists "pith:$2"; }
podman_builds() {
    dockerfile readme && docker save gcr.io/distroless/static-debian13:nonroot | podman load --quiet &&
        podman build --quiet --pull=never --format docker --tag readme "$work/readme" &&
        podman image inspect --format '{{.HealthCheck.Test}}' readme | grep healthcheck
}
refused() { ! "$@"; }
