import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cart } from '../../fake-api/store/store-carts.js';
import type { Product } from '../../fake-api/store/store-products.js';
import type { StoreUser } from '../../fake-api/store/store-users.js';
import { askRecords } from '../fake-api/ask.js';
import { makeShippedProject, readCells, type ShippedProject } from './shipped-project.js';

/** Not in their order: a date that comes late changes what follows from it, and nothing else. */
const DATES = ['2026-11-18', '2026-11-20', '2026-11-19'];
const RATES = readFileSync(new URL('../../pipelines/store/rates.csv', import.meta.url), 'utf8');

interface Day {
  readonly date: string;
  readonly products: readonly Product[];
  readonly users: readonly StoreUser[];
  readonly carts: readonly Cart[];
}

let project: ShippedProject;
let days: readonly Day[];
let results: unknown[];

async function fetchDay(date: string): Promise<Day> {
  return {
    date,
    products: await askRecords<Product>(`/products?date=${date}`),
    users: await askRecords<StoreUser>(`/users?date=${date}`),
    carts: await askRecords<Cart>(`/carts?startdate=${date}&enddate=${date}`),
  };
}

beforeAll(async () => {
  project = makeShippedProject(['pipelines/store.yaml', 'pipelines/store', 'sql/store']);
  days = await Promise.all(DATES.map(fetchDay));
  results = [];
  for (const date of DATES) results.push(await project.ask('run', 'store', '--date', date, '--as-of-now'));
});
afterAll(() => {
  project.remove();
});

/** Cents of a day's items at the prices of that day, in US dollars and in euros. */
function sumCents({ date, products, carts }: Day): readonly [usd: number, eur: number] {
  const prices = new Map(products.map(({ id, price }) => [id, Math.round(price * 100)]));
  const rate = Number(new RegExp(`^${date},EUR,(.*)$`, 'm').exec(RATES)?.[1]?.replace('.', ''));
  let [usd, eur] = [0, 0];
  for (const { productId, quantity } of carts.flatMap((cart) => cart.products)) {
    const cents = (prices.get(productId) ?? 0) * quantity;
    usd += cents;
    // Whole numbers until here, so that halves are rounded up as decimals are.
    eur += Math.floor((cents * rate + 50_000) / 100_000);
  }
  return [usd, eur];
}

/** Cents in euros of a day's prices in US dollars, by product. */
function convertPrices({ date, products }: Day): ReadonlyMap<number, string> {
  const rate = Number(new RegExp(`^${date},EUR,(.*)$`, 'm').exec(RATES)?.[1]?.replace('.', ''));
  // Whole numbers throughout, so that halves are rounded up as decimals are.
  const convert = (price: number): number => Math.floor((Math.round(price * 100) * rate + 50_000) / 100_000);
  return new Map(products.map(({ id, price }) => [id, (convert(price) / 100).toFixed(2)]));
}

describe('the store', () => {
  it('lands everything that it was given, items by themselves', () => {
    for (const [index, { products, users, carts }] of days.entries()) {
      const items = carts.flatMap((cart) => cart.products);
      const counts = [
        ['store_products', products.length],
        ['store_users', users.length],
        ['store_carts', carts.length],
        ['store_cart_items', items.length],
      ] as const;
      const { datasets } = results[index] as { readonly datasets: readonly object[] };
      for (const [dataset, landed] of counts)
        expect(datasets).toContainEqual(expect.objectContaining({ dataset, landed, rejected: 0, drift: [] }));
    }
  });

  it('tells what was for sale, and at what price in two currencies, to the cent', async () => {
    for (const { date, products } of days) {
      const rows = await project.query(
        `select product_id, price_usd from gold.product_prices where valid_from <= date '${date}'
          and (valid_to is null or valid_to > date '${date}') order by product_id`,
      );
      expect(rows).toEqual(
        products.map(({ id, price }) => ({ product_id: id, price_usd: price.toFixed(2) })),
      );
    }
    const [first] = days;
    if (first === undefined) throw new RangeError('no day');
    const rows = await project.query(
      `select product_id, price_eur from gold.product_prices where valid_from = date '${first.date}'`,
    );
    expect(new Map(rows.map((row) => [row['product_id'], row['price_eur']]))).toEqual(convertPrices(first));
  });

  it('sells at the price of the day, in two currencies, to the cent', async () => {
    const rows = await project.query(
      'select order_date, revenue_usd, revenue_eur from gold.sales_trend order by order_date',
    );
    const expected = days
      .toSorted((a, b) => (a.date < b.date ? -1 : 1))
      .map((day) => {
        const [usd, eur] = sumCents(day);
        return {
          order_date: day.date,
          revenue_usd: (usd / 100).toFixed(2),
          revenue_eur: (eur / 100).toFixed(2),
        };
      });
    expect(rows).toEqual(expected);
  });

  it('knows orders of nobody and items of nothing when it sees them', async () => {
    const found = (sql: string) => project.query(sql).then(([row]) => row?.['n']);
    const lostOrders = days.flatMap(({ carts, users }) =>
      carts.filter(({ userId }) => !users.some(({ id }) => id === userId)),
    );
    expect(lostOrders.length).toBeGreaterThan(0);
    expect(
      await found(
        'select count(*) as n from silver.orders anti join silver.users on orders.user_token = users.user_token',
      ),
    ).toBe(lostOrders.length);
    const lostItems = days.flatMap(({ carts, products }) =>
      carts.flatMap((cart) =>
        cart.products.filter(({ productId }) => !products.some(({ id }) => id === productId)),
      ),
    );
    expect(lostItems.length).toBeGreaterThan(0);
    expect(await found('select count(*) as n from silver.sales where revenue_usd is null')).toBe(
      lostItems.length,
    );
  });

  it('counts the orders of a customer across dates', async () => {
    const [row] = await project.query('select sum(orders) as orders from gold.customer_activity');
    const known = days.flatMap(({ carts, users }) =>
      carts.filter(({ userId }) => users.some(({ id }) => id === userId)),
    );
    expect(Number(row?.['orders'])).toBe(known.length);
  });

  it('holds no password, no name, no address and no number of anybody', async () => {
    const cells = await readCells(project.lake);
    const direct = days.flatMap(({ users }) =>
      users.flatMap(({ password, email, username, phone, name, address }) => [
        ...[password, email, username, phone, name.firstname, name.lastname],
        ...[address.street, address.zipcode, address.geolocation.lat, address.geolocation.long],
      ]),
    );
    expect(cells.size).toBeGreaterThan(5_000);
    // A city may bear the name of a person.
    const cities = new Set(days.flatMap(({ users }) => users.map(({ address }) => address.city)));
    expect(direct.filter((value) => cells.has(value) && !cities.has(value))).toEqual([]);
  });

  it('is the same tables when all is made anew', async () => {
    const tables = {
      'silver.products': 'product_id, valid_from',
      'silver.orders': 'order_token',
      'silver.sales': 'order_token, product_id',
      'gold.customer_activity': 'user_token',
      'gold.product_performance': 'order_date, product_id',
      'gold.product_prices': 'product_id, valid_from',
      'gold.sales_trend': 'order_date',
    };
    const read = async () => {
      const found = [];
      for (const [table, order] of Object.entries(tables))
        found.push(await project.query(`select * from ${table} order by ${order}`));
      return found;
    };
    const before = await read();
    await project.ask('transform', 'store', '--all');
    expect(await read()).toEqual(before);
  });
});
