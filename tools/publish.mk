# Publishing the release that `make dist` has left in build/dist/. Each is a step of .github/workflows/release.yml.

##@ Publishing a release

# A registry's name of the image, without a tag. Both variants get their tags there.
IMAGE ?=
# The secret key that cosign signs with; without one it signs with the identity that it gets in a workflow (keyless).
COSIGN_KEY ?=
export COSIGN_KEY

publish     = COSIGN=$${COSIGN:-$$(tools/release/cosign)} && export COSIGN && tools/release/publish
named_image = $(or $(IMAGE),$(error IMAGE= names no image of a registry))

.PHONY: check-version sign-sums push attest draft
check-version: ## check that TAG= is the version of the sources, and that CHANGELOG.md speaks of it
	@tools/release/publish version $(DIST) $(or $(TAG),$(error TAG= names no tag))

sign-sums: ## sign build/dist/SHA256SUMS with cosign, keyless or with COSIGN_KEY=
	@tools/packages publish
	@$(publish) sums $(DIST)

push: ## copy both images of build/dist/ to the registry of IMAGE=
	@tools/packages publish
	@tools/release/publish push $(DIST) $(named_image)

attest: ## sign the images that were pushed to IMAGE= with cosign, and attest their provenance and SBOMs
	@tools/packages publish
	@$(publish) attest $(DIST) $(named_image)

draft: ## make a draft of the release at GitHub, with every file of build/dist/
	@tools/packages publish draft
	@tools/release/publish draft $(DIST)
