# The end-to-end tests: the recipes in examples/ in real engines and a real kubelet.

##@ Tests with real engines

E2E_PROGRAMS := $(addprefix $(TEST_BUILD)/e2e/,e2e_docker e2e_engines e2e_hold e2e_cookbook e2e_kubelet)
E2E_TARGETS  := $(E2E_PROGRAMS) app sources archives archives-small deb
E2E_TESTS    := $(addprefix tests/e2e/test_,docker docker_trixie kubelet final_image install engines cookbook entrypoints)
E2E_OBJECTS  := $(call test_objects,tests/e2e/common.c examples/demo/container.c) $(SUPPORT)

-include $(E2E_OBJECTS:.o=.d) $(patsubst $(TEST_BUILD)/%,$(TEST_BUILD)/obj/tests/%.d,$(E2E_PROGRAMS))

$(E2E_PROGRAMS): $(TEST_BUILD)/%: $(TEST_BUILD)/obj/tests/%.o $(E2E_OBJECTS)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^ $(TEST_LIBS)

.PHONY: e2e e2e-hold e2e-install e2e-engines e2e-cookbook e2e-entrypoints e2e-sid e2e-versions e2e-kubelet kubernetes-bin
.PHONY: e2e-kubernetes
# These take minutes on a machine that does nothing else.
e2e-install e2e-sid e2e-kubernetes: TEST_LIMIT ?= 1800

e2e: ## run the end-to-end tests in Docker engines started for them: this machine's and that of trixie (fetched once)
	$(call with,engines,all $(E2E_TARGETS))
	@$(TEST_RUN) tests/e2e/test_docker tests/e2e/test_docker_trixie tests/e2e/test_hold tests/e2e/test_final_image

e2e-hold: HOLD_SECONDS ?= 3600
e2e-hold: ## hold the health state of a held probe in Docker against that of a plain one, for HOLD_SECONDS=3600 of failures
	$(call with,engines,all $(E2E_PROGRAMS) $(CHILDREN))
	@$(SUDO) env HOLD_SECONDS=$(HOLD_SECONDS) ENGINE_SECONDS=$$(($(HOLD_SECONDS) + 600)) PITH_INIT=$(BUILD)/init tests/e2e/test_hold

e2e-install: ## try each way to install, with Debian's engines and the newest ones (a minute once, to fetch these)
	$(call with,engines,all $(E2E_TARGETS))
	@$(TEST_RUN) tests/e2e/test_install tests/e2e/test_install_newest tests/e2e/test_deb

e2e-engines: ## run the example image in podman, containerd and Compose
	$(call with,engines,all $(E2E_TARGETS))
	@$(TEST_RUN) tests/e2e/test_engines

e2e-cookbook: ## build and run the example Dockerfiles for Go, Java, Node and Python
	$(call with,engines,all $(E2E_TARGETS))
	@$(TEST_RUN) tests/e2e/test_cookbook tests/e2e/test_cookbook_compiled

e2e-entrypoints: ## run examples/entrypoints: what scripts of official images do, with Debian's nginx and others
	$(call with,check,all)
	@$(TEST_RUN) tests/e2e/test_entrypoints

e2e-sid: ## run all of these and more on Docker, podman and containerd of sid, Debian's newest (minutes once, to fetch them)
	$(call with,engines,all $(E2E_TARGETS))
	@$(TEST_RUN) tests/e2e/test_sid tests/e2e/test_install_newest

e2e-versions: ## write which engines these run on into docs/compatibility.md
	@tests/e2e/versions

e2e-kubelet: ## run the Kubernetes examples in a real kubelet, by CRI on containerd of trixie (minutes once, to build it)
	$(call with,engines kubelet,all app $(E2E_TARGETS))
	@tests/e2e/kubernetes-build kubelet >/dev/null
	@$(TEST_RUN) tests/e2e/test_kubelet

# Builds the kubelet of `make check`, whose tests have no network. Where it cannot be had, this says why, and its tests are skipped.
.PHONY: kubelet-tool
kubelet-tool: ## build the kubelet that `make check` runs (minutes once)
	@tests/e2e/kubernetes-build kubelet >/dev/null || [ $$? -eq 3 ]

kubernetes-bin: ## print a folder with the programs of Kubernetes 1.20, built of Debian's source (half an hour once, to build them)
	@tools/packages kubelet
	@tests/e2e/kubernetes-build kubelet kube-apiserver kube-controller-manager kube-scheduler kubectl

e2e-kubernetes: ## run all of that and a rolling update in a whole Kubernetes, whose programs are in KUBERNETES_BIN=DIR
	$(call with,engines,all app $(E2E_TARGETS))
	@$(TEST_RUN) tests/e2e/test_kubernetes
