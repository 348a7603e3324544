"""Checks SBOMs: check_sbom.py SCHEMAS FILE.cdx.json FILE.spdx.json LIBRARY... CycloneDX's schema is in the folder SCHEMAS; of SPDX, whose
schema no package carries, the fields that version 2.3 of its specification demands, and that all references lead somewhere."""
import json
import re
import sys

import jsonschema

SPDX_DOCUMENT = ["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"]
SPDX_PACKAGE = ["name", "SPDXID", "downloadLocation", "versionInfo", "licenseConcluded", "licenseDeclared"]
PURL = re.compile(r"pkg:(github/[\w.-]+|generic)/[\w.-]+@[\w.~%-]+(\?[a-z]+=[\w.~-]+(&[a-z]+=[\w.~-]+)*)?")
CPE = re.compile(r"cpe:2\.3:a:[a-z0-9_-]+:[a-z0-9_-]+:\d[\d.]*(:\*){7}")
SPDX_ID = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def cyclonedx_faults(schemas, bom):
    schema = load(f"{schemas}/bom-1.6.SNAPSHOT.schema.json")
    others = {f"http://cyclonedx.org/schema/{name}": load(f"{schemas}/{name}")
              for name in ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json")}
    resolver = jsonschema.RefResolver(schema["$id"], schema, others)
    return [fault.message for fault in jsonschema.Draft7Validator(schema, resolver=resolver).iter_errors(bom)]


def spdx_faults(document):
    faults = [f"document: no {field}" for field in SPDX_DOCUMENT if field not in document]
    faults += [f"{package.get('name')}: no {field}"
               for package in document["packages"] for field in SPDX_PACKAGE if field not in package]
    faults += [f"{file['fileName']}: no SHA1, which is mandatory"
               for file in document["files"] if not any(sum_["algorithm"] == "SHA1" for sum_ in file["checksums"])]
    if document["spdxVersion"] != "SPDX-2.3" or document["dataLicense"] != "CC0-1.0":
        faults.append("not version 2.3 under CC0-1.0")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["creationInfo"]["created"]):
        faults.append("the time is not of the form that is demanded")
    return faults + spdx_loose_ends(document)


def spdx_loose_ends(document):
    ids = {element["SPDXID"] for element in document["packages"] + document["files"]} | {document["SPDXID"]}
    ends = {relation[end] for relation in document["relationships"]
            for end in ("spdxElementId", "relatedSpdxElement")}
    return [f"{end} is not there" for end in ends - ids] + [f"{i} is no id" for i in ids if not SPDX_ID.fullmatch(i)]


def named_faults(bom, document, libraries):
    """Both must name the same libraries, with the versions, package URLs and CPEs by which scanners find them."""
    one = {part["name"]: (part["purl"], part["cpe"]) for part in bom["components"] if part["type"] == "library"}
    other = {package["name"]: (package_reference(package, "purl"), package_reference(package, "cpe23Type"))
             for package in document["packages"] if package["name"] != "pith"}
    faults = [f"no {name}" for name in libraries if name not in one]
    faults += [f"{name}: {purl}, {cpe}" for name, (purl, cpe) in one.items()
               if not PURL.fullmatch(purl) or not CPE.fullmatch(cpe)]
    return faults + ([] if one == other else [f"CycloneDX names {one}, SPDX {other}"])


def package_reference(package, kind):
    return next(reference["referenceLocator"] for reference in package["externalRefs"]
                if reference["referenceType"] == kind)


def main(schemas, cyclonedx, spdx, *libraries):
    bom, document = load(cyclonedx), load(spdx)
    faults = cyclonedx_faults(schemas, bom) + spdx_faults(document) + named_faults(bom, document, libraries)
    sys.exit("\n".join(faults) or None)


main(*sys.argv[1:])
