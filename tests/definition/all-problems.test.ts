import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import { LakeveilError } from '../../src/base/errors.js';
import { formatError, toErrorDocument } from '../../src/base/terminal/print-error.js';
import { errorOf, load, PAGE_TEXT } from './page.js';

/** A second dataset, beside the one of the page. */
const VISITS = `  visits:
    time: snapshot
    request: { path: /visits, records: data, pagination: { type: none } }
    contract:
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 1, maximum: 999999, x-pii: none }
          room: { type: string, x-pii: none }
    landing:
      id: { from: id, treat: keep }
      room: { from: room, treat: redact }
    primary_key: [id]
    checks: [{ check: unique, severity: warn, columns: [id] }]
`;

type Changes = readonly (readonly [from: string, to: string])[];

function listProblems(changes: Changes, variables: Readonly<Record<string, string>> = {}): string[] {
  const text = changes.reduce((before, [from, to]) => {
    expect(before.split(from)).toHaveLength(2);
    return before.replace(from, () => to);
  }, PAGE_TEXT + VISITS);
  return errorOf(() => load(text, variables)).problems.map(
    ({ code, message, where }) => `${code} ${where.field ?? ''}: ${message}`,
  );
}

function problemsOf(text: string): { readonly code: string; readonly problems: number } {
  try {
    load(text);
    return { code: 'none', problems: Infinity };
  } catch (error) {
    if (!(error instanceof LakeveilError)) throw error;
    return { code: error.code, problems: error.problems.length };
  }
}

/** The paths of all parts of a definition. */
function listPaths(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const keys = entries.map(([key, inner]) => [Array.isArray(value) ? Number(key) : key, inner] as const);
  return [[...path], ...keys.flatMap(([key, inner]) => listPaths(inner, [...path, key]))];
}

describe('all problems of a definition', () => {
  it.each([7, 'x', true, null, [], {}, [7], { x: 7 }])('are ours, whatever part is %j', (wrong) => {
    for (const path of listPaths(parse(PAGE_TEXT + VISITS)).filter(({ length }) => length > 0)) {
      const document = parseDocument(PAGE_TEXT + VISITS);
      document.setIn(path, wrong);
      const { code, problems } = problemsOf(document.toString());
      expect([code, problems > 0], path.join('.')).toEqual([expect.not.stringMatching('E_DEFECT'), true]);
    }
  });

  it.each<{ name: string; changes: Changes; problems: readonly string[] }>([
    {
      name: 'form and meaning of different datasets',
      changes: [
        ['timeout: 45s', 'tiemout: 45s'],
        ['size: 100', 'size: many'],
        ['from: home.city', 'from: home.cty'],
        ['room: { type: string, x-pii: none }', 'room: { type: string }'],
        ['columns: [id]', 'columns: [ident]'],
      ],
      problems: [
        'E_DEFINITION source.tiemout: unknown key `tiemout`',
        'E_DEFINITION datasets.people.request.pagination.size: `size` must be a whole number from 1 to 1000000',
        'E_DEFINITION datasets.people.landing.city.from: unknown leaf',
        'E_DEFINITION datasets.visits.contract.schema.properties.room: the leaf has no PII class',
        'E_DEFINITION datasets.visits.checks.0.columns.0: unknown landing column',
      ],
    },
    {
      name: 'form and meaning of one dataset, without consequences',
      changes: [
        ['path: /people/{date}', 'pth: /people/{date}'],
        ['email: { type: string, format: email, x-pii: direct }', 'email: { type: text, x-pii: direct }'],
        ['born: { from: born, treat: keep }', 'born: { from: born }'],
        ['sex: { from: sex, treat: keep }', 'Sex: { from: sex, treat: keep }'],
        ['decimals: 1', 'digits: 1'],
        ['drop: [note]', 'drop: [note, nothing]'],
        ['primary_key: [person]', 'primary_key: [persom]'],
      ],
      problems: [
        'E_DEFINITION datasets.people.request.pth: unknown key `pth`',
        'E_DEFINITION datasets.people.contract.schema.properties.email.type: `type` must be one of object, string, integer, number, boolean, array, null, or a pair such as [string, "null"]',
        'E_DEFINITION datasets.people.landing.born.treat: `treat` is missing',
        'E_NAME datasets.people.landing.Sex: invalid column name: names match [a-z][a-z0-9_]{0,62}',
        'E_DEFINITION datasets.people.landing.score.digits: treatment round has no parameter `digits`',
        'E_DEFINITION datasets.people.drop.1: unknown leaf',
        'E_DEFINITION datasets.people.primary_key.0: unknown landing column',
      ],
    },
    {
      name: 'leaves without a decision, beside a mistyped one',
      changes: [
        ['city: { from: home.city, treat: redact }', 'city: { from: home.cty, treat: redact }'],
        ['drop: [note]', 'drop: []'],
        ['      room: { from: room, treat: redact }\n', ''],
      ],
      problems: [
        'E_DEFINITION datasets.people.contract.schema.properties.note: note is neither landed nor dropped',
        'E_DEFINITION datasets.people.landing.city.from: unknown leaf',
        'E_DEFINITION datasets.visits.contract.schema.properties.room: room is neither landed nor dropped',
      ],
    },
    {
      name: 'a dataset without a contract and one with an unknown treatment',
      changes: [
        ['    contract:\n      max_rejected: 2.5%\n', '    cotract:\n      max_rejected: 2.5%\n'],
        ['id: { from: id, treat: keep }\n      room', 'id: { from: id, treat: kep }\n      room'],
      ],
      problems: [
        'E_DEFINITION datasets.people.cotract: unknown key `cotract`',
        'E_DEFINITION datasets.visits.landing.id.treat: unknown treatment',
      ],
    },
    {
      name: 'keys that are named like parts of an object of JavaScript',
      changes: [['time: by_date', 'time: by_date\n    constructor: 1\n    toString: 2']],
      problems: [
        'E_DEFINITION datasets.people.constructor: unknown key `constructor`',
        'E_DEFINITION datasets.people.toString: unknown key `toString`',
      ],
    },
    {
      name: 'a source that is missing',
      changes: [
        [PAGE_TEXT.slice(PAGE_TEXT.indexOf('env:'), PAGE_TEXT.indexOf('datasets:')), 'description2: x\n'],
        ['drop: [note]', 'drop: [note, nothing]'],
      ],
      problems: [
        'E_DEFINITION source: `source` is missing',
        'E_DEFINITION description2: unknown key `description2`',
        'E_DEFINITION datasets.people.drop.1: unknown leaf',
      ],
    },
  ])('are reported at once, in file order: $name', ({ changes, problems }) => {
    expect(listProblems(changes)).toEqual(problems);
  });

  it('name every variable that is missing, once', () => {
    const problems = listProblems([
      ['${API_URL:-https://api.example.org/v1}', '${API_URL}'],
      ['${PAGES_AT_ONCE:-4}', '${PAGES_AT_ONCE}'],
      ['"Bearer ${API_TOKEN:-none}" }', '"Bearer ${API_TOKEN}", X-Key: "${API_TOKEN}-${API_URL}" }'],
      ['from: home.city', 'from: home.cty'],
    ]);
    expect(problems).toEqual([
      'E_ENV_MISSING source.base_url: variable API_URL is not set; looked in the environment and .env',
      'E_ENV_MISSING source.concurrency: variable PAGES_AT_ONCE is not set; looked in the environment and .env',
      'E_ENV_MISSING source.headers.Authorization: variable API_TOKEN is not set; looked in the environment and .env',
      'E_DEFINITION datasets.people.landing.city.from: unknown leaf',
    ]);
  });

  it('are all printed, each with its place and remedy', () => {
    const text = PAGE_TEXT.replace('timeout:', 'tiemout:').replace('home.city,', 'home.cty,');
    const error = errorOf(() => load(text));
    expect(error.exit).toBe(2);
    expect(formatError(error, false).split('\n')).toEqual([
      'Error: unknown key `tiemout`',
      '  code     E_DEFINITION',
      '  where    pipelines/people.yaml:7:3, field source.tiemout',
      expect.stringMatching(/^ {2}next {5}did you mean `timeout`\?/),
      'Error: unknown leaf',
      '  code     E_DEFINITION',
      '  where    pipelines/people.yaml:44:15, field datasets.people.landing.city.from',
      expect.stringMatching(/^ {2}next {5}did you mean `home\.city`\?/),
      '2 problems. Nothing was started.',
    ]);
    const { problems = [], ...first } = toErrorDocument(error).error;
    expect(problems).toHaveLength(2);
    expect(first).toEqual({ ...problems[0], exit: 2 });
    expect(Object.keys(problems[1] ?? {})).toEqual(['code', 'message', 'where', 'remedy']);
  });
});
