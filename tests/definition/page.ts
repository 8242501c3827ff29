import { z } from 'zod';
import { LakeveilError } from '../../src/base/errors.js';
import type { Definition } from '../../src/base/types/definition.js';
import type { TreatmentSpec } from '../../src/base/types/treatment-spec.js';
import { loadDefinition } from '../../src/definition/load-definition.js';

/** A small page in which each test changes one thing. */
export const PAGE_TEXT = `pipeline: people
description: A few people.
env: [API_URL, API_TOKEN, PAGES_AT_ONCE]
source:
  base_url: \${API_URL:-https://api.example.org/v1}
  concurrency: \${PAGES_AT_ONCE:-4}
  timeout: 45s
  rate_limit: 30/min
  max_response: 2MB
  headers: { Authorization: "Bearer \${API_TOKEN:-none}" }
datasets:
  people:
    time: by_date
    request:
      path: /people/{date}
      query: { until: "{next_date}", lang: en }
      records: data.items
      pagination: { type: page, page_param: page, size_param: size, size: 100, total_path: meta.total }
    contract:
      max_rejected: 2.5%
      schema:
        type: object
        required: [id, email, born]
        properties:
          id: { type: integer, minimum: 1, maximum: 999999, x-pii: none }
          email: { type: string, format: email, x-pii: direct }
          born: { type: string, format: date, x-pii: quasi }
          sex: { enum: [f, m], x-pii: quasi }
          score: { type: [number, 'null'], x-pii: none }
          note: { type: string, x-pii: sensitive }
          home:
            type: object
            required: [country]
            properties:
              country: { type: string, pattern: '^[A-Z]{2}$', x-pii: quasi }
              city: { type: string, maxLength: 50, x-pii: quasi, x-on-invalid: set_null }
    landing:
      person: { from: [id, email], treat: token, scope: person }
      id: { from: id, treat: keep, reviewed: 'a number of the test' }
      born: { from: born, treat: keep }
      sex: { from: sex, treat: keep }
      score: { from: score, treat: round, decimals: 1 }
      country: { from: home.country, treat: keep }
      city: { from: home.city, treat: redact }
    drop: [note]
    primary_key: [person]
`;

function makeSpec(spec: Partial<TreatmentSpec> & { name: string }): readonly [string, TreatmentSpec] {
  const whole: TreatmentSpec = {
    isBlind: false,
    keeps: 'never',
    isToken: false,
    neverKey: false,
    params: z.strictObject({}),
    isClosed: () => true,
    facts: () => undefined,
    examine: () => Promise.resolve(null),
    inputs: { min: 1, max: 1 },
    accepts: () => true,
    outputType: (leaves) => leaves[0]?.type ?? 'VARCHAR',
    objection: () => null,
    ...spec,
  };
  return [spec.name, whole];
}

/** Treatments small enough to show one rule of the loader each. */
export const SPECS: ReadonlyMap<string, TreatmentSpec> = new Map([
  makeSpec({ name: 'keep', keeps: 'always' }),
  makeSpec({
    name: 'first_present',
    keeps: 'always',
    inputs: { min: 2, max: 8 },
    objection: (leaves) =>
      new Set(leaves.map((leaf) => leaf.type)).size > 1
        ? { kind: 'refuse', why: 'its leaves differ in type' }
        : null,
  }),
  makeSpec({ name: 'redact', accepts: (type) => type === 'VARCHAR', outputType: () => 'VARCHAR' }),
  makeSpec({
    name: 'token',
    isToken: true,
    params: z.strictObject({
      scope: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
      normal: z.enum(['text', 'email']).default('text'),
    }),
    inputs: { min: 1, max: Infinity },
    outputType: () => 'VARCHAR',
    objection: (leaves) =>
      leaves.every((leaf) => leaf.bound) ? { kind: 'review', why: 'its values can be guessed' } : null,
  }),
  makeSpec({
    name: 'round',
    params: z.strictObject({ decimals: z.int().min(0).max(6) }),
    accepts: (type) => type === 'DOUBLE' || type === 'BIGINT',
    outputType: () => 'DOUBLE',
  }),
]);

export function load(text: string, variables: Readonly<Record<string, string>> = {}): Definition {
  const places = 'the environment and .env';
  const input = {
    file: 'pipelines/people.yaml',
    text,
    variables: new Map(Object.entries(variables)),
    places,
  };
  return loadDefinition({ ...input, treatments: SPECS });
}

/** The page with one passage replaced; the passage must be there, once. */
export function change(passage: string, replacement: string): string {
  if (PAGE_TEXT.split(passage).length !== 2) throw new Error(`passage is not there once: ${passage}`);
  return PAGE_TEXT.replace(passage, () => replacement);
}

/** Lakeveil's own error that `act` ends in. */
export function errorOf(act: () => unknown): LakeveilError {
  try {
    act();
  } catch (error) {
    if (error instanceof LakeveilError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
