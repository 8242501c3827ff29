/** What upsert and history should give, in plain loops over all landed rows. */

export interface Thing {
  /** Text, or null: a key like any other. */
  readonly key: string | null;
  readonly colour: string | null;
  readonly note: string;
}

/** Rows by date, in landed order; a date that landed nothing has an empty list. */
export type Landed = ReadonlyMap<string, readonly Thing[]>;

export function expectUpsert(landed: Landed): unknown[][] {
  const last = new Map<string | null, Thing>();
  for (const date of sortDates(landed)) for (const row of landed.get(date) ?? []) last.set(row.key, row);
  return sortRows([...last.values()].map(({ key, colour, note }) => [key, colour, note]));
}

/** The newest date alone. */
export function newestOf(landed: Landed): Landed {
  const last = sortDates(landed).at(-1) ?? '';
  return new Map([...landed].filter(([date]) => date === last));
}

export function expectHistory(landed: Landed, closesDeletes: boolean): unknown[][] {
  const rows: unknown[][] = [];
  for (const key of new Set([...landed.values()].flat().map((row) => row.key))) {
    rows.push(...followKey(key, landed, closesDeletes));
  }
  return sortRows(rows);
}

interface Stretch {
  readonly thing: Thing;
  readonly from: string;
}

/** One row a stretch: key, colour, note, valid_from, valid_to. */
function followKey(key: string | null, landed: Landed, closesDeletes: boolean): unknown[][] {
  const rows: unknown[][] = [];
  let open = null as Stretch | null;
  const close = (to: string | null): void => {
    if (open !== null) rows.push([key, open.thing.colour, open.thing.note, open.from, to]);
    open = null;
  };
  for (const date of sortDates(landed)) {
    const thing = landed.get(date)?.findLast((row) => row.key === key);
    const before = open;
    if (thing === undefined) {
      if (closesDeletes) close(date);
      continue;
    }
    if (before !== null && before.thing.colour !== thing.colour) close(date);
    open = { thing, from: before !== null && before.thing.colour === thing.colour ? before.from : date };
  }
  close(null);
  return rows;
}

function sortDates(landed: Landed): string[] {
  return [...landed.keys()].sort();
}

/** As `order by all` in DuckDB does not matter: both sides are sorted here. */
export function sortRows(rows: readonly (readonly unknown[])[]): unknown[][] {
  return rows
    .map((row) => [...row])
    .sort((a, b) =>
      JSON.stringify(a) < JSON.stringify(b) ? -1 : JSON.stringify(a) > JSON.stringify(b) ? 1 : 0,
    );
}
