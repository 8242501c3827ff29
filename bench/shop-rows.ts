import { ITEMS_PER_ORDER, type SelectRows, type SoldDay, tokenOf } from './sold-day.js';

const FIRST_PRODUCT = 1_001;
const PRODUCTS = 150;

/**
 * The given number of shop orders, each repeated as shipped on the next day, so that every item lands twice; with monthly
 * prices, and monthly tier changes for some customers.
 */
export const selectShopRows: SelectRows = (dataset, source, day) => {
  const { date, number } = day;
  switch (dataset) {
    case 'shop_orders':
      return `select order_token, customer_token, placed_at, status, campaign_id, payment_method, shipping_fee
        from (${selectOrders(day, number, 'placed')} union all ${selectOrders(day, number - 1, 'shipped')})`;
    case 'shop_order_items':
      return `select ${tokenOf('day * 100000 + n')} as order_token, 1 + k as line,
          ${FIRST_PRODUCT} + (n * 7 + k) % ${PRODUCTS} as product_id, 1 + (n + k) % 3 as quantity,
          cast(5 + n % 90 as decimal(18, 2)) as unit_price, cast(0 as decimal(18, 2)) as discount
        from (values (${number}), (${number - 1})) as days(day), range(${day.orders}) as numbers(n), range(${ITEMS_PER_ORDER}) as items(k)`;
    case 'shop_products':
      return `select * replace (cast(price * (100 + month(date '${date}')) / 100 as decimal(18, 2)) as price) from ${source}`;
    case 'shop_customers':
      return `select * exclude (rn)
          replace (['bronze', 'silver', 'gold'][1 + (rn + month(date '${date}') // (1 + rn % 10)) % 3] as loyalty_tier)
        from (select *, row_number() over (order by customer_token) as rn from ${source})`;
    default:
      return `from ${source}`;
  }
};

function selectOrders({ orders, sourceOf }: SoldDay, number: number, status: string): string {
  const tokens = `select list(customer_token order by customer_token) from ${sourceOf('shop_customers')}`;
  const campaigns = `select list(campaign_id order by campaign_id) from ${sourceOf('shop_campaigns')}`;
  return `select ${tokenOf(`${number} * 100000 + n`)} as order_token, tokens[1 + n % len(tokens)] as customer_token,
      timestamptz '1970-01-01 00:00:00+00' + to_days(${number}) + to_seconds(n % 86400) as placed_at,
      '${status}' as status, case when n % 3 = 0 then campaigns[1 + n % len(campaigns)] end as campaign_id,
      'card' as payment_method, cast(0 as decimal(18, 2)) as shipping_fee
    from range(${orders}) as numbers(n), (select (${tokens}) as tokens, (${campaigns}) as campaigns)`;
}
