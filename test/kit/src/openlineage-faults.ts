import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const FOLDER = new URL('../openlineage/', import.meta.url);
const FORMATS = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  uri: /^[a-z][a-z0-9+.-]*:[^\s<>"{}|\\^`]+$/,
};
const EVENT = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';

/** Where the facets of an event lie. */
interface Faceted {
  readonly facets?: object;
  readonly inputFacets?: object;
  readonly outputFacets?: object;
}
interface Event {
  readonly run?: Faceted;
  readonly job?: Faceted;
  readonly inputs?: readonly Faceted[];
  readonly outputs?: readonly Faceted[];
}

let schemas: { readonly ajv: Ajv2020; readonly published: ReadonlyMap<string, string> } | undefined;

/**
 * What of an event is not as OpenLineage specifies: the event and each facet by its schema, and facets
 * also by the schema that they name. Empty where all is well.
 */
export function openLineageFaults(event: Event): string[] {
  schemas ??= loadSchemas();
  const { ajv, published } = schemas;
  const faults = faultsBy(ajv.getSchema(EVENT), 'event', event);
  const faceted = [event.run, event.job, ...(event.inputs ?? []), ...(event.outputs ?? [])];
  for (const { facets, inputFacets, outputFacets } of faceted.map((one) => one ?? {})) {
    for (const [name, facet] of Object.entries({ ...facets, ...inputFacets, ...outputFacets })) {
      const named = String(Reflect.get(Object(facet), '_schemaURL'));
      const type = named.slice(named.lastIndexOf('/') + 1);
      faults.push(...faultsBy(ajv.getSchema(named), `${name} (${named})`, facet));
      const other = published.get(type);
      if (other !== undefined) faults.push(...faultsBy(ajv.getSchema(other), name, facet));
    }
  }
  return faults;
}

function faultsBy(validate: ValidateFunction | undefined, what: string, value: unknown): string[] {
  if (validate === undefined) return [`${what}: there is no such schema`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [what, instancePath, message, JSON.stringify(params)].join(' '),
  );
}

function loadSchemas(): NonNullable<typeof schemas> {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS });
  const fromClient: Record<string, object> = read('from-client.json');
  for (const schema of Object.values(fromClient)) ajv.addSchema(schema);
  const published = new Map<string, string>();
  for (const name of readdirSync(new URL('published/', FOLDER))) {
    const schema: { $id: string } = read(`published/${name}`);
    const type = name.replace('.json', '');
    // Of one version the client's is the stricter one: they cannot both have the id.
    const id = `${schema.$id}${type === 'OpenLineage' ? '' : '?published'}`;
    ajv.addSchema({ ...schema, $id: id });
    published.set(type, `${id}#/$defs/${type}`);
  }
  return { ajv, published };
}

const read = (name: string) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
