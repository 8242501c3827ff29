import { expect, test } from 'vitest';
import { DANGLING_FROM } from '../../fake-api/store/dangling.js';
import type { Cart } from '../../fake-api/store/store-carts.js';
import type { Product } from '../../fake-api/store/store-products.js';
import type { StoreUser } from '../../fake-api/store/store-users.js';
import { ask, askRecords } from './ask.js';

const DAY = '2026-11-20';
const PRODUCTS = `/products?date=${DAY}`;
const USERS = `/users?date=${DAY}`;
const CARTS = `/carts?startdate=${DAY}&enddate=${DAY}`;

test('products, users and carts have the fields of the Fake Store API', async () => {
  const [product] = await askRecords<Product>(PRODUCTS);
  expect(Object.keys(product ?? {})).toEqual('id title price description category image rating'.split(' '));
  expect(Object.keys(product?.rating ?? {})).toEqual(['rate', 'count']);
  const [user] = await askRecords<StoreUser>(USERS);
  expect(Object.keys(user ?? {})).toEqual('address id email username password name phone __v'.split(' '));
  expect(Object.keys(user?.address ?? {})).toEqual('geolocation city street number zipcode'.split(' '));
  const [cart] = await askRecords<Cart>(CARTS);
  expect(Object.keys(cart ?? {})).toEqual('id userId date products __v'.split(' '));
  expect(Object.keys(cart?.products[0] ?? {})).toEqual(['productId', 'quantity']);
});

test('degrees are texts, passwords are plain, ids are each their own', async () => {
  const users = await askRecords<StoreUser>(USERS);
  const degrees = users.flatMap(({ address }) => [address.geolocation.lat, address.geolocation.long]);
  expect(degrees.filter((degree) => !/^-?\d{1,3}\.\d{4}$/.test(degree))).toEqual([]);
  expect(users.filter(({ password }) => password.length < 6)).toEqual([]);
  expect(new Set(users.map(({ id }) => id)).size).toBe(users.length);
  expect(new Set(users.map(({ username }) => username)).size).toBe(users.length);
});

test.each([PRODUCTS, USERS, CARTS])(
  '%s gives the same bytes again, and others for another seed',
  async (url) => {
    const { body } = await ask(url);
    expect((await ask(url)).body).toBe(body);
    expect((await ask(url, { seed: 'another' })).body).not.toBe(body);
  },
);

test('prices hold for a week, and no week changes them all at once', async () => {
  const priceOf = async (date: string): Promise<ReadonlyMap<number, number>> =>
    new Map((await askRecords<Product>(`/products?date=${date}`)).map(({ id, price }) => [id, price]));
  const [today, tomorrow] = [await priceOf(DAY), await priceOf('2026-11-21')];
  const changed = [...today].filter(([id, price]) => tomorrow.get(id) !== price);
  expect(changed.length).toBeGreaterThan(5);
  expect(changed.length).toBeLessThan(30);
});

test('products are withdrawn and come back', async () => {
  const days = Array.from({ length: 21 }, (_, day) => `2026-11-${String(day + 1).padStart(2, '0')}`);
  const offered = await Promise.all(days.map((day) => askRecords<Product>(`/products?date=${day}`)));
  const spans = Array.from({ length: 120 }, (_, index) =>
    offered.map((products) => (products.some(({ id }) => id === index + 1) ? '+' : '-')).join(''),
  );
  expect(spans.filter((span) => !span.includes('+'))).toEqual([]);
  expect(spans.some((span) => span.includes('+-------+'))).toBe(true);
});

test('users stay as they are while others join', async () => {
  const users = await askRecords<StoreUser>(USERS);
  const later = await askRecords<StoreUser>('/users?date=2026-11-21');
  expect(later.slice(0, users.length)).toEqual(users);
  expect(later.length).toBe(users.length + 2);
});

test('a range of carts is its days one after another, both ends inside', async () => {
  const days = ['2026-11-19', DAY, '2026-11-21'];
  const single = await Promise.all(
    days.map((day) => askRecords<Cart>(`/carts?startdate=${day}&enddate=${day}`)),
  );
  const range = await askRecords<Cart>('/carts?startdate=2026-11-19&enddate=2026-11-21');
  expect(range).toEqual(single.flat());
  expect(single.map((carts) => new Set(carts.map(({ date }) => date.slice(0, 10))))).toEqual(
    days.map((day) => new Set([day])),
  );
  expect(new Set(range.map(({ id }) => id)).size).toBe(range.length);
  expect(range.map(({ date }) => date)).toEqual(range.map(({ date }) => date).toSorted());
});

test('a few carts are empty, and a few name users or products that there are not', async () => {
  const [products, users, carts] = await Promise.all([
    askRecords<Product>(PRODUCTS),
    askRecords<StoreUser>(USERS),
    askRecords<Cart>('/carts?startdate=2026-11-20&enddate=2026-11-20'),
  ]);
  const [productIds, userIds] = [products, users].map((list) => new Set(list.map(({ id }) => id)));
  const items = carts.flatMap((cart) => cart.products);
  const lostUsers = carts.filter(({ userId }) => !userIds?.has(userId));
  const lostProducts = items.filter(({ productId }) => !productIds?.has(productId));
  const empty = carts.filter((cart) => cart.products.length === 0);
  for (const [few, of] of [
    [lostUsers, carts],
    [lostProducts, items],
    [empty, carts],
  ] as const) {
    expect(few.length).toBeGreaterThan(0);
    expect(few.length).toBeLessThan(0.06 * of.length);
  }
  expect(lostUsers.every(({ userId }) => userId >= DANGLING_FROM)).toBe(true);
  expect(lostProducts.every(({ productId }) => productId >= DANGLING_FROM)).toBe(true);
});

test('a cart names a product once', async () => {
  const carts = await askRecords<Cart>(CARTS);
  const twice = carts.filter(
    ({ products }) => new Set(products.map(({ productId }) => productId)).size < products.length,
  );
  expect(twice).toEqual([]);
});

test.each([
  '/products?date=2026-02-30',
  '/users?date=soon',
  '/carts?startdate=2026-11-20&enddate=x',
  '/carts?startdate=2026-01-01&enddate=2026-02-01',
])('%s is refused', async (url) => {
  expect(await ask(url)).toMatchObject({ status: 400 });
});

test('a range that ends before it begins is empty', async () => {
  expect(await askRecords('/carts?startdate=2026-11-20&enddate=2026-11-19')).toEqual([]);
});
