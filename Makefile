# Containers of this checkout: docs/operations.md. For Podman: `make up-all DOCKER=podman`.
DOCKER ?= docker
COMPOSE := $(DOCKER) compose
PROFILES := $(addprefix --profile ,pipeline dashboard scheduler postgres airflow)
export LAKEVEIL_UID := $(shell id -u)
export LAKEVEIL_USER := $(shell id -u):$(shell id -g)

.PHONY: all up-all down

# The tests inside of the image.
all:
	$(DOCKER) build --target test -t lakeveil-test .
	$(DOCKER) run --rm lakeveil-test

# Everything. The sign-in token of the dashboard is in .secrets/dashboard.token.
up-all: .env .secrets/dashboard.token
	$(COMPOSE) $(PROFILES) up --build --detach

down:
	$(COMPOSE) $(PROFILES) --profile metabase down

.env:
	cp .env.example .env

.secrets/dashboard.token:
	mkdir -p -m 700 .secrets
	umask 077 && od -An -tx1 -N32 /dev/urandom | tr -d ' \n' > $@
