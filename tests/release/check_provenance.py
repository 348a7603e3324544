"""Checks the provenance of a release: check_provenance.py DIST FILE REVISION. By the fields that in-toto's statement 1 and
SLSA's provenance 1 demand, against the files, the manifests of third_party/ and the commit (empty: not asked)."""
import hashlib
import json
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
URI = re.compile(r"[a-z][a-z0-9+.-]*:\S+")


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def form_faults(statement):
    definition, builder = statement["predicate"]["buildDefinition"], statement["predicate"]["runDetails"]["builder"]
    if statement["_type"] != "https://in-toto.io/Statement/v1":
        yield "no statement of in-toto"
    if statement["predicateType"] != "https://slsa.dev/provenance/v1":
        yield "no provenance of SLSA"
    uris = [definition["buildType"], builder["id"]] + [each["uri"] for each in definition["resolvedDependencies"]]
    yield from (f"{uri} is no URI" for uri in uris if not URI.fullmatch(uri))
    if not definition["externalParameters"].get("ARCHES"):
        yield "it does not say for which architectures"


def subject_faults(statement, dist, name):
    said = {each["name"]: each["digest"]["sha256"] for each in statement["subject"]}
    files = {each for each in os.listdir(dist) if not each.startswith("SHA256SUMS")} - {name}
    yield from (f"{each} is not there" for each in said.keys() - files)
    yield from (f"{each} is not told of" for each in files - said.keys())
    yield from (f"{each} has another sum" for each in said.keys() & files if said[each] != sha256(os.path.join(dist, each)))


def dependency_faults(statement, revision):
    told = {each["name"]: each for each in statement["predicate"]["buildDefinition"]["resolvedDependencies"]}
    for name in ("musl", "mbedtls", "nghttp2"):
        with open(os.path.join(TOP, "third_party", name, "manifest"), encoding="utf-8") as file:
            facts = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line and line[0] != "#")
        if (told[name]["uri"], told[name]["digest"]) != (facts["URL"], {"sha256": facts["SHA256"]}):
            yield f"{name} is not what its manifest says"
    if revision and told["pith"].get("digest") != {"gitCommit": revision}:
        yield f"its commit is not {revision}"


def main(dist, path, revision):
    with open(path, encoding="utf-8") as file:
        statement = json.load(file)
    faults = [*form_faults(statement), *subject_faults(statement, dist, os.path.basename(path)),
              *dependency_faults(statement, revision)]
    sys.exit("\n".join(faults) or None)


main(*sys.argv[1:])
