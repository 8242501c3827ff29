import type { Json } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { compilePolicy } from '../../src/anonymize/compile-policy.js';
import { WITHHELD } from '../../src/anonymize/echo.js';
import { SafeRoom } from '../../src/anonymize/safe-room.js';
import type { Treatment } from '../../src/anonymize/treatment.js';
import { TREATMENTS } from '../../src/anonymize/treatments/registry.js';
import { quoteText, readRows, withInstance } from '../../src/base/duckdb.js';
import type { DatasetDefinition, Leaf } from '../../src/base/types/definition.js';
import { columnOf, datasetOf, DATE, KEY, leafOf, pageOf } from './bench.js';
import { withStaging } from './rooms.js';

/** What the statement does about landed texts that hold direct values of their own record. */

const short = { schema: { maxLength: 80 } } as const;
const LEAVES = {
  name: leafOf('name', { class: 'direct', ...short }),
  email: leafOf('email', { class: 'direct', schema: { maxLength: 80, format: 'email' } }),
  phone: leafOf('phone', { class: 'direct', ...short }),
  company: leafOf('company.name', { class: 'direct', ...short }),
  city: leafOf('city', { class: 'quasi', ...short }),
  note: leafOf('note', { class: 'quasi', ...short }),
} satisfies Record<string, Leaf>;
const ORDER = Object.values(LEAVES);

type Person = Partial<Record<keyof typeof LEAVES, Json>>;

function datasetWith(facts: Partial<DatasetDefinition> = {}): DatasetDefinition {
  const landing = [
    columnOf('person', [LEAVES.name, LEAVES.email], 'token', { scope: 'person' }),
    columnOf('email', [LEAVES.email], 'mask_email'),
    columnOf('phone', [LEAVES.phone], 'mask', { keep_last: 4 }),
    columnOf('city', [LEAVES.city], 'keep'),
    columnOf('note', [LEAVES.note], 'keep'),
  ];
  const dataset = datasetOf(landing, { primaryKey: ['person'], ...facts });
  // Dropped, but known while the record is.
  const leaves = new Map(ORDER.map((leaf) => [leaf.path, leaf]));
  return { ...dataset, contract: { ...dataset.contract, leaves } };
}

/** The cells of `city` and `note` that land, and how many were withheld. */
async function mask(
  people: readonly Person[],
  {
    facts = {},
    treatments = TREATMENTS,
  }: { facts?: Partial<DatasetDefinition>; treatments?: ReadonlyMap<string, Treatment> } = {},
): Promise<{ rows: Json[][]; withheld: number | null }> {
  const policy = compilePolicy(datasetWith(facts), KEY.id, treatments);
  return withStaging(async (stagingDir) => {
    const limits = { pageSize: 1_000, pagesPerPart: 1_000, memoryLimitMb: 200, threads: 1 };
    const room = await SafeRoom.open({ policy, key: KEY, date: DATE, stagingDir, ...limits });
    try {
      const leaves = policy.leaves.length === 0 ? ORDER : policy.leaves;
      const keyOf = new Map(
        Object.entries(LEAVES).map(([key, { path }]) => [path, key as keyof typeof LEAVES]),
      );
      const page = pageOf(
        leaves,
        people.map((person) => leaves.map(({ path }) => person[keyOf.get(path) ?? 'note'] ?? null)),
      );
      const masked = room.mask(page);
      masked.catch(() => undefined);
      const [segment] = await room.finish();
      await masked;
      return await withInstance({ allowedDirectories: [stagingDir] }, async (connection) => {
        const relation = `read_parquet(${quoteText(segment?.path ?? '')})`;
        const rows = await readRows(connection, `select city, note from ${relation} order by "position"`);
        if (!policy.hasEcho)
          return { rows: rows.map((row) => [row['city'], row['note']] as Json[]), withheld: null };
        const [sum] = await readRows(
          connection,
          `select sum(${WITHHELD})::integer as cells from ${relation}`,
        );
        return {
          rows: rows.map((row) => [row['city'], row['note']] as Json[]),
          withheld: Number(sum?.['cells']),
        };
      });
    } finally {
      await room.close();
    }
  });
}

describe('a kept cell that holds a direct value of its record', () => {
  it.each<[string, Person, Json[]]>([
    ['a name', { name: 'Jordan Miller', city: 'Jordan' }, [null, null]],
    ['in capitals and with accents', { name: 'José Müller', city: 'MULLER' }, [null, null]],
    ['within a text', { name: 'Jordan', note: 'met jordan here', city: 'Rome' }, ['Rome', null]],
    ['the local part of an address', { email: 'miller77@example.org', note: 'miller77' }, [null, null]],
    [
      'a number with other separators',
      { phone: '+49 (30) 1234567', note: 'call 49-30/123.4567' },
      [null, null],
    ],
    ['a value that was dropped', { company: 'Miller and Sons', note: 'at Miller and Sons' }, [null, null]],
  ])('lands null: %s', async (_, person, expected) => {
    expect(await mask([person])).toEqual({ rows: [expected], withheld: 1 });
  });

  it.each<[string, Person, Json[]]>([
    ['another value', { name: 'Anna Berg', city: 'Rome', note: 'nice' }, ['Rome', 'nice']],
    [
      'a word of three letters',
      { name: 'Amy Lee', note: 'amy lives in a flat' },
      [null, 'amy lives in a flat'],
    ],
    ['a word of a company', { company: 'Miller Group', note: 'the group' }, [null, 'the group']],
    ['fewer than seven digits', { phone: '123456', note: '123456 euros' }, [null, '123456 euros']],
    ['digits of two columns', { phone: '1234567', city: '1234', note: '567' }, ['1234', '567']],
    ['nothing', {}, [null, null]],
  ])('stays as it is where it holds %s', async (_, person, expected) => {
    expect(await mask([person])).toEqual({ rows: [expected], withheld: 0 });
  });

  it('of the neighbour stays', async () => {
    const people = [
      { name: 'Jordan Miller', city: 'Rome' },
      { name: 'Anna Berg', city: 'Jordan' },
    ];
    expect(await mask(people)).toEqual({
      rows: [
        ['Rome', null],
        ['Jordan', null],
      ],
      withheld: 0,
    });
  });

  it('stays where `prove` is off', async () => {
    const person = { name: 'Jordan Miller', city: 'Jordan' };
    expect(await mask([person], { facts: { prove: 'off' } })).toEqual({
      rows: [['Jordan', null]],
      withheld: null,
    });
  });
});

describe('a masked cell that holds one', () => {
  it('is an error that names the column and no value', async () => {
    const found = TREATMENTS.get('mask');
    if (found === undefined) throw new Error('no mask');
    const weak: Treatment = {
      ...found,
      sql: (_, inputs) => inputs[0]?.sql ?? 'null',
      precompute: () => null,
    };
    const treatments = new Map([...TREATMENTS, ['mask', weak]]);
    const error: unknown = await mask([{ phone: '+49 30 7654321' }], { treatments }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'E_ECHO', exit: 5, facts: { dataset: 'people', column: 'phone' } });
    expect(JSON.stringify(error) + String(error)).not.toContain('7654321');
  });
});
