# Everything a fresh machine needs is installed by `setup`, which the other targets run.
# Targets: build test unit lab-test demo bench docs lint clean

SHELL := /bin/bash
GO ?= go
LDFLAGS := -s -w
# The lab needs root and Linux; elsewhere its tests say so and are left out.
LAB_OK := $(shell [ "$$(uname -s)" = Linux ] && [ "$$(id -u)" = 0 ] && echo yes)

.PHONY: all build setup setup-test test unit lab-test demo bench docs lint clean

all: build

setup:
	@scripts/setup

# The remote helper for every target architecture, compressed, to be embedded. ARCHES=amd64 makes one only.
HELPER_SOURCES := go.mod $(shell find cmd/goplay-remote engine/facts engine/module engine/pyre engine/remote engine/value \
	-name '*.go' -not -name '*_test.go')
HELPERS := engine/remote/helper/linux-amd64.zst

$(HELPERS): $(HELPER_SOURCES)
	$(GO) run ./engine/remote/build $(ARCHES)
	@touch $@

build: setup $(HELPERS)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/ ./cmd/goplay ./cmd/storage

test: setup-test unit lab-test

setup-test:
	@scripts/setup test

unit: setup $(HELPERS)
	$(GO) vet ./...
	$(GO) test ./...

ifeq ($(LAB_OK),yes)
lab-test: build
	LAB_NET=test GOPLAY_LAB=1 $(GO) test -count=1 -timeout 40m -exec $(CURDIR)/lab/lab-run ./lab/labtest
else
lab-test:
	@echo 'The lab tests are left out: they boot test hosts, which needs Linux and root.'
endif

demo: build
	scripts/demo

# ARGS="-only fleet,listing" measures these alone; only `stand` boots hosts.
bench: build
	LAB_NET=bench lab/lab run $(GO) run ./lab/bench $(ARGS)

# docs/modules.md, from what the modules say of themselves.
docs:
	$(GO) run ./docs/build

lint: setup
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	$(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	cd lab && shellcheck lab lab-run lib/*.sh image/*.sh docker/*.sh ../scripts/setup ../scripts/demo ../.ci/run

clean:
	rm -rf bin
