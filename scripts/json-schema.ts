import { z } from 'zod';
import type { TreatmentSpec } from '../src/base/types/treatment-spec.js';
import { PART, RAW_ONLY, shapePage } from '../src/definition/definition-shape.js';
import { shapeTargets } from '../src/definition/read-targets.js';

type Json = Readonly<Record<string, unknown>>;

/** A reference to an environment variable. */
const REFERENCE = { type: 'string', pattern: '\\$\\{[A-Z_][A-Z0-9_]*(:-[^}]*)?\\}' };

/**
 * JSON Schema 2020-12 of a definition, for editors. It is generated from the schemas of the loader, with one branch of a
 * landing column per treatment. Scalars in `source` and `request` may be references instead.
 */
export function describeDefinition(treatments: ReadonlyMap<string, TreatmentSpec>): Json {
  const [first, ...others] = [...treatments.values()].map((spec) => shapeColumn(spec, 'treat'));
  const [list, ...lists] = [...treatments.values()].map((spec) => shapeColumn(spec, 'each'));
  const column =
    first === undefined || list === undefined ? z.never() : z.union([first, ...others, list, ...lists]);
  const schema: unknown = z.toJSONSchema(shapePage(column), { io: 'input' });
  const open = mapAt(schema, ['properties', 'source'], allowReferences);
  const path = ['properties', 'datasets', 'additionalProperties', 'properties', 'request'];
  return { title: 'A pipeline of Lakeveil', ...asJson(mapAt(open, path, allowReferences)) };
}

/** JSON Schema 2020-12 of `targets.yaml`, for editors. Any scalar may be a reference instead. */
export function describeTargets(forms: z.ZodType): Json {
  const schema: unknown = z.toJSONSchema(shapeTargets(forms), { io: 'input' });
  const path = ['properties', 'targets', 'additionalProperties'];
  return { title: 'Databases that Lakeveil loads into', ...asJson(mapAt(schema, path, allowReferences)) };
}

/** @param key `treat` for a value, `each` for the elements of a list */
function shapeColumn(spec: TreatmentSpec, key: 'treat' | 'each') {
  return z.strictObject({
    from: z.union([z.string(), z.array(z.string()).min(1)]).describe('Leaf path or list of leaf paths.'),
    part: PART,
    [key]: z.literal(spec.name),
    raw_only: RAW_ONLY,
    reviewed: z.string().min(1).optional().describe('Why the revealed information is acceptable.'),
    ...spec.params.shape,
  });
}

function mapAt(schema: unknown, path: readonly string[], change: (part: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(schema);
  const json = asJson(schema);
  return { ...json, [key]: mapAt(json[key], rest, change) };
}

/** Allows a reference in place of a number, a boolean or formatted text. */
function allowReferences(schema: unknown): unknown {
  const json = asJson(schema);
  if (isFixedScalar(json)) {
    const { description, default: preset, ...form } = json;
    const notes = Object.entries({ description, default: preset }).filter(([, note]) => note !== undefined);
    return { ...Object.fromEntries(notes), anyOf: [form, REFERENCE] };
  }
  return Object.fromEntries(Object.entries(json).map(([key, part]) => [key, allowWithin(key, part)]));
}

function allowWithin(key: string, part: unknown): unknown {
  if (key === 'properties') {
    return Object.fromEntries(
      Object.entries(asJson(part)).map(([name, inner]) => [name, allowReferences(inner)]),
    );
  }
  if (key === 'oneOf' && Array.isArray(part)) return part.map(allowReferences);
  return part;
}

function isFixedScalar(json: Json): boolean {
  if (json['type'] === 'string') return json['pattern'] !== undefined;
  return ['integer', 'number', 'boolean'].some((type) => type === json['type']);
}

function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
