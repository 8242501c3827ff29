import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { FUNCTIONS } from '../../src/anonymize/expression-words.js';
import { FAKE_LISTS } from '../../src/anonymize/fake-lists.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { loadDefinition } from '../../src/definition/load-definition.js';
import { examineTreatments } from '../../src/definition/load-project.js';
import { parseDefinition } from '../../src/definition/read/document.js';
import { runCaptured } from '../commands/capture-output.js';
import { readCells } from '../pipelines/shipped-project.js';
import { json, startStubApi, type StubApi } from '../support/stub-api.js';

const TEXT = ['pipelines', 'models']
  .map((name) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8'))
  .join('\n');

interface Example {
  readonly language: string;
  /** A file of a project, or the part of a page that it stands for. */
  readonly place: string;
  readonly text: string;
}

const EXAMPLES: readonly Example[] = [...TEXT.matchAll(/^```(yaml|sql) (\S+)\n(.*?)^```$/gms)].map(
  ([, language = '', place = '', text = '']) => ({ language, place, text }),
);
const FILES = EXAMPLES.filter(({ place }) => place.includes('/'));
const PARTS = EXAMPLES.filter(({ place }) => !place.includes('/'));
const PAGE = FILES.find(({ place }) => place === 'pipelines/visits.yaml')?.text ?? '';

function load(text: string) {
  const page = { pipeline: 'visits', file: 'pipelines/visits.yaml', text };
  return loadDefinition({ ...page, variables: new Map(), places: 'nowhere', treatments: TREATMENTS });
}

interface Page {
  readonly source: object;
  readonly datasets: {
    readonly visits: { readonly request: object; readonly landing: object; readonly contract: object };
  };
}

/** The page of the document with one part of it changed. */
function withPart({ place, text }: Example): string {
  const page = parse(PAGE) as Page;
  const part = parse(text) as object;
  if (place === 'definition') return stringify({ ...page, ...part });
  if (place === 'source') return stringify({ ...page, source: { ...page.source, ...part } });
  const { visits } = page.datasets;
  if (place === 'datasets') return stringify({ ...page, datasets: { visits, ...part } });
  const landing = { ...visits.landing, ...part };
  if (place === 'landing') return stringify({ ...page, datasets: { visits: { ...visits, landing } } });
  if (place === 'dataset') {
    const contract = { ...visits.contract, ...('contract' in part ? (part.contract as object) : {}) };
    return stringify({ ...page, datasets: { visits: { ...visits, ...part, contract } } });
  }
  const request = place === 'request' ? part : { ...visits.request, pagination: part };
  return stringify({ ...page, datasets: { visits: { ...visits, request } } });
}

describe('the examples of docs/pipelines.md and docs/models.md', () => {
  it('are all told apart by their place', () => {
    expect(FILES.map(({ place }) => place)).toContain('sql/visits/silver/visitors.sql');
    expect(new Set(PARTS.map(({ place }) => place))).toEqual(
      new Set(['dataset', 'datasets', 'definition', 'landing', 'pagination', 'request', 'source']),
    );
    expect(EXAMPLES).toHaveLength([...TEXT.matchAll(/^```(?:yaml|sql)/gm)].length);
  });

  it.each(PARTS.map((part) => [`${part.place} ${part.text.trim()}`, part] as const))(
    'load: %s',
    async (_, part) => {
      const text = withPart(part);
      const definition = load(text);
      expect(definition.datasets.size).toBe(part.place === 'datasets' ? 2 : 1);
      await examineTreatments(definition, parseDefinition('pipelines/visits.yaml', text), TREATMENTS);
    },
  );

  it.each([...FUNCTIONS])('name the function %s of expressions', (name) => {
    expect(TEXT.slice(TEXT.indexOf('#### An expression'))).toContain(`\`${name}\``);
  });

  it.each([...TREATMENTS.keys()])('name the treatment %s', (treatment) => {
    expect(TEXT).toContain(`\`${treatment}\``);
  });
});

const DATE = '2026-11-20';
const VISITS = [
  { minutes: 30, visitor: { name: 'Kanaryann Q. Kanaryarch', email: 'ann@gmail.com', born: '1980-05-01' } },
  { minutes: 45, visitor: { name: null, email: 'bo@gmail.com', born: '1980-09-09' } },
  { minutes: 10, visitor: { name: 'Kanarycy', email: 'cy@example.org', born: '2001-01-31' } },
].map((visit, index) => ({
  ...visit,
  card: `card-000${String(index + 1)}`,
  day: DATE,
  note: 'asked for a doctor',
}));

describe('the project of docs/pipelines.md and docs/models.md', () => {
  let dir: string;
  let api: StubApi;
  beforeAll(async () => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-docs-')));
    process.env['XDG_CONFIG_HOME'] = join(dir, 'config');
    // A key decides which name of the list a person gets: by this one, the two visitors get different names.
    mkdirSync(join(dir, 'config', 'lakeveil'), { recursive: true, mode: 0o700 });
    writeFileSync(
      join(dir, 'config', 'lakeveil', 'local.key'),
      `${Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256)).toString('base64')}\n`,
      {
        mode: 0o600,
      },
    );
    for (const { place, text } of FILES) {
      mkdirSync(dirname(join(dir, place)), { recursive: true });
      writeFileSync(join(dir, place), text);
    }
    api = await startStubApi(({ query }) =>
      json({ total: VISITS.length, data: query.get('day') === DATE ? VISITS : [] }),
    );
  });
  afterAll(async () => {
    Reflect.deleteProperty(process.env, 'XDG_CONFIG_HOME');
    await api.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('passes its own tests of models', async () => {
    const { exit, stdout } = await runCaptured(['test', 'visits', '--json', '--quiet', '--project', dir]);
    expect(JSON.parse(stdout)).toMatchObject({ tests: [{ model: 'silver.visitors', passed: true }] });
    expect(exit).toBe(0);
  });

  it('refuses a gold model that shows what is raw only and does not say why', async () => {
    const file = join(dir, 'sql/visits/gold/visitors_by_year.sql');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/^-- exposes: .*\n/m, ''));
    const { exit, stderr } = await runCaptured(['models', 'visits', '--project', dir]);
    writeFileSync(file, text);
    expect(exit).toBe(2);
    const told =
      /^```text error\n(gold\.visitors_by_year\.birth_year is made of .*?)\n```$/ms.exec(TEXT)?.[1] ?? '';
    expect(told).not.toBe('');
    expect(stderr.replace(/\s+/g, ' ')).toContain(told.replace(/\s+/g, ' '));
  });

  it('runs, and reports who came without naming them', async () => {
    const run = ['run', 'visits', '--date', DATE, '--source', api.url, '--json', '--quiet'];
    const { exit, stdout } = await runCaptured([...run, '--project', dir]);
    expect(JSON.parse(stdout)).toMatchObject({
      datasets: [{ dataset: 'visits', fetched: 3, landed: 3 }],
      reports: [
        {
          report: 'visitors_by_birth_year',
          rows: [
            { birth_year: 1980, visitors: 2, minutes: 75 },
            { birth_year: 2001, visitors: 1, minutes: 10 },
          ],
        },
      ],
    });
    expect(exit).toBe(0);
    // A made-up first name for each that has one, and no word of any.
    const cells = await readCells(join(dir, 'data_lake'));
    expect([...cells].filter((cell) => /kanary/i.test(cell))).toEqual([]);
    expect(FAKE_LISTS.first_name.filter((name) => cells.has(name))).toHaveLength(2);
  });
});
