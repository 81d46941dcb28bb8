"""Reads the simulator with aepp, a client of Adobe Experience Platform that knows nothing of this project.

Usage: python aepp_client.py URL. Prints what it read as one line of JSON. Needs `pip install aepp`.
"""

import contextlib
import io
import json
import os
import sys

import aepp
from aepp import catalog, dataaccess, ingestion, schema

EVENT = "https://ns.adobe.com/xdm/context/experienceevent"


def connect(url):
    aepp.configure(
        org_id=os.environ["ORGANIZATION"],
        client_id=os.environ["CLIENT_ID"],
        secret=os.environ["CLIENT_SECRET"],
        scopes="openid,AdobeID,read_organizations",
        sandbox="prod",
    )
    aepp.config.endpoints["global"] = url
    aepp.config.config_object["oauthTokenEndpointV2"] = f"{url}/ims/token/v3"


def field_group(title, fields):
    return {
        "title": title,
        "type": "object",
        "meta:intendedToExtend": [EVENT],
        "definitions": {"columns": {"properties": {"_acme": {"type": "object", "properties": fields}}}},
        "allOf": [{"$ref": "#/definitions/columns"}],
    }


def read():
    registry = schema.Schema()
    tenant = registry.getTenantId()
    group = registry.createFieldGroup(field_group("aepp columns", {"clicks": {"type": "integer"}}))
    made = registry.createExperienceEventSchema(name="aepp schema", fieldGroupIds=[group["$id"]])
    more = {"op": "add", "path": "/definitions/columns/properties/_acme/properties/ctr", "value": {"type": "number"}}
    patched = registry.patchFieldGroup(group["$id"], [more])
    other = registry.createFieldGroup(field_group("aepp extra", {"spend": {"type": "number"}}))
    extended = registry.addFieldGroupToSchema(made["$id"], [other["$id"]])
    full = registry.getSchema(made["$id"])

    catalogue = catalog.Catalog()
    created = catalogue.createDataSet(name="aepp dataset", schemaId=made["$id"])
    dataset = created[0].split("/")[-1]
    datasets = catalogue.getDataSets()

    imports = ingestion.DataIngestion()
    batch = imports.createBatch(dataset, enableDiagnostic=True, partialIngestionPercentage=50)["id"]
    row = {"_id": "1", "timestamp": "2026-05-01T00:00:00Z", "_acme": {"clicks": 5, "ctr": 0.5, "spend": 1.5}}
    bad = {**row, "_id": "2", "_acme": {"clicks": "many"}}
    imports.uploadSmallFile(batch, dataset, "good.json", row)
    imports.uploadSmallFile(batch, dataset, "bad.json", bad)
    imports.uploadSmallFileFinish(batch)
    statuses = [catalogue.getBatch(batch)[batch]["status"] for _ in range(3)]

    exports = dataaccess.DataAccess()
    failed = exports.getBatchFailed(batch)
    diagnostics = exports.getBatchMeta(batch, path="row_errors")
    [file] = exports.getBatchFiles(batch)
    [part] = exports.getFiles(file["dataSetFileId"])["data"]
    rows = exports.getFiles(file["dataSetFileId"], path=part["name"]).decode().splitlines()

    replacement = imports.createBatch(dataset, replay={"predecessors": [batch], "reason": "replace"})
    imports.uploadSmallFile(replacement["id"], dataset, "good.json", {**row, "_id": "3"})
    imports.uploadSmallFileFinish(replacement["id"])
    for _ in range(3):
        catalogue.getBatch(replacement["id"])
    listed = {one["id"]: one["status"] for one in catalogue.getBatches(dataSet=dataset).values()}
    imports.deleteBatch(replacement["id"])

    return {
        "tenant": tenant,
        "versions": [group["version"], patched["version"], extended["version"]],
        "titles": sorted(one["title"] for one in registry.getFieldGroups()),
        "schemas": [one["title"] for one in registry.getSchemas()],
        "fields": sorted(full["properties"]["_acme"]["properties"]),
        "datasets": [one["name"] for one in datasets.values()],
        "infos": catalogue.data.infos[["name", "schemaId"]].values.tolist() == [["aepp dataset", made["$id"]]],
        "statuses": statuses,
        "metrics": catalogue.getBatch(batch)[batch]["metrics"],
        "failed": [one["name"] for one in failed],
        "diagnostics": [one["name"] for one in diagnostics["data"]],
        "rows": [json.loads(line) for line in rows],
        "replaced": [listed[batch], listed[replacement["id"]]],
        "reverted": catalogue.getBatch(replacement["id"])[replacement["id"]]["status"],
    }


connect(sys.argv[1])
said = io.StringIO()
with contextlib.redirect_stdout(said):
    result = read()
print(json.dumps({**result, "said": said.getvalue()}))
