import { parse } from 'csv-parse/sync';
import type { Fetch } from '../src/effects.js';

/** What is done to the bodies of a source on their way in. */
export interface Tampering {
  /** Adds a field that no contract declares. */
  readonly drift: boolean;
  /** Leaves out every second record of a body that is nothing but records. */
  readonly halve: boolean;
}

/** Needles of `tests/support/canary-people.ts` in front of, or in place of, what a leaf of that name holds. */
const PLANTED: ReadonlyMap<string, (value: string) => string> = new Map([
  ['firstname', (value) => `Kanaryfirst${value}`],
  ['lastname', (value) => `Kanärylast${value}`],
  ['name', (value) => `Kanaryfirst ${value} Kanärylast`],
  ['email', (value) => `KanaryMail${value}`],
  ['phone', () => '+495550147319'],
  ['street', (value) => `kanarystreet ${value}`],
  ['streetname', (value) => `kanaryroad ${value}`],
  ['buildingnumber', () => 'KNRY7714'],
  ['website', () => 'https://kanaryweb.example/'],
  ['image', () => 'https://kanaryimage.example/'],
  ['username', (value) => `kanaryssn${value}`],
  ['password', (value) => `kanarykey${value}`],
  ['passenger_name', (value) => `Kanaryfirst ${value}`],
  ['passenger_id', (value) => `kanarykey${value}`],
]);

const NEW_FIELD = ['nickname', 'kanaryssn'] as const;

/** A fetch that plants canaries in every answer, and does to it what `tampering` says when it comes. */
export function createTamperedFetch(fetch: Fetch, tampering: () => Tampering): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.status !== 200) return response;
    const type = String(response.headers['content-type'] ?? '');
    const change = type.includes('json') ? changeJson : type.includes('csv') ? changeCsv : null;
    if (change === null) return response;
    const text = await readText(response.body);
    const body = Buffer.from(change(text, tampering()));
    const headers = { ...response.headers, 'content-length': String(body.length) };
    return { ...response, headers, body: give(body) };
  };
}

/** Rejects where the body breaks off, as a connection does that is reset. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* give(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(body);
}

function changeJson(text: string, { drift, halve }: Tampering): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return text;
  }
  if (halve && Array.isArray(body)) body = body.filter((_, index) => index % 2 === 0);
  return JSON.stringify(plantJson(body, drift));
}

function plantJson(value: unknown, drift: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => plantJson(item, drift));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    typeof inner === 'string' ? plant(key, inner) : plantJson(inner, drift),
  ]);
  return Object.fromEntries(drift ? [...entries, NEW_FIELD] : entries);
}

function changeCsv(text: string, { drift, halve }: Tampering): string {
  const rows: string[][] = parse(text);
  const [header = [], ...records] = rows;
  const kept = halve ? records.filter((_, index) => index % 2 === 0) : records;
  const planted = kept.map((cells) => cells.map((cell, index) => plant(header[index] ?? '', cell)));
  const table = drift
    ? [[...header, NEW_FIELD[0]], ...planted.map((cells) => [...cells, NEW_FIELD[1]])]
    : [header, ...planted];
  return table.map((cells) => `${cells.map(quoteCell).join(',')}\r\n`).join('');
}

function plant(key: string, value: string): string {
  return value === '' ? value : (PLANTED.get(key.toLowerCase())?.(value) ?? value);
}

function quoteCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
