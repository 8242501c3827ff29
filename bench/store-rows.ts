import { ITEMS_PER_ORDER, type SelectRows, tokenOf } from './sold-day.js';

const PRODUCTS = 20;

/** The given number of store orders, with monthly prices. */
export const selectStoreRows: SelectRows = (dataset, source, { date, number, orders, sourceOf }) => {
  switch (dataset) {
    case 'store_carts':
      return `select ${tokenOf(`${number} * 100000 + n`)} as order_token,
          (select list(user_token order by user_token) from ${sourceOf('store_users')})[1 + n % 10] as user_token,
          timestamptz '${date} 00:00:00+00' + to_seconds(n % 86400) as ordered_at
        from range(${orders}) as numbers(n)`;
    case 'store_cart_items':
      return `select ${tokenOf(`${number} * 100000 + n`)} as order_token, 1 + (n * 7 + k) % ${PRODUCTS} as product_id,
          1 + (n + k) % 3 as quantity
        from range(${orders}) as numbers(n), range(${ITEMS_PER_ORDER}) as items(k)`;
    case 'store_products':
      return `select * replace (cast(price * (100 + month(date '${date}')) / 100 as decimal(18, 2)) as price) from ${source}`;
    default:
      return `from ${source}`;
  }
};
