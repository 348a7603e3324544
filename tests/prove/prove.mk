# Proofs by cbmc, a model checker, of what the pure parts of the products promise, each with a mistake that it has to see.

PROVE_BUILD := $(BUILD)/prove
PROVE_TEST  := tests/prove/test_prove
# fast: what takes two minutes in all. all: the rest too, and docs/proofs.md is written.
PROOFS      ?= fast

.PHONY: prove
prove: ## prove what is fast to prove; PROOFS=all proves all and writes docs/proofs.md, PROVE=supervisor some
	@tools/packages build prove
	@tests/prove/prove $(PROVE_BUILD) $(PROOFS) $(PROVE)

# Fetches cbmc for `make check`, whose tests have no network. Where it cannot be had, this says why, and the proofs are skipped.
.PHONY: prove-tool
prove-tool: ## fetch the model checker that `make prove` runs
	@tests/prove/cbmc | sed '/^cbmc:/!d'
