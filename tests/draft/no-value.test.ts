import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import type { Definition } from '../../src/base/types/definition.js';
import { loadDefinition } from '../../src/definition/load-definition.js';
import { collectFields } from '../../src/draft/collect-leaves.js';
import { planFields } from '../../src/draft/plan-draft.js';
import { writeDraft } from '../../src/draft/write-draft.js';

const WHOLE = { keys: { type: 'none' }, question: null };

function draft(records: readonly unknown[]): string {
  const request = { baseUrl: null, path: '/people', query: new Map(), body: null };
  const facts = { records: records.length, isPartial: false, noPeople: false };
  const fields = planFields(collectFields(records), 'people', facts);
  return writeDraft({
    pipeline: 'people',
    source: { baseUrl: 'http://127.0.0.1:1', question: null, headers: new Map(), auth: null },
    datasets: [
      {
        name: 'people',
        ...request,
        format: 'json',
        records: [],
        keyed: false,
        pagination: WHOLE,
        fields,
        nested: null,
        parent: null,
      },
    ],
    hasEditorSchema: false,
    noPeople: false,
  });
}

function load(text: string): Definition {
  const file = 'pipelines/people.yaml';
  return loadDefinition({ file, text, treatments: TREATMENTS, variables: new Map(), places: 'nowhere' });
}

/** Every text of a sample begins so, and nothing else does. */
const MARK = 'zq';
const value = fc
  .oneof(fc.string({ maxLength: 12 }), fc.constantFrom('a', 'b', ' c', '@d.example', '4111111111111111'))
  .map((text) => `${MARK}${text}`);
const NAMES = [
  'id',
  'name',
  'email',
  'status',
  'country',
  'page',
  'Page',
  'created_at',
  'foo',
  'true',
  '#x',
  '$y',
];
const leaf = fc.oneof(value, value, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const names = fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES), fc.string());
const record = fc.dictionary(
  names,
  fc.oneof(
    leaf,
    leaf,
    fc.dictionary(names, leaf),
    fc.array(leaf),
    fc.dictionary(value, leaf, { minKeys: 3 }),
  ),
  { maxKeys: 10 },
);

describe('a draft of any records', () => {
  it('loads, and holds no text of them but members of a closed list', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 4, maxLength: 12 }), (records) => {
        const named = records.map((item) => ({ ...item, sure: 1 }));
        const text = draft(named);
        const { datasets } = load(text);
        expect(text.replaceAll(/enum: \[[^\]]*\]/g, '').includes(`"${MARK}`)).toBe(false);
        for (const column of datasets.get('people')?.landing ?? []) {
          if (column.treatment === 'keep') expect(column.class).toBe('none');
        }
      }),
      { numRuns: 300, seed: 20261120 },
    );
  });

  it('is the same each time', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 4, maxLength: 12 }), (records) => {
        const named = records.map((item) => ({ ...item, sure: 1 }));
        expect(draft(named)).toBe(draft(structuredClone(named)));
      }),
      { numRuns: 50, seed: 20261120 },
    );
  });
});

describe('a closed list', () => {
  const times = (count: number, fields: Readonly<Record<string, unknown>>) =>
    Array.from({ length: count }, () => ({ ...fields }));

  it('has members that were met in five records and more', () => {
    expect(draft([...times(5, { status: 'open' }), ...times(6, { status: 'shut' })])).toContain(
      'enum: ["open", "shut", null]',
    );
    expect(draft([...times(4, { status: 'rare' }), ...times(6, { status: 'shut' })])).not.toMatch(
      /rare"|shut/,
    );
  });

  it('has twenty members at most', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => times(5, { status: `S${String(n)}` })).flat();
    expect(draft(many(20))).toContain('"S19"');
    expect(draft(many(21))).not.toContain('enum: [');
  });

  it.each([
    ['in a leaf named like a person', { manager: 'Alice' }, 'Alice'],
    ['in a leaf that nobody knows', { foo: 'Alice' }, 'Alice'],
    ['with an address', { status: 'a@example.org' }, 'example'],
    ['with a phone number', { status: '+4930123456' }, '4930'],
    ['with a card', { status: '4111111111111111' }, '4111'],
    ['with long digits', { status: 'case 12345' }, '12345'],
    ['with the name of a person', { status: 'John Smith' }, 'Smith'],
    ['with the name of a person in capitals', { status: 'MARÍA GARCÍA' }, 'GARC'],
    ['with a word that nobody knows and has a capital, as a type', { type: 'Schmidt' }, 'Schmidt'],
    ['with such a word as a status', { status: 'Zqxlehmann' }, 'Zqxlehmann'],
    ['with such a word as a channel beside a plain one', { channel: 'web Schmidt' }, 'Schmidt'],
    ['with a title', { plan: '2b - Frau krause' }, 'krause'],
    ['with a title of a doctor', { channel: 'dr. khan' }, 'khan'],
    ['below what is sensitive', { diagnosis: { type: 'depression' } }, 'depression'],
  ])('is none %s', (_, fields, hidden) => {
    const text = draft(times(30, fields));
    load(text);
    expect(text).not.toContain(hidden);
    expect(text).not.toContain('keep }');
  });
});

describe('a number that is sensitive', () => {
  it.each([{ pin: { value: 4711 } }, { health: { level: 4 } }, { salary: { amount: 4711 } }])(
    'does not land: %j',
    (fields) => {
      const text = draft([{ id: 1, ...fields }]);
      load(text);
      expect(text).toMatch(/drop:\n +- (?:pin\.value|health\.level|salary\.amount)\n/);
    },
  );
});

describe('a key', () => {
  it('that is the name of a person of the sample is no field', () => {
    const text = draft([{ username: 'alice', alice: 1, status: 'x' }]);
    load(text);
    expect(text).not.toContain('alice');
  });

  it('that one record has alone is no field', () => {
    const records = ['ann', 'bob', 'cem', 'dia', 'eve'].map((name) => ({
      id: 1,
      scores: { total: 1, [name]: 1 },
    }));
    const text = draft(records);
    load(text);
    expect(text).not.toMatch(/ann|bob|cem|dia\b|eve/);
    expect(text).toContain('scores has fields whose names look like data or are rare');
  });
});

describe('keys that differ from record to record', () => {
  const people = ['ann', 'bob', 'cem', 'dia', 'eve', 'fay', 'gil', 'hal'];
  const records = (value: (n: number) => unknown) =>
    Array.from({ length: 24 }, (_, n) => ({
      id: n,
      friends: Object.fromEntries([n, n + 3].map((k): [string, unknown] => [people[k % 8] ?? '', value(n)])),
    }));

  it.each([
    ['numbers', (n: number) => n],
    ['texts', (n: number) => `x${n}`],
    ['objects', (n: number) => ({ since: n, close: true })],
  ])('are data, though each is met in several: %s', (_, value) => {
    const text = draft(records(value));
    load(text);
    expect(text).not.toMatch(/\b(?:ann|bob|cem|dia|eve|fay|gil|hal)\b/);
    expect(text).toContain('friends is an object whose keys look like data');
  });

  it('are fields where their values are of several types', () => {
    const optional = ['alt', 'bus', 'col', 'dim', 'ext', 'fin', 'gap', 'hub'];
    const text = draft(
      Array.from({ length: 24 }, (_, n) => ({
        id: n,
        more: { [optional[n % 8] ?? '']: n, [optional[(n + 3) % 8] ?? '']: 'x', on: true },
      })),
    );
    load(text);
    expect(text).toContain('more.on');
  });
});

describe('a number', () => {
  it.each([
    [
      'of seven digits and more, which may be a phone',
      { amount: 49_301_234 },
      'amount: { from: amount, treat: redact }',
    ],
    ['beyond 2^53 keeps its digits', { id: 2 ** 60 }, 'id: { from: id, treat: token'],
    ['that nobody knows stays away', { foo: 3 }, '- foo # question: what is it?'],
    ['of a birth that is a moment', { birth: 612_345_678 }, 'birth: { from: birth, treat: redact }'],
    [
      'beyond all that is exact is left out',
      { huge: Number.POSITIVE_INFINITY },
      '# question: huge has numbers',
    ],
    ['of more than 38 digits is left out', { huge: 1e39 }, '# question: huge has numbers'],
  ])('%s', (_, fields, line) => {
    const text = draft([{ ...fields, status: 'x' }, { ...fields }]);
    load(text);
    expect(text).toContain(line);
  });
});

it('fractions beside numbers that are not exact are left out', () => {
  const text = draft([
    { id: 1, huge: 1e20 },
    { id: 2, huge: 0.5 },
  ]);
  load(text);
  expect(text).toContain('# question: huge has numbers that are too large to be exact');
});

describe('an id', () => {
  it('has the scope of what it is of', () => {
    const text = draft([1, 2].map((n) => ({ id: n, user_id: 3, team: { id: 4 }, item: { orderId: n } })));
    load(text);
    expect(text.match(/scope: \w+/g)).toEqual(
      ['person', 'user', 'team', 'order'].map((name) => `scope: ${name}`),
    );
    expect(text).toContain('primary_key: [id]');
  });

  it('of one record alone is no key, unless it is called so', () => {
    expect(draft([{ ref: 'A1' }])).toContain('primary_key: []');
    expect(draft([{ ref: 'A1', id: 1 }])).toContain('primary_key: [id]');
  });
});
