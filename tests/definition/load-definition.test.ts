import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { DatasetDefinition, Definition } from '../../src/base/types/definition.js';
import { change, load, PAGE_TEXT } from './page.js';

function people(definition: Definition): DatasetDefinition {
  const dataset = definition.datasets.get('people');
  if (dataset === undefined) throw new Error('no such dataset');
  return dataset;
}

describe('a page that is right', () => {
  it('becomes complete, with units parsed and defaults filled in', () => {
    const definition = load(PAGE_TEXT);
    expect(definition).toMatchObject({
      pipeline: 'people',
      file: 'pipelines/people.yaml',
      env: ['API_URL', 'API_TOKEN', 'PAGES_AT_ONCE'],
      source: {
        baseUrl: 'https://api.example.org/v1',
        allowHttp: false,
        concurrency: 4,
        retries: 5,
        timeoutMs: 45_000,
        rateLimit: { requests: 30, perMs: 60_000 },
        maxResponseBytes: 2_000_000,
        maxPages: 10_000,
        maxRecords: 50_000_000,
      },
    });
    expect(people(definition)).toMatchObject({
      time: 'by_date',
      slot: null,
      rawZone: 'restricted',
      onDuplicate: 'keep_last',
      maxDrop: 0.5,
      prove: 'on',
      maxWithheld: 0.01,
      freshnessMs: null,
      checks: [],
      drop: ['note'],
      primaryKey: ['person'],
      contract: { onUnknownField: 'discard_value', maxRejected: 0.025 },
      request: { method: 'GET', path: '/people/{date}', records: 'data.items' },
    });
    expect(people(definition).request.pagination).toEqual({
      type: 'page',
      pageParam: 'page',
      start: 1,
      sizeParam: 'size',
      size: 100,
      total: { in: 'body', name: 'meta.total' },
      pages: null,
      ...{ morePath: null, lastPath: null, endStatus: [] },
    });
    expect([...people(definition).request.query]).toEqual([
      ['until', '{next_date}'],
      ['lang', 'en'],
    ]);
  });

  it('gives each leaf a type, a bound, and whether it is always there', () => {
    const leaves = [...people(load(PAGE_TEXT)).contract.leaves.values()];
    const rows = leaves.map(({ path, type, required, bound }) => [path, type, required, bound?.kind ?? null]);
    expect(rows).toEqual([
      ['id', 'BIGINT', true, 'range'],
      ['email', 'VARCHAR', true, null],
      ['born', 'DATE', true, 'format'],
      ['sex', 'VARCHAR', false, 'enum'],
      ['score', 'DOUBLE', false, null],
      ['note', 'VARCHAR', false, null],
      ['home.country', 'VARCHAR', false, 'pattern'],
      ['home.city', 'VARCHAR', false, null],
    ]);
  });

  it('has a leaf required only if every object above it is, too', () => {
    const text = change('required: [id, email, born]', 'required: [id, email, born, home]');
    expect(people(load(text)).contract.leaves.get('home.country')?.required).toBe(true);
    const nullable = text.replace(
      'home:\n            type: object',
      "home:\n            type: [object, 'null']",
    );
    expect(nullable).not.toBe(text);
    expect(people(load(nullable)).contract.leaves.get('home.country')?.required).toBe(false);
  });

  it('gives every string a longest length, in the leaf and in the schema', () => {
    const { leaves, schema } = people(load(PAGE_TEXT)).contract;
    expect(leaves.get('email')?.schema['maxLength']).toBe(1_000);
    expect(leaves.get('home.city')?.schema['maxLength']).toBe(50);
    expect(leaves.get('id')?.schema).not.toHaveProperty('maxLength');
    expect(schema).toMatchObject({
      properties: {
        sex: { type: 'string', enum: ['f', 'm'], maxLength: 1_000 },
        home: { required: ['country'] },
      },
    });
  });

  it('lands columns in their order, with parameters completed and the strictest class of their leaves', () => {
    const { landing } = people(load(PAGE_TEXT));
    expect(landing.map((column) => column.name)).toEqual([
      'person',
      'id',
      'born',
      'sex',
      'score',
      'country',
      'city',
    ]);
    expect(landing[0]).toMatchObject({
      class: 'direct',
      type: 'VARCHAR',
      params: { scope: 'person', normal: 'text' },
      reviewed: null,
    });
    expect(landing[0]?.from.map((leaf) => leaf.path)).toEqual(['id', 'email']);
  });

  it.each([
    ['date', 'DATE'],
    ['time', 'TIME'],
    ['date-time', 'TIMESTAMPTZ'],
    ['uuid', 'VARCHAR'],
  ])('has %s as %s', (format, type) => {
    const definition = load(change('note: { type: string,', `note: { type: string, format: ${format},`));
    expect(people(definition).contract.leaves.get('note')?.type).toBe(type);
  });

  it('keeps a direct or unbounded leaf that was reviewed, with the reason', () => {
    const text = change(
      'city: { from: home.city, treat: redact }',
      'city: { from: home.city, treat: keep, reviewed: towns }',
    );
    const kept = text.replace(
      'score: { from',
      'mail: { from: email, treat: keep, reviewed: they asked for it }\n      score: { from',
    );
    expect(people(load(kept)).landing).toMatchObject([
      {},
      {},
      {},
      {},
      { name: 'mail', class: 'direct', reviewed: 'they asked for it' },
      {},
      {},
      { name: 'city', reviewed: 'towns' },
    ]);
  });

  it('repeats a part by an alias', () => {
    const text = change(
      'note: { type: string,',
      "note: { type: string, pattern: &code '^[A-Z]{2}$',",
    ).replace('city: { type: string, maxLength: 50,', 'city: { type: string, pattern: *code,');
    expect(people(load(text)).contract.leaves.get('home.city')?.bound).toEqual({
      kind: 'pattern',
      pattern: '^[A-Z]{2}$',
      maxLength: null,
    });
  });
});

describe('a variable', () => {
  it('takes the type that the format wants', () => {
    const definition = load(PAGE_TEXT, { PAGES_AT_ONCE: '16', API_URL: 'http://127.0.0.1:8080/x' });
    expect(definition.source).toMatchObject({ concurrency: 16, baseUrl: 'http://127.0.0.1:8080/x' });
    const open = change('timeout: 45s', 'timeout: ${API_TOKEN:-90s}\n  allow_http: ${API_URL:-true}').replace(
      /base_url: .*/,
      'base_url: embedded',
    );
    expect(load(open).source).toMatchObject({ timeoutMs: 90_000, allowHttp: true });
  });

  it('that is empty counts as not set', () => {
    expect(load(PAGE_TEXT, { PAGES_AT_ONCE: '' }).source.concurrency).toBe(4);
  });

  it('becomes a secret in headers and query: no way of printing gives it away', () => {
    const text = change('lang: en }', 'key: "${API_TOKEN}" }');
    const definition = load(text, { API_TOKEN: 'canary-4711' });
    const header = definition.source.headers.get('Authorization');
    const key = people(definition).request.query.get('key');
    for (const secret of [header, key].flat()) {
      if (secret === undefined || typeof secret === 'string') throw new Error('not a secret');
      expect(`${secret.toString()} ${JSON.stringify(secret)} ${inspect(secret)}`).toBe(
        '[secret API_TOKEN] "[secret API_TOKEN]" [secret API_TOKEN]',
      );
    }
    expect(typeof header === 'object' ? header.reveal() : '').toBe('Bearer canary-4711');
    expect([key].flat().map((text) => (typeof text === 'object' ? text.reveal() : ''))).toEqual([
      'canary-4711',
    ]);
    expect(inspect(definition, { depth: Infinity, showHidden: true })).not.toContain('canary');
  });

  it('is read in source and request only', () => {
    const definition = load(change('description: A few people.', 'description: "costs ${PAGES_AT_ONCE}"'));
    expect(definition.description).toBe('costs ${PAGES_AT_ONCE}');
  });
});
