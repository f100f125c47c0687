# Every target is one line in `make help`. `make run` and `make test` need the Go
# toolchain and nothing else.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
PKGS     ?= ./...
SHARED   := $(or $(INFER_SHARED),../shared)
TOOL     := $(GO) tool -modfile=tools/go.mod
ORT_LIB  ?= $(CURDIR)/.ort/libonnxruntime.so
LLAMA    ?= out/llama
CGO_PKGS ?= $(patsubst %,./%/...,$(wildcard runtime/ort models cmd)) # what can link runtime/ort
FUZZTIME ?= 30s
FUZZOPS  ?= 100000
BENCH    ?= .
COUNT    ?= 6

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: bin/infer
bin/infer:
	CGO_ENABLED=0 $(GO) build -o $@ ./cmd/infer

.PHONY: run
run: bin/infer ## show what the program does, in a minute, and write out/report.html
	./bin/infer demo

.PHONY: train-face-nano
train-face-nano: bin/infer ## train face-nano, the detector that comes with the program, into out/face-nano/run
	$(GO) run ./examples/facenano -shared $(SHARED) -out out/face-nano
	./bin/infer finetune --recipe models/recipes/face-nano/recipe.yaml --json

.PHONY: train-folk-music
train-folk-music: ## train folk-music, the tune writer that comes with the program, into out/folk-music
	$(GO) run ./examples/music --data $(SHARED)/data/text/irish.abc --held 0.1 --iterations 2000 --rate 3e-3 --schedule cosine --average 0.995 --out out/folk-music

.PHONY: train-sentence-mini
train-sentence-mini: bin/infer ## train sentence-mini, the encoder that comes with the program, into out/sentence-mini
	$(GO) run ./examples/sentencemini --data $(SHARED)/data --teacher $(SHARED)/models/language/all-MiniLM-L6-v2 --out out/sentence-mini
	./bin/infer quantize out/sentence-mini/model.onnx --tables --least 100000 --out out/sentence-mini/model_int8.onnx

.PHONY: train-intent-mini
train-intent-mini: bin/infer ## train intent-mini, the classifier that comes with the program, into out/intent-mini
	./bin/infer finetune --recipe models/recipes/intent-mini/recipe.yaml --model out/sentence-mini --data $(SHARED)/data/text/banking77/train.csv --test $(SHARED)/data/text/banking77/test.csv --out out/intent-mini
	./bin/infer quantize out/intent-mini/best.onnx --tables --least 100000 --out out/intent-mini/model_int8.onnx

.PHONY: eval-models
eval-models: bin/infer ## measure the models that come with the program on what was held back
	$(GO) run ./examples/music --evaluate models/embedded/files/folk-music --held 0.1 --data $(SHARED)/data/text/irish.abc
	$(GO) test -count=1 -v -run '^TestQuality' ./models/embedded

.PHONY: test
test: ## run every test: the Go toolchain alone, no C compiler
	CGO_ENABLED=0 $(GO) test $(PKGS)

.PHONY: race
race: ## run every test under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race $(PKGS)

.PHONY: purego
purego: ## run every test without assembly
	CGO_ENABLED=0 $(GO) test -tags purego $(PKGS)

.PHONY: cgo
cgo: $(ORT_LIB) ## run the tests that need ONNX Runtime (needs a C compiler)
	CGO_ENABLED=1 INFER_ORT_LIB=$(ORT_LIB) $(GO) test $(CGO_PKGS)

.PHONY: gorgonia
gorgonia: ## run the tests of the Gorgonia engine
	CGO_ENABLED=0 $(GO) test -tags gorgonia ./runtime/gorgonia/...

.PHONY: conformance
conformance: bin/infer ## run the ONNX node tests on the native engine
	./bin/infer conformance $(SHARED)/onnx-conformance

.PHONY: conformance-lists
conformance-lists: ## rewrite the lists of cases that do not pass, for the engines that are here
	INFER_UPDATE=1 $(GO) test -count=1 -v -run '^Test(Native|ORT)$$' ./internal/conformance

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (30s) each
	GO=$(GO) tools/fuzz.sh $(FUZZTIME) $(PKGS)

.PHONY: fuzz-ops
fuzz-ops: $(ORT_LIB) ## compare FUZZOPS (100000) random cases of the operators with ONNX Runtime
	CGO_ENABLED=1 INFER_ORT_LIB=$(ORT_LIB) $(GO) test -count=1 -timeout 2h -v -run '^Test(Differential|Hostile)$$' ./internal/opfuzz -args -cases $(FUZZOPS)

.PHONY: soak
soak: ## run the long tests (those named TestSoak...) under the race detector
	CGO_ENABLED=1 INFER_SOAK=1 $(GO) test -race -run '^TestSoak' -timeout 2h -v $(PKGS)

.PHONY: generate
generate: ## rewrite the generated Go and assembly files
	$(GO) generate ./...
	cd runtime/kernel/asm && $(GO) generate ./...

.PHONY: generate-check
generate-check: ## fail where a generated file differs from what its generator writes
	GO=$(GO) tools/generate-check.sh

.PHONY: lint
lint: ## check style: vet, golangci-lint, the project's own rules
	$(GO) vet $(PKGS)
	$(GO) test ./internal/archtest
	$(TOOL) golangci-lint run

.PHONY: fmt
fmt: ## format every Go file
	$(TOOL) golangci-lint fmt

.PHONY: bench
bench: ## run the benchmarks BENCH, COUNT times, into out/bench/COMMIT.txt
	mkdir -p out/bench
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) $(PKGS) | tee out/bench/$$(git describe --always --dirty).txt

.PHONY: bench-diff
bench-diff: ## compare two benchmark files: make bench-diff OLD=... NEW=...
	$(TOOL) benchstat $(OLD) $(NEW)

.PHONY: bin/bench
bin/bench:
	cd bench && CGO_ENABLED=1 $(GO) build -ldflags "-X main.revision=$$(git describe --always --dirty)" -o ../bin/bench .

.PHONY: bench-engines
bench-engines: bin/bench $(ORT_LIB) ## measure native beside ONNX Runtime into bench/RESULTS.md; ARGS=-quick tries it
	INFER_ORT_LIB=$(ORT_LIB) ./bin/bench -shared $(SHARED) -llama $(LLAMA) -out bench/RESULTS.md $(ARGS)

.PHONY: eval-detectors
eval-detectors: ## measure every face detector and rewrite docs/detectors.md
	CGO_ENABLED=0 $(GO) run ./cmd/eval-detectors -shared $(SHARED) -out docs/detectors.md

.PHONY: docs
docs: ## rewrite the pages of docs/ that are made from the code
	INFER_UPDATE=1 $(GO) test -count=1 -run '^TestPage' $(PKGS)

.PHONY: ort
ort: $(ORT_LIB) ## fetch an ONNX Runtime library into .ort/

$(ORT_LIB):
	tools/fetch-ort.sh $@

.PHONY: tools
tools: ## build the pinned tools, so that later targets start at once
	$(TOOL) golangci-lint version
	$(TOOL) gofumpt -version
	$(TOOL) benchstat -h >/dev/null 2>&1
