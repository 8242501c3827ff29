import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askRecords } from '../fake-api/ask.js';
import { makeShippedProject, readCells, type ShippedProject } from './shipped-project.js';

interface Booking {
  readonly Booking_ID: string;
  readonly Passenger_ID: string;
  readonly Passenger_Name: string;
  readonly Email: string;
  readonly Ticket_Class: string;
  readonly Booking_Status: string;
  readonly Revenue: number;
}

const DATE = '2026-11-20';
/** Hours of several dates, the later ones of a date first: what was told last wins, not what was fetched last. */
const HOURS = ['2026-11-18T13', '2026-11-19T14', '2026-11-19T13', `${DATE}T13`];

let project: ShippedProject;
/** As the source gave them, hour after hour. */
let told: readonly Booking[];
let results: unknown[];

beforeAll(async () => {
  project = makeShippedProject(['pipelines/bookings.yaml', 'sql/bookings']);
  results = [];
  for (const hour of HOURS) results.push(await project.ask('run', 'bookings', '--date', hour));
  const pages: (readonly Booking[])[] = [];
  for (const hour of HOURS.toSorted()) {
    const [date = '', slot = ''] = hour.split('T');
    pages.push(await askRecords<Booking>(`/api/bookings.json?count=1000&date=${date}&slot=${slot}`));
  }
  told = pages.flat();
});
afterAll(() => {
  project.remove();
});

/** The last that was told of each booking, over dates and hours. */
function latest(): readonly Booking[] {
  return [...new Map(told.map((booking) => [booking.Booking_ID, booking])).values()];
}

function tally(list: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const entry of list) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  return Object.fromEntries([...counts].sort());
}

describe('bookings', () => {
  it('land, all of them', () => {
    for (const result of results) {
      expect(result).toMatchObject({ datasets: [{ fetched: 1_000, landed: 1_000, rejected: 0, drift: [] }] });
    }
  });

  it('keep the status told last, one row each', async () => {
    const rows = await project.query(
      'select booking_status, count(*) as n from silver.latest_bookings group by all order by all',
    );
    expect(Object.fromEntries(rows.map((row) => [row['booking_status'], row['n']]))).toEqual(
      tally(latest().map((booking) => booking.Booking_Status)),
    );
    expect(latest().length).toBeLessThan(told.length - 100);
  });

  it('add up to the cent', async () => {
    const [row] = await project.query('select sum(revenue) as revenue from gold.booking_revenue');
    const paid = latest().filter((booking) => booking.Booking_Status !== 'Cancelled');
    const cents = paid.reduce((sum, booking) => sum + Math.round(booking.Revenue * 100), 0);
    expect(row).toEqual({ revenue: (cents / 100).toFixed(2) });
  });

  it('join by passenger', async () => {
    const [row] = await project.query(
      'select count(distinct passenger_token) as passengers from silver.latest_bookings',
    );
    expect(row).toEqual({ passengers: new Set(latest().map((booking) => booking.Passenger_ID)).size });
  });

  it('hold no name, no address and no number of anybody', async () => {
    const cells = await readCells(project.lake);
    const direct = told.flatMap((booking) => [
      booking.Booking_ID,
      booking.Passenger_ID,
      booking.Passenger_Name,
      booking.Email,
    ]);
    expect(cells.size).toBeGreaterThan(5_000);
    expect(direct.filter((value) => cells.has(value))).toEqual([]);
  });

  it('report the day', async () => {
    expect(await project.ask('report', 'bookings', '--date', DATE)).toMatchObject({
      reports: [
        { report: 'cancellations_and_check_ins', rows: { length: 4 } },
        { report: 'passengers_by_country', rows: { length: 10 } },
        { report: 'payments_of_the_day', rows: { length: 5 } },
        { report: 'revenue_by_class', rows: { length: 4 } },
        { report: 'trips_per_passenger' },
      ],
    });
  });

  it('are the same tables when all is made anew', async () => {
    const sql = 'select * from silver.latest_bookings order by booking_token';
    const before = await project.query(sql);
    await project.ask('transform', 'bookings', '--all');
    expect(await project.query(sql)).toEqual(before);
  });
});
