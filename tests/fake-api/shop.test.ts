import { describe, expect, it, test } from 'vitest';
import type { ShopCampaign } from '../../fake-api/shop/shop-campaigns.js';
import type { ShopCustomer } from '../../fake-api/shop/shop-customers.js';
import type { ShopOrder } from '../../fake-api/shop/shop-orders.js';
import type { ShopProduct } from '../../fake-api/shop/shop-products.js';
import type { ShopStock } from '../../fake-api/shop/shop-stock.js';
import { DANGLING_FROM, SHARE_DANGLING } from '../../fake-api/store/dangling.js';
import { askShop } from './ask-shop.js';
import { ask } from './ask.js';

const DAY = '2026-11-20';
const NEXT_DAY = '2026-11-21';
const LISTS = ['customers', 'products', 'orders', 'inventory', 'campaigns'];

describe.each(LISTS)('/shop/%s', (list) => {
  it('gives the same bytes again, and others for another seed', async () => {
    const url = `/shop/${list}?date=${DAY}`;
    const { body } = await ask(url);
    expect((await ask(url)).body).toBe(body);
    expect((await ask(url, { seed: 'another' })).body).not.toBe(body);
  });

  it('comes in pages that are the whole, each record once', async () => {
    const whole = await askShop<object>(list, DAY);
    const size = Math.ceil(whole.length / 2);
    const pages = await Promise.all(
      [1, 2, 3].map((page) => ask(`/shop/${list}?date=${DAY}&page=${page}&per_page=${size}`)),
    );
    const read = pages.map(({ body }) => JSON.parse(body) as { data: unknown[]; meta: object });
    expect(read.flatMap(({ data }) => data)).toEqual(whole);
    expect(read[1]?.meta).toEqual({ page: 2, per_page: size, total: whole.length });
    expect(read[2]?.data).toEqual([]);
  });

  it.each(['', '?date=soon', `?date=${DAY}&page=0`, `?date=${DAY}&per_page=1001`])(
    'refuses %s',
    async (query) => {
      expect(await ask(`/shop/${list}${query}`)).toMatchObject({ status: 400 });
    },
  );
});

test('customers keep who they are, while some change their tier and another one joins', async () => {
  const [today, tomorrow] = [
    await askShop<ShopCustomer>('customers', DAY),
    await askShop<ShopCustomer>('customers', NEXT_DAY),
  ];
  const withoutTier = (customers: readonly ShopCustomer[]) =>
    customers.map((customer) => ({ ...customer, loyalty_tier: null }));
  expect(withoutTier(tomorrow.slice(0, today.length))).toEqual(withoutTier(today));
  expect(tomorrow.length).toBe(today.length + 1);
  const moved = today.filter(({ loyalty_tier: tier }, index) => tomorrow[index]?.loyalty_tier !== tier);
  expect(moved.length).toBeGreaterThan(2);
  expect(moved.length).toBeLessThan(0.05 * today.length);
});

test('some prices change from one day to the next, and most do not', async () => {
  const [today, tomorrow] = [
    await askShop<ShopProduct>('products', DAY),
    await askShop<ShopProduct>('products', NEXT_DAY),
  ];
  const changed = today.filter(({ price }, index) => tomorrow[index]?.price !== price);
  expect(changed.length).toBeGreaterThan(2);
  expect(changed.length).toBeLessThan(20);
  expect(today.filter(({ price, cost }) => cost >= price)).toEqual([]);
});

test('an order comes again on the days on which its status changes, as it was otherwise', async () => {
  const days = Array.from({ length: 10 }, (_, n) => `2026-11-${String(10 + n)}`);
  const told = await Promise.all(days.map((day) => askShop<ShopOrder>('orders', day)));
  const placed = (told[0] ?? []).filter(({ status }) => status === 'placed');
  const lives = placed.map(({ order_id: id }) =>
    told.map((orders) => orders.find((order) => order.order_id === id)?.status ?? '-').join(' '),
  );
  expect(new Set(lives)).toEqual(
    new Set([
      'placed shipped - delivered - - - - - -',
      'placed shipped - delivered - - - - returned -',
      'placed cancelled - - - - - - - -',
    ]),
  );
  for (const order of placed.slice(0, 20))
    for (const again of told.flat().filter(({ order_id: id }) => id === order.order_id))
      expect({ ...again, status: 'placed' }).toEqual(order);
});

test('orders are sold at the prices of their day, in November more than in February', async () => {
  const isNew = ({ status }: ShopOrder): boolean => status === 'placed';
  const orders = (await askShop<ShopOrder>('orders', DAY)).filter(isNew);
  const prices = new Map(
    (await askShop<ShopProduct>('products', DAY)).map(({ product_id: id, price }) => [id, price]),
  );
  const items = orders.flatMap((order) => order.items);
  for (const { product_id: id, unit_price: price } of items)
    if (id < DANGLING_FROM) expect(prices.get(id)).toBe(price);
  expect(new Set(orders.map(({ order_id: id }) => id)).size).toBe(orders.length);
  expect(new Set(orders.map(({ placed_at: at }) => at.slice(0, 10)))).toEqual(new Set([DAY]));
  const february = (await askShop<ShopOrder>('orders', '2026-02-20')).filter(isNew);
  expect(february.length).toBeLessThan(0.8 * orders.length);
});

test('references point at nothing at the rate that is told', async () => {
  const days = ['2026-11-02', '2026-11-09', '2026-11-16', DAY, '2026-11-24'];
  const orders = (await Promise.all(days.map((day) => askShop<ShopOrder>('orders', day)))).flat();
  const customers = new Set(
    (await askShop<ShopCustomer>('customers', '2026-11-24')).map((one) => one.customer_id),
  );
  const products = new Set((await askShop<ShopProduct>('products', DAY)).map((one) => one.product_id));
  const items = orders.flatMap((order) => order.items);
  const lostOrders = orders.filter(({ customer_id: id }) => !customers.has(id));
  const lostItems = items.filter(({ product_id: id }) => !products.has(id));
  expect(lostOrders.every(({ customer_id: id }) => id >= DANGLING_FROM)).toBe(true);
  for (const [lost, of] of [
    [lostOrders, orders],
    [lostItems, items],
  ] as const) {
    expect(lost.length / of.length).toBeGreaterThan(SHARE_DANGLING / 3);
    expect(lost.length / of.length).toBeLessThan(SHARE_DANGLING * 3);
  }
});

test('stock runs down and is filled up, and some of it lies there for ever', async () => {
  const days = Array.from({ length: 30 }, (_, n) => `2026-09-${String(n + 1).padStart(2, '0')}`);
  const stocks = await Promise.all(days.map((day) => askShop<ShopStock>('inventory', day)));
  const lives = new Map<string, number[]>();
  for (const { product_id: id, warehouse, on_hand: left } of stocks.flat())
    lives.set(`${id} ${warehouse}`, [...(lives.get(`${id} ${warehouse}`) ?? []), left]);
  const isConstant = (life: readonly number[]): boolean => new Set(life).size === 1;
  const isRefilled = (life: readonly number[]): boolean =>
    life.some((left, n) => left > (life[n - 1] ?? left));
  expect(lives.size).toBe(300);
  expect([...lives.values()].filter(isConstant).length).toBeGreaterThan(10);
  expect([...lives.values()].filter(isRefilled).length).toBeGreaterThan(100);
  expect(stocks.flat().filter(({ on_hand: left, reserved }) => left < 0 || reserved > left)).toEqual([]);
  expect(stocks.flat().some(({ on_hand: left, reorder_point: point }) => left <= point)).toBe(true);
});

test('a campaign runs for a month in each channel, and orders name those that run', async () => {
  const campaigns = await askShop<ShopCampaign>('campaigns', DAY);
  expect(campaigns.map(({ channel }) => channel)).toEqual(['search', 'social', 'email', 'affiliate']);
  expect(campaigns.map(({ starts_on: first, ends_on: last }) => [first, last])).toEqual(
    Array.from({ length: 4 }, () => ['2026-11-01', '2026-11-30']),
  );
  const orders = (await askShop<ShopOrder>('orders', DAY)).filter(({ status }) => status === 'placed');
  const named = orders.flatMap(({ campaign_id: id }) => (id === null ? [] : [id]));
  const ids = new Set(campaigns.map(({ campaign_id: id }) => id));
  expect(new Set(named.filter((id) => ids.has(id)))).toEqual(ids);
  const lost = named.filter((id) => !ids.has(id));
  expect(lost.every((id) => id >= DANGLING_FROM && id < DANGLING_FROM + 1_000)).toBe(true);
  expect(lost.length).toBeLessThan(0.05 * named.length);
});
