"""Writes openlineage/from-client.json: schemas of OpenLineage's facets that tests hold events against.

The specification publishes JSON Schemas, and its Python client has classes that are generated from them, with the
`$id` of each. This makes schemas of those classes: what is required, of which type and format each field is. They are
stricter than the published ones in one point: other keys than theirs are refused, so that a misspelt one is found.

    pip install openlineage-python==1.54.0
    python test/kit/scripts/openlineage_schemas.py
"""

import enum
import importlib
import json
import pathlib
import pkgutil
import re
import types
import typing

import attr
import openlineage.client.generated as generated
from openlineage.client.generated import base

BASE = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
FORMATS = {
    "runId": "uuid",
    "eventTime": "date-time",
    "nominalStartTime": "date-time",
    "nominalEndTime": "date-time",
    "lastUpdated": "date-time",
    "captureDate": "date-time",
    "producer": "uri",
    "schemaURL": "uri",
    "_producer": "uri",
    "_schemaURL": "uri",
}
# The client fills these in by itself, so that its constructors do not ask for them; the specification requires them.
FILLED_IN = {"producer", "schemaURL", "_producer", "_schemaURL"}
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


def schema_of_type(kind, module):
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is typing.Any:
        return {}
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    if origin in (types.UnionType, typing.Union):
        schemas = [schema_of_type(one, module) for one in arguments if one is not type(None)]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
    if origin is list:
        return {"type": "array", "items": schema_of_type(arguments[0], module)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of_type(arguments[1], module)}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"type": "string", "enum": [one.value for one in kind]}
    if kind.__module__ == base.__name__ and module is not base:
        return {"$ref": f"{BASE}#/$defs/{kind.__name__}"}
    return {"$ref": f"#/$defs/{kind.__name__}"}


def schema_of_class(cls, module):
    hints = typing.get_type_hints(cls)
    properties, required = {}, []
    for field in attr.fields(cls):
        schema = schema_of_type(hints[field.name], module)
        if field.name in FORMATS:
            schema = {**schema, "format": FORMATS[field.name]}
        properties[field.name] = schema
        if field.name in FILLED_IN or field.default is attr.NOTHING:
            required.append(field.name)
    # Facets of any kind stand where one of the base classes is asked for: each is checked by its own schema.
    is_open = module is base and cls.__name__.endswith("Facet")
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        **({} if is_open else {"additionalProperties": False}),
    }


# The facets that Shardmill's events have.
FACETS = """
    ColumnLineageDatasetFacet DataQualityAssertionsDatasetFacet DataQualityMetricsDatasetFacet DatasetTypeDatasetFacet
    DatasetVersionDatasetFacet DocumentationJobFacet ErrorMessageRunFacet ExecutionParametersRunFacet
    InputStatisticsInputDatasetFacet JobTypeJobFacet LifecycleStateChangeDatasetFacet NominalTimeRunFacet
    OutputStatisticsOutputDatasetFacet ParentRunFacet ProcessingEngineRunFacet SchemaDatasetFacet StorageDatasetFacet
    TagsRunFacet
""".split()

schemas = {}
for info in pkgutil.iter_modules(generated.__path__):
    module = importlib.import_module(f"{generated.__name__}.{info.name}")
    own = [one for one in vars(module).values() if attr.has(one) and one.__module__ == module.__name__]
    ids = {
        match[1]
        for one in own
        if hasattr(one, "_get_schema") and (match := re.match(r"(.*)#/", one._get_schema()))
    }
    definitions = {one.__name__: schema_of_class(one, module) for one in own}
    for one in sorted(ids):
        if not any(one.endswith(f"/{name}.json") for name in FACETS):
            continue
        schemas[one] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": one,
            "$defs": definitions,
        }

target = pathlib.Path(__file__).parent.parent / "openlineage" / "from-client.json"
target.write_text(json.dumps(schemas, indent=2, sort_keys=True) + "\n")
