import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ShopCampaign } from '../../fake-api/shop/shop-campaigns.js';
import type { ShopCustomer } from '../../fake-api/shop/shop-customers.js';
import type { ShopOrder } from '../../fake-api/shop/shop-orders.js';
import type { ShopProduct } from '../../fake-api/shop/shop-products.js';
import type { ShopStock } from '../../fake-api/shop/shop-stock.js';
import { askShop } from '../fake-api/ask-shop.js';
import { makeShippedProject, readCells, type ShippedProject } from './shipped-project.js';

/** Not in their order: a date that comes late changes what follows from it, and nothing else. */
const DATES = ['2026-11-18', '2026-11-21', '2026-11-19', '2025-11-21'];

interface Day {
  readonly date: string;
  readonly customers: readonly ShopCustomer[];
  readonly products: readonly ShopProduct[];
  readonly orders: readonly ShopOrder[];
  readonly stock: readonly ShopStock[];
  readonly campaigns: readonly ShopCampaign[];
}

let project: ShippedProject;
let days: readonly Day[];
let results: unknown[];

async function fetchDay(date: string): Promise<Day> {
  return {
    date,
    customers: await askShop<ShopCustomer>('customers', date),
    products: await askShop<ShopProduct>('products', date),
    orders: await askShop<ShopOrder>('orders', date),
    stock: await askShop<ShopStock>('inventory', date),
    campaigns: await askShop<ShopCampaign>('campaigns', date),
  };
}

beforeAll(async () => {
  project = makeShippedProject(['pipelines/shop.yaml', 'sql/shop']);
  days = await Promise.all(DATES.map(fetchDay));
  results = [];
  for (const date of DATES) results.push(await project.ask('run', 'shop', '--date', date));
});
afterAll(() => {
  project.remove();
});

function inOrder(): readonly Day[] {
  return days.toSorted((a, b) => (a.date < b.date ? -1 : 1));
}

/** Orders of the landed days, as they were told of last, in the order of their ids. */
function wholeOrders(): readonly ShopOrder[] {
  const latest = new Map(inOrder().flatMap(({ orders }) => orders.map((order) => [order.order_id, order])));
  return [...latest.values()].filter(({ placed_at: at }) => DATES.includes(at.slice(0, 10)));
}

interface Sale {
  readonly order: ShopOrder;
  readonly productId: number;
  readonly quantity: number;
  readonly cents: number;
}

/** What was sold by orders of somebody that stand, of products that there are. */
function listSales(): readonly Sale[] {
  const customers = new Set(days.flatMap((day) => day.customers.map(({ customer_id: id }) => id)));
  const products = new Set(days.flatMap((day) => day.products.map(({ product_id: id }) => id)));
  return wholeOrders()
    .filter(({ status, customer_id: id }) => !/cancelled|returned/.test(status) && customers.has(id))
    .flatMap((order) =>
      order.items
        .filter(({ product_id: id }) => products.has(id))
        .map(({ product_id: productId, quantity, unit_price: price, discount }) => {
          const cents = quantity * Math.round(price * 100) - Math.round(discount * 100);
          return { order, productId, quantity, cents };
        }),
    );
}

function sumCents(sales: readonly Sale[]): string {
  return (sales.reduce((sum, { cents }) => sum + cents, 0) / 100).toFixed(2);
}

describe('the shop', () => {
  it('lands everything that it was given, items by themselves', () => {
    for (const [index, { customers, products, orders, stock, campaigns }] of days.entries()) {
      const counts = [
        ['shop_customers', customers.length],
        ['shop_products', products.length],
        ['shop_orders', orders.length],
        ['shop_order_items', orders.flatMap(({ items }) => items).length],
        ['shop_inventory', stock.length],
        ['shop_campaigns', campaigns.length],
      ] as const;
      const { datasets } = results[index] as { readonly datasets: readonly object[] };
      for (const [dataset, landed] of counts)
        expect(datasets).toContainEqual(expect.objectContaining({ dataset, landed, rejected: 0, drift: [] }));
    }
  });

  it('earns each day what was sold on it, to the cent, beside the same day of the year before', async () => {
    const rows = await project.query(
      `select order_date, is_weekend, orders, cancelled, revenue, revenue_year_before
       from gold.shop_daily_revenue order by order_date`,
    );
    const sumOf = (date: string) =>
      sumCents(listSales().filter(({ order }) => order.placed_at.startsWith(date)));
    const expected = inOrder().map(({ date }) => {
      const orders = wholeOrders().filter(({ placed_at: at }) => at.startsWith(date));
      return {
        order_date: date,
        is_weekend: date === '2026-11-21',
        orders: orders.length,
        cancelled: orders.filter(({ status }) => status === 'cancelled').length,
        revenue: sumOf(date),
        revenue_year_before: date === '2026-11-21' ? sumOf('2025-11-21') : null,
      };
    });
    expect(expected.some(({ cancelled }) => cancelled > 0)).toBe(true);
    expect(rows).toEqual(expected);
  });

  it('leaves out orders of which it was told only later than on their day', async () => {
    const [row] = await project.query(
      'select count(*) as n, count(distinct order_date) as days from silver.shop_whole_orders',
    );
    expect(row).toEqual({ n: wholeOrders().length, days: DATES.length });
    const [all] = await project.query('select count(*) as n from silver.shop_latest_orders');
    expect(Number(all?.['n'])).toBeGreaterThan(wholeOrders().length);
  });

  it('sets aside what points at nothing, each once, and counts it', async () => {
    const customers = new Set(days.flatMap((day) => day.customers.map(({ customer_id: id }) => id)));
    const products = new Set(days.flatMap((day) => day.products.map(({ product_id: id }) => id)));
    const campaigns = new Set(days.flatMap((day) => day.campaigns.map(({ campaign_id: id }) => id)));
    const orders = wholeOrders();
    const expected = {
      'item without product': orders
        .flatMap(({ items }) => items)
        .filter(({ product_id: id }) => !products.has(id)).length,
      'order without campaign': orders.filter(({ campaign_id: id }) => id !== null && !campaigns.has(id))
        .length,
      'order without customer': orders.filter(({ customer_id: id }) => !customers.has(id)).length,
    };
    const rows = await project.query(
      'select kind, count(*) as n from silver.shop_orphans group by kind order by kind',
    );
    expect(Object.fromEntries(rows.map(({ kind, n }) => [kind, n]))).toEqual(expected);
    const found = Object.values(expected).reduce((sum, n) => sum + n, 0);
    const { checks } = (await project.ask('check', 'shop')) as { readonly checks: readonly object[] };
    expect(checks).toContainEqual(
      expect.objectContaining({ check: 'shop_orphans_are_set_aside', severity: 'warn', found }),
    );
    const [sold] = await project.query('select count(*) as n from silver.shop_sales');
    expect(sold).toEqual({ n: listSales().length });
  });

  it('isStateful each price and each tier from when to when', async () => {
    const { date, products, customers } = inOrder()[1] ?? { date: '', products: [], customers: [] };
    const at = `valid_from <= date '${date}' and (valid_to is null or valid_to > date '${date}')`;
    const prices = await project.query(
      `select product_id, price, cost from silver.shop_product_prices where ${at} order by product_id`,
    );
    expect(prices).toEqual(
      products.map(({ product_id: id, price, cost }) => ({
        product_id: id,
        price: price.toFixed(2),
        cost: cost.toFixed(2),
      })),
    );
    const tiers = await project.query(
      `select loyalty_tier, count(*) as n from silver.shop_customer_tiers where ${at} group by all order by n`,
    );
    const counted = tiers.map(({ loyalty_tier: tier, n }) => [
      n,
      customers.filter(({ loyalty_tier: own }) => own === tier).length,
    ]);
    expect(counted.length).toBe(4);
    expect(counted.filter(([n, expected]) => n !== expected)).toEqual([]);
  });

  it('knows of each row of silver who landed it, when and from where', async () => {
    const tables = [
      'latest_customers',
      'customer_tiers',
      'latest_products',
      'product_prices',
      'latest_orders',
    ];
    for (const table of [...tables, 'order_states', 'latest_items', 'stock', 'campaign_days']) {
      const [row] = await project.query(
        `select count(*) > 0 as has_rows, count(*) filter (where _source is null or _landed_at is null or _run_id is null) as n
         from silver.shop_${table}`,
      );
      expect([table, row]).toEqual([table, { has_rows: true, n: 0 }]);
    }
  });

  it('puts every customer who bought into one segment', async () => {
    const rows = await project.query(
      `select count(*) as customers, count(distinct customer_token) as tokens, count(segment) as segments,
         sum(frequency)::bigint as orders, sum(monetary) as revenue from gold.shop_customer_segments`,
    );
    const sales = listSales();
    const customers = new Set(sales.map(({ order }) => order.customer_id)).size;
    expect(rows).toEqual([
      {
        ...{ customers, tokens: customers, segments: customers },
        orders: new Set(sales.map(({ order }) => order.order_id)).size,
        revenue: sumCents(sales),
      },
    ]);
  });

  it('counts what each campaign brought', async () => {
    const rows = await project.query(
      'select campaign_id, orders, revenue from gold.shop_campaign_roi order by campaign_id',
    );
    const ids = [...new Set(days.flatMap(({ campaigns }) => campaigns.map((one) => one.campaign_id)))].sort();
    const expected = ids.map((id) => {
      const sales = listSales().filter(({ order }) => order.campaign_id === id);
      const orders = new Set(sales.map(({ order }) => order.order_id)).size;
      return { campaign_id: id, orders, revenue: sumCents(sales) };
    });
    expect(rows).toEqual(expected);
  });

  it('ranks products and judges the stock of the newest day', async () => {
    const [ranked] = await project.query(
      'select count(*) as n, min(revenue_rank) as first, sum(revenue) as revenue from gold.shop_product_performance',
    );
    expect(ranked).toEqual({ n: 150, first: 1, revenue: sumCents(listSales()) });
    const newest = inOrder().at(-1)?.stock ?? [];
    const [judged] = await project.query(
      'select sum(on_hand)::bigint as on_hand, count(status) as judged, count(*) as n from gold.shop_inventory_health',
    );
    expect(judged).toEqual({
      on_hand: newest.reduce((sum, { on_hand: left }) => sum + left, 0),
      judged: judged?.['n'],
      n: new Set(newest.map(({ product_id: id }) => id)).size,
    });
  });

  it('reports and exports', async () => {
    const { reports } = (await project.ask('report', 'shop')) as {
      readonly reports: readonly { readonly report: string; readonly rows: readonly object[] }[];
    };
    expect(reports.map(({ report }) => report)).toEqual([
      ...[
        'shop_best_products',
        'shop_campaigns_by_return',
        'shop_customers_by_segment',
        'shop_customers_by_tier',
      ],
      ...['shop_revenue_by_day', 'shop_stock_to_look_at'],
    ]);
    expect(reports.filter(({ rows }) => rows.length === 0)).toEqual([]);
  });

  it('holds no name, no address, no card and no note of anybody', async () => {
    const cells = await readCells(project.lake);
    const direct = days.flatMap(({ customers, products, orders, stock, campaigns }) => [
      ...customers.flatMap((one) => [one.email, one.phone, one.address.street]),
      // Products have short numbers too, and dates on which they came into the range.
      ...customers.map((one) => one.address.postal_code).filter((code) => code.length > 4),
      ...customers.map((one) => one.birth_date).filter((date) => date !== null && date < '2020'),
      ...products.flatMap(({ supplier }) => [supplier.name, supplier.email]),
      ...orders.flatMap((one) => [one.ip_address, one.note, one.ship_to.name, one.ship_to.street]),
      ...stock.map(({ counted_by: by }) => by),
      ...campaigns.map((one) => one.owner_email),
    ]);
    expect(cells.size).toBeGreaterThan(10_000);
    expect(direct.filter((value) => value !== null && cells.has(value))).toEqual([]);
  });

  it('is the same tables when all is made anew', async () => {
    const { models } = (await project.ask('models', 'shop')) as {
      readonly models: readonly { readonly model: string }[];
    };
    const read = async () => {
      const found = [];
      for (const { model } of models) found.push(await project.query(`select * from ${model} order by all`));
      return found;
    };
    const before = await read();
    expect(before.length).toBe(19);
    await project.ask('transform', 'shop', '--all');
    expect(await read()).toEqual(before);
  });
});
