import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonObject } from '../../src/base/json-values.js';
import type { RunEvent } from '../../src/openlineage/event.js';

/** The published schemas of OpenLineage, which are not part of the project. */
const SCHEMAS =
  process.env['OPENLINEAGE_SCHEMAS'] ??
  fileURLToPath(new URL('../../../shared/openlineage', import.meta.url));

export function readEvents(file: string): RunEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  if (lines.pop() !== '') throw new Error('the last line is not complete');
  return lines.map((line) => JSON.parse(line) as RunEvent);
}

/** Says what in an event is not as the specification has it. */
export type FindProblems = (event: RunEvent) => string[];

/** Null, with a line that says so, where the schemas are not there. */
export function openSpecification(): FindProblems | null {
  if (!existsSync(SCHEMAS)) {
    console.log(
      'skipped: the schemas of OpenLineage are not beside the project; OPENLINEAGE_SCHEMAS names their folder',
    );
    return null;
  }
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const paths = ['OpenLineage.json', ...readdirSync(join(SCHEMAS, 'facets')).map((name) => `facets/${name}`)];
  const known = new Map<string, string>();
  for (const path of paths) {
    const schema = JSON.parse(readFileSync(join(SCHEMAS, path), 'utf8')) as JsonObject;
    ajv.addSchema(schema);
    for (const key of Object.keys(schema['properties'] ?? {})) known.set(key, String(schema['$id']));
  }
  const check = (reference: string, value: unknown): string[] => {
    const validate = ajv.getSchema(reference);
    if (validate === undefined) return [`no schema ${reference}`];
    return validate(value) === true ? [] : [`${reference}: ${ajv.errorsText(validate.errors)}`];
  };
  return (event) => [
    ...check(event.schemaURL, event),
    ...listFacets(event).flatMap(([key, facet]) => {
      const reference = String(facet['_schemaURL']);
      const isKnown = known.get(key) !== undefined && reference.startsWith(`${known.get(key) ?? ''}#`);
      return isKnown ? check(reference, facet) : [`${key} is not described by ${reference}`];
    }),
  ];
}

/** Every facet of an event by its key. */
function listFacets({ run, job, inputs, outputs }: RunEvent): [string, JsonObject][] {
  const datasets = [...inputs, ...outputs].flatMap((one) => [one.facets, one.inputFacets, one.outputFacets]);
  return [run.facets, job.facets, ...datasets].flatMap((facets) => Object.entries(facets ?? {}));
}

interface ColumnLineage {
  readonly fields: Readonly<Record<string, { readonly inputFields: readonly InputField[] }>>;
  readonly dataset: readonly InputField[];
}

interface InputField {
  readonly name: string;
  readonly field: string;
  readonly transformations: readonly { readonly type: string; readonly masking: boolean }[];
}

/** The edges of all outputs as text: `email → silver.users.email, masked`, or for the rows of a table `email ⇢ …`. */
export function listEdges(events: readonly RunEvent[]): string[] {
  const edges = events.flatMap(({ outputs }) =>
    outputs.flatMap(({ name, facets }) => {
      const lineage = facets?.['columnLineage'] as ColumnLineage | undefined;
      if (lineage === undefined) return [];
      const values = Object.entries(lineage.fields).flatMap(([column, { inputFields }]) =>
        inputFields.map((input) => describeEdge(input, '→', `${name}.${column}`)),
      );
      return [...values, ...lineage.dataset.map((input) => describeEdge(input, '⇢', name))];
    }),
  );
  return [...new Set(edges)].sort();
}

function describeEdge({ field, transformations }: InputField, arrow: string, to: string): string {
  return `${field} ${arrow} ${to}${transformations.some(({ masking }) => masking) ? ', masked' : ''}`;
}
