# The image of arngate: the program, the libraries it loads, CA certificates, a user without rights; no shell.
#
#   docker build --build-arg COMMIT=$(git rev-parse --short HEAD) -t arngate .
#   buildah build --build-arg COMMIT=$(git rev-parse --short HEAD) -t arngate .
#
# Two targets have the same files: the last one, `arngate`, and `aws-iam-authenticator` (--target), which starts the program
# by that name and takes the place of that program's image in manifests that give arguments but no command.
#
# For another architecture (amd64, arm64): --platform linux/arm64. The same sources, base images and Debian packages give
# the same files; `--timestamp 0` (buildah) or SOURCE_DATE_EPOCH with rewrite-timestamp (BuildKit) gives the same layers.

ARG DEBIAN=bookworm

FROM docker.io/library/debian:${DEBIAN} AS build
ARG COMMIT=""
WORKDIR /src
# The list of packages changes rarely: a layer of its own keeps them between builds.
COPY scripts/install-deps scripts/install-deps
RUN scripts/install-deps build \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log /var/cache/ldconfig
COPY CMakeLists.txt CMakePresets.json LICENSE ./
COPY cmake cmake
COPY core core
COPY config config
COPY daemon daemon
COPY deploy deploy
COPY docs docs
COPY scripts scripts
RUN cmake --preset release -DARNGATE_BUILD_TESTS=OFF -DARNGATE_BUILD_BENCH=OFF -DARNGATE_COMMIT="${COMMIT}" \
        -DCMAKE_INSTALL_PREFIX=/usr \
    && cmake --build --preset release --target arngate \
    && scripts/image-root build/release/bin/arngate /image \
    && rm -rf build

FROM scratch AS runtime
ARG COMMIT=""
ARG VERSION="0.1.0"
LABEL org.opencontainers.image.title="arngate" \
      org.opencontainers.image.description="Lets a Kubernetes cluster trust AWS IAM identities" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.documentation="docs/"
COPY --from=build /image /
# As in /etc/passwd of the image; numbers, so that runAsNonRoot can tell.
USER 65532:65532
# kube-apiserver's webhook, health, metrics (if switched on).
EXPOSE 21362 21363 21364
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["/usr/bin/arngate", "health"]

FROM runtime AS aws-iam-authenticator
ENTRYPOINT ["/aws-iam-authenticator"]

FROM runtime AS arngate
ENTRYPOINT ["/usr/bin/arngate"]
