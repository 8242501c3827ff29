import { expect, test } from 'vitest';
import { renderCsv } from '../../fake-api/bookings/booking-body.js';
import { ask, askRecords } from './ask.js';

interface Booking {
  readonly Booking_ID: string;
  readonly Booking_Date: string;
  readonly Flight_Date: string;
  readonly Passenger_ID: string;
  readonly Passenger_Name: string;
  readonly Email: string;
  readonly Quantity: number;
  readonly Unit_Price: number;
  readonly Booking_Status: string;
  readonly Revenue: number;
}

const FIELDS =
  'Booking_ID Booking_Date Flight_ID Flight_Date Passenger_ID Passenger_Name Email Gender Country_Code Ticket_Class Quantity Unit_Price Payment_Method Booking_Status Revenue';

function at(date: string, slot: string, ending = 'json'): string {
  return `/api/bookings.${ending}?count=1000&date=${date}&slot=${slot}`;
}

test('a key is asked for, and any will do', async () => {
  const url = at('2026-11-20', '13');
  expect(await ask(url, {}, {})).toMatchObject({ status: 401 });
  expect(await ask(url, {}, { 'x-api-key': '' })).toMatchObject({ status: 401 });
  expect(await ask(url)).toMatchObject({ status: 200, contentType: 'application/json' });
});

test('a booking has its fields in order, and money with two decimals', async () => {
  const { body } = await ask(at('2026-11-20', '13'));
  const rows = JSON.parse(body) as readonly Booking[];
  expect(Object.keys(rows[0] ?? {})).toEqual(FIELDS.split(' '));
  const amounts = [...body.matchAll(/"(?:Unit_Price|Revenue)":([^,}]*)/g)].map(([, amount]) => amount);
  expect(amounts).toHaveLength(2_000);
  expect(amounts.filter((amount) => !/^\d+\.\d{2}$/.test(amount ?? ''))).toEqual([]);
  const cents = (amount: number): number => Math.round(amount * 100);
  expect(rows.filter((row) => cents(row.Revenue) !== row.Quantity * cents(row.Unit_Price))).toEqual([]);
});

test('CSV holds the rows of JSON', async () => {
  const rows = await askRecords<Booking>(at('2026-11-20', '13'));
  const { body, contentType } = await ask(at('2026-11-20', '13', 'csv'));
  const lines = body.split('\r\n');
  expect(contentType).toBe('text/csv; charset=utf-8');
  expect(lines[0]).toBe(FIELDS.replaceAll(' ', ','));
  expect(lines.at(-1)).toBe('');
  const names = lines.slice(1, -1).map((line) => line.split(',')[5]);
  expect(names).toEqual(rows.map((row) => row.Passenger_Name));
});

test.each([
  ['plain', 'plain'],
  ['O’Neil, Ann', '"O’Neil, Ann"'],
  ['"Bo"', '"""Bo"""'],
  ['two\nlines', '"two\nlines"'],
])('a cell %j is written %s', (text, cell) => {
  expect(renderCsv([[{ name: 'n', text, isNumber: false }]])).toBe(`n\r\n${cell}\r\n`);
});

test('the same date and slot give the same bytes; another slot, date or seed gives others', async () => {
  const { body } = await ask(at('2026-11-20', '13'));
  expect((await ask(at('2026-11-20', 'T13'))).body).toBe(body);
  const midnight = await ask('/api/bookings.json?count=1000&date=2026-11-20');
  expect(midnight.body).toBe((await ask(at('2026-11-20', '00'))).body);
  const others = [
    await ask(at('2026-11-20', '14')),
    await ask(at('2026-11-21', '13')),
    await ask(at('2026-11-20', '13'), { seed: 'another' }),
  ];
  expect(others.filter((other) => other.body === body)).toEqual([]);
});

test.each([
  ['', 1_000],
  ['count=1', 1],
  ['count=7', 7],
  ['count=5000', 5_000],
  ['count=5001', 5_000],
  ['count=0', 1_000],
  ['count=-3', 1_000],
])('%j asks for %i rows, each of another booking', async (query, count) => {
  const rows = await askRecords<Booking>(`/api/bookings.json?date=2026-11-20&slot=0&${query}`);
  expect(rows).toHaveLength(count);
  expect(new Set(rows.map((row) => row.Booking_ID)).size).toBe(count);
});

test.each([
  'date=2026-02-30&slot=1',
  'date=today&slot=1',
  'date=2026-11-20&slot=24',
  'date=2026-11-20&slot=',
])('%s is refused', async (query) => {
  expect(await ask(`/api/bookings.json?${query}`)).toMatchObject({ status: 400 });
});

test.each([
  ['an hour later', '2026-11-20', '14'],
  ['a day later', '2026-11-21', '13'],
  ['two days later', '2026-11-22', '13'],
])('%s bookings come again: a newer status, and nothing else new', async (_, date, slot) => {
  const before = new Map(
    (await askRecords<Booking>(at('2026-11-20', '13'))).map((row) => [row.Booking_ID, row]),
  );
  const again = (await askRecords<Booking>(at(date, slot))).filter((row) => before.has(row.Booking_ID));
  expect(again.length).toBeGreaterThan(20);
  for (const row of again) {
    const { Booking_Status: old, ...rest } = before.get(row.Booking_ID) ?? row;
    expect(row).toMatchObject(rest);
    expect([old, row.Booking_Status]).not.toEqual([old, old]);
    expect(['Flown', 'Cancelled']).not.toContain(old);
  }
});

test('a flight that was flown was due by then, and nobody checks in for one that has left', async () => {
  const rows = await askRecords<Booking>(at('2026-11-20', '13'));
  const flown = rows.filter((row) => row.Booking_Status === 'Flown');
  const waiting = rows.filter((row) => ['Booked', 'Checked-in'].includes(row.Booking_Status));
  expect(flown.length).toBeGreaterThan(100);
  expect(flown.filter((row) => row.Flight_Date !== '2026-11-20')).toEqual([]);
  expect(waiting.filter((row) => row.Flight_Date < '2026-11-20')).toEqual([]);
});

test('passengers recur, each with one name and one address', async () => {
  const rows = (
    await Promise.all(['10', '11', '12', '13'].map((slot) => askRecords<Booking>(at('2026-11-20', slot))))
  ).flat();
  const faces = new Map<string, Set<string>>();
  for (const { Passenger_ID: id, Passenger_Name: name, Email: email } of rows)
    faces.set(id, (faces.get(id) ?? new Set()).add(`${name} ${email}`));
  expect(faces.size).toBeLessThan(0.9 * rows.length);
  expect([...faces.values()].filter((face) => face.size > 1)).toEqual([]);
});
