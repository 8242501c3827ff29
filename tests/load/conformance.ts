import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAILY, DATE, makeThings, NEXT, ODD, type Thing, type Things } from './things.js';

/** A type of target under test. */
export interface Subject {
  /** `targets.yaml` with the target `t`, in a place of its own each time, and the variables it reads. */
  readonly make: (settings: string) => Promise<{
    readonly yaml: string;
    readonly variables: Readonly<Record<string, string>>;
    /** Rows of a query as texts; `{silver.users}` is the name of a table there. */
    readonly query: (things: Things, sql: string) => Promise<(string | null)[][]>;
  }>;
  /** The text of a timestamp or a boolean that is the same everywhere. */
  readonly canonical: Readonly<Record<'seen_at' | 'ok', string>>;
}

/** Columns as texts that are the same everywhere; `price` and `weight` are numbers. */
const OWN_COLUMNS = `id::varchar, replace(label, chr(0), chr(65533)), price::double, weight::double, made::varchar,
  strftime(seen_at at time zone 'UTC', '%Y-%m-%d %H:%M:%S.%f'), ok::integer::varchar, big::varchar`;

function columnList({ canonical }: Subject): string {
  const numbers = ['price', 'weight'].map((column) => `cast(${column} as double precision)`);
  const texts = ['cast(made as text)', canonical.seen_at, canonical.ok, 'cast(big as text)'];
  return ['cast(id as text)', 'label', ...numbers, ...texts].join(', ');
}

/** Numbers as numbers, and instants without zeros at the end. */
function toComparable(row: readonly (string | null)[]): unknown[] {
  return row.map((cell, at) => {
    if (cell === null) return null;
    return at === 2 || at === 3 ? Number(cell) : cell.replace(/\.0+$/, '');
  });
}

const people = (count: number, from = 1): Thing[] =>
  Array.from({ length: count }, (_, place) => ({
    ...{ id: from + place, owner: `owner ${place}`, label: `thing ${from + place}`, price: '1.50' },
  }));

/** What every type of target must do. */
export function describeTarget(name: string, subject: Subject): void {
  const start = async (
    settings = '',
    dates: Readonly<Record<string, readonly Thing[]>> = { [DATE]: ODD },
  ) => {
    const { yaml, variables, query } = await subject.make(settings);
    const things = await makeThings(yaml, variables);
    for (const [date, rows] of Object.entries(dates)) await things.land(date, rows);
    return { things, ask: (sql: string) => query(things, sql) };
  };
  const canonical = columnList(subject);
  const count = async (ask: (sql: string) => Promise<(string | null)[][]>, table: string) =>
    Number((await ask(`select count(*) from {${table}}`))[0]?.[0]);

  describe(`${name}: values and columns`, () => {
    it('keeps every value: digits, dates, nulls, Unicode; U+0000 becomes U+FFFD and is counted', async () => {
      const { things, ask } = await start();
      const document = await things.load();
      const own = await things.query(`select ${OWN_COLUMNS} from silver.daily_things order by id`);
      const there = await ask(`select ${canonical} from {silver.daily_things} order by id`);
      expect(there.map(toComparable)).toEqual(own.map(toComparable));
      expect(there.map(([, label]) => label)[4]).toBe('a\ufffdb\ufffd');
      const daily = document.tables.find(({ table }) => table === 'silver.daily_things');
      expect(daily).toMatchObject({ rows: 6, dates: [DATE], replaced_cells: 1 });
      const totals = await ask('select labels, things, ids from {gold.thing_totals}');
      expect(JSON.parse(totals[0]?.[0] ?? '')).toHaveLength(6);
      expect(totals[0]?.slice(1)).toEqual(['6', '21']);
    });

    it('leaves tokens and restricted raw zones out, unless the target takes tokens', async () => {
      const { things, ask } = await start();
      const { left_out } = await things.load();
      expect(left_out).toContainEqual(
        expect.objectContaining({ table: 'silver.daily_things', columns: ['owner_token'] }),
      );
      expect(left_out).toContainEqual({
        ...{ table: 'bronze.hidden_things', columns: [], reason: 'its raw zone is restricted' },
      });
      await expect(ask('select owner_token from {silver.daily_things}')).rejects.toThrow();
      await expect(ask('select 1 from {bronze.hidden_things}')).rejects.toThrow();
      await expect(things.load({ tables: ['hidden_things'] })).rejects.toMatchObject({
        code: 'E_EXPORT_RAW',
      });
      const open = await start('tokens: true');
      await open.things.load();
      const tokens = await open.ask(
        'select distinct owner_token from {silver.daily_things} order by owner_token',
      );
      expect(tokens).toHaveLength(5);
      expect(tokens.every(([token]) => /^k1_[0-9a-f]{32}$/.test(token ?? ''))).toBe(true);
    });

    it('has the key of a table', async () => {
      const { things, ask } = await start();
      await things.load();
      const insert = `insert into {gold.last_things} (id) select id from {gold.last_things}`;
      await expect(ask(insert)).rejects.toThrow(/unique|duplicate/i);
    });
  });

  describe(`${name}: dates`, () => {
    it('loads what differs: nothing twice, a new date, a date that has landed again', async () => {
      const { things, ask } = await start('', { [DATE]: people(30) });
      const first = await things.load({ tables: ['silver.daily_things'] });
      expect([first.rows, first.tables[0]?.dates]).toEqual([30, [DATE]]);
      const log = () => ask('select table_name, date, rows from {ops.batch_log} order by id');
      expect(await log()).toEqual([['silver.daily_things', DATE, '30']]);
      const again = await things.load({ tables: ['daily_things'] });
      expect(again).toMatchObject({ rows: 0, tables: [{ dates: [], unchanged: 1 }] });
      expect(await log()).toHaveLength(1);
      await things.land(NEXT, people(5));
      expect((await things.load({ tables: ['daily_things'] })).tables[0]).toMatchObject({
        ...{ dates: [NEXT], rows: 5, unchanged: 1 },
      });
      await things.land(DATE, people(20));
      await things.load({ tables: ['daily_things'] });
      const days = await ask(
        'select cast(day as text), count(*) from {silver.daily_things} group by day order by day',
      );
      expect(days).toEqual([
        [DATE, '20'],
        [NEXT, '5'],
      ]);
      expect((await log()).map(([, date]) => date)).toEqual([DATE, NEXT, DATE]);
    });

    it('loads one date only where it is named, and everything again where it is forced', async () => {
      const { things, ask } = await start('', { [DATE]: people(3), [NEXT]: people(4) });
      const tables = ['silver.daily_things'];
      expect((await things.load({ tables, date: NEXT })).rows).toBe(4);
      expect(await count(ask, 'silver.daily_things')).toBe(4);
      expect((await things.load({ tables })).rows).toBe(3);
      expect((await things.load({ tables, force: true })).rows).toBe(7);
      expect(await count(ask, 'silver.daily_things')).toBe(7);
    });

    it('brings back rows that are gone from the target', async () => {
      const { things, ask } = await start('', { [DATE]: people(9) });
      await things.load();
      await ask('delete from {silver.daily_things} where id = 3').catch(() => undefined);
      expect((await things.load()).tables.filter(({ rows }) => rows > 0)).toMatchObject([
        { table: 'silver.daily_things', rows: 9 },
      ]);
      expect(await count(ask, 'silver.daily_things')).toBe(9);
    });

    it('records in the lake what it loads, without credentials', async () => {
      const { things } = await start('', { [DATE]: people(2) });
      await things.load({ tables: ['daily_things', 'thing_totals'] });
      const text = await readFile(join(things.dir, 'data_lake', '_targets', 't.json'), 'utf8');
      expect(JSON.parse(text)).toMatchObject({
        ...{ target: 't', tokens: false },
        tables: [
          { table: 'gold.thing_totals', dates: null },
          { table: 'silver.daily_things', dates: [DATE] },
        ],
      });
      expect(text).not.toContain('://');
    });
  });

  describe(`${name}: changed models`, () => {
    const NARROW = DAILY.replace('select id,', 'select id::integer as id,');

    it('adds a column and widens a type', async () => {
      const { things, ask } = await start('', { [DATE]: people(4), [NEXT]: people(2) });
      await things.model('silver/daily_things', NARROW.replace(' ok,', ''));
      await things.load();
      await things.model('silver/daily_things', DAILY.replace('price,', 'price::decimal(30,4) as price,'));
      await things.load();
      const rows = await ask('select id, price, ok from {silver.daily_things} order by day, id');
      expect(rows.map(([id]) => id)).toEqual(['1', '2', '3', '4', '1', '2']);
      expect(rows.map(([, price]) => Number(price))).toEqual([1.5, 1.5, 1.5, 1.5, 1.5, 1.5]);
    });

    it('refuses to narrow or to drop, with the statement to run', async () => {
      const { things, ask } = await start('', { [DATE]: people(4) });
      await things.load();
      await things.model('silver/daily_things', DAILY.replace('price,', 'price::decimal(9,1) as price,'));
      const refused: unknown = await things.load().catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'E_TARGET_TABLE', exit: 2 });
      expect(await count(ask, 'silver.daily_things')).toBe(4);
      const { remedy = '' } = refused as { remedy?: string };
      const statement = /`([^`]+)`/.exec(remedy)?.[1] ?? '';
      await ask(statement);
      await things.load();
      await things.model('silver/daily_things', DAILY.replace(' ok,', ''));
      const dropped: unknown = await things.load().catch((error: unknown) => error);
      expect(dropped).toMatchObject({ code: 'E_TARGET_TABLE' });
      await ask(/`([^`]+)`/.exec((dropped as { remedy: string }).remedy)?.[1] ?? '');
    });
  });

  describe(`${name}: refusals`, () => {
    it('names tables and targets that are not there, and a target that has moved', async () => {
      const { things } = await start('', { [DATE]: people(1) });
      await expect(things.load({ tables: ['nothing'] })).rejects.toMatchObject({ code: 'E_UNKNOWN' });
      await expect(things.load({ target: 'other' })).rejects.toMatchObject({ code: 'E_UNKNOWN' });
    });

    it('keeps the rows of another lake, and knows its own after it has moved', async () => {
      const { things, ask } = await start('', { [DATE]: people(4) });
      await things.load();
      const idPath = join(things.dir, 'data_lake', '_targets', 'lake-id.json');
      const own = await readFile(idPath, 'utf8');
      await rm(idPath);
      const refused: unknown = await things.load({ force: true }).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'E_TARGET_TABLE', exit: 2 });
      expect((refused as { remedy: string }).remedy).toContain('schema_prefix');
      expect(await count(ask, 'silver.daily_things')).toBe(4);
      await writeFile(idPath, own);
      expect((await things.load()).rows).toBe(0);
    });

    it('stops without a trace when it is aborted', async () => {
      const { things, ask } = await start('', { [DATE]: people(20) });
      await things.load({ tables: ['daily_things'] });
      await things.land(DATE, people(25));
      const stop = new AbortController();
      const progress = {
        ...{ start: () => undefined, stop: () => undefined },
        advance: () => {
          stop.abort(new Error('stopped'));
        },
      };
      const stopped = things.load({ force: true }, { signal: stop.signal, progress });
      await expect(stopped).rejects.toThrow('stopped');
      expect([20, 25]).toContain(await count(ask, 'silver.daily_things'));
      await things.load();
      expect(await count(ask, 'silver.daily_things')).toBe(25);
    });
  });
}
