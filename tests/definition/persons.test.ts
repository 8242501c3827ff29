import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeDefinition } from '../../scripts/json-schema.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { loadProject } from '../../src/definition/load-project.js';

const ROOT = new URL('../../', import.meta.url).pathname;
const project = { projectDir: ROOT, places: 'the environment', treatments: TREATMENTS };

describe('the shipped pages', () => {
  it('load without any variable', async () => {
    const definitions = await loadProject({ ...project, variables: new Map() });
    const persons = definitions.get('persons');
    expect(persons?.source).toMatchObject({
      baseUrl: 'embedded',
      concurrency: 8,
      retries: 5,
      timeoutMs: 30_000,
    });
    expect(persons?.env).toContain('RECORDS');
    const dataset = persons?.datasets.get('persons');
    expect(dataset?.request.pagination).toMatchObject({ type: 'seed', size: 1_000, total: 30_000 });
    expect(dataset?.landing.map(({ name, treatment, type }) => `${name} ${treatment} ${type}`)).toEqual([
      'person_token token VARCHAR',
      'email_token token VARCHAR',
      'firstname redact VARCHAR',
      'lastname redact VARCHAR',
      'email mask_email VARCHAR',
      'phone mask VARCHAR',
      'birthday keep DATE',
      'gender keep VARCHAR',
      'street redact VARCHAR',
      'city keep VARCHAR',
      'zipcode prefix VARCHAR',
      'country keep VARCHAR',
      'country_code first_present VARCHAR',
      'latitude round DOUBLE',
      'longitude round DOUBLE',
    ]);
    expect(dataset?.landing.filter((column) => column.reviewed !== null)).toEqual([]);
  });

  it.each([
    [
      'city',
      [
        'St. Louis',
        "Coeur d'Alene",
        'Winston–Salem'.replace('–', '-'),
        'Louisville/Jefferson County',
        'Zürich',
      ],
      ['a@b.c', 'www.example.org', '+4930123456', 'x1', ''],
    ],
    [
      'country',
      [
        "Cote d'Ivoire",
        'Slovakia (Slovak Republic)',
        'Virgin Islands, U.S.',
        'Antarctica (the territory South of 60 deg S)',
        'Svalbard & Jan Mayen Islands',
      ],
      ['a@b.c', 'www.example.org', 'S 60'],
    ],
  ])('know a %s when they see one', async (name, good, bad) => {
    const definitions = await loadProject({ ...project, variables: new Map() });
    const schema = definitions
      .get('persons')
      ?.datasets.get('persons')
      ?.contract.leaves.get(`address.${name}`)?.schema;
    const pattern = new RegExp(String(schema?.['pattern']), 'u');
    expect(good.filter((value) => !pattern.test(value))).toEqual([]);
    expect(bad.filter((value) => pattern.test(value))).toEqual([]);
  });
});

describe('the patterns of the shipped pages', () => {
  it('compile in RE2', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const definitions = await loadProject({ ...project, variables: new Map() });
    const datasets = [...definitions.values()].flatMap((definition) => [...definition.datasets.values()]);
    const patterns = datasets
      .flatMap((dataset) => [...dataset.contract.leaves.values()])
      .flatMap((leaf) => (typeof leaf.schema['pattern'] === 'string' ? [leaf.schema['pattern']] : []));
    for (const pattern of patterns) {
      const reader = await connection.runAndReadAll('select regexp_matches($1, $2) as fits', ['', pattern]);
      expect(reader.getRows()).toEqual([[false]]);
    }
    expect(patterns.length).toBeGreaterThan(3);
    connection.closeSync();
  });
});

describe('the JSON Schema of a page', () => {
  const written: unknown = JSON.parse(readFileSync(`${ROOT}schemas/pipeline.schema.json`, 'utf8'));
  const text = readFileSync(`${ROOT}pipelines/persons.yaml`, 'utf8');
  const isValid = new Ajv2020({ strict: false }).compile(describeDefinition(TREATMENTS));

  it('is the one that is checked in', () => {
    expect(written).toEqual(JSON.parse(JSON.stringify(describeDefinition(TREATMENTS))));
  });

  it('is named in the first line of a page', () => {
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../schemas/pipeline.schema.json');
  });

  it('takes the page, references included', () => {
    expect(isValid(parse(text))).toBe(true);
  });

  it.each([
    ['concurrency: ${CONCURRENCY:-8}', 'concurrency: many'],
    ['timeout: 30s', 'timout: 30s'],
    ['treat: redact', 'treat: redcat'],
    ['decimals: 0', 'decimal: 0'],
    ['x-pii: direct', 'x-pii: secret'],
    ['type: seed', 'type: sead'],
  ])('refuses %s when it is %s', (right, wrong) => {
    expect(text).toContain(right);
    expect(isValid(parse(text.replace(right, wrong)))).toBe(false);
  });
});
