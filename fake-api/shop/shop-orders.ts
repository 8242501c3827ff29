import { formatInstant } from '../server/day.js';
import {
  createRandom,
  drawFrom,
  drawInteger,
  drawPattern,
  type Random,
  spreadByWeight,
} from '../server/random.js';
import { drawDangling, isDangling } from '../store/dangling.js';
import { listCampaignIds } from './shop-campaigns.js';
import { countCustomers, customerIdAt, OPENING_DAY } from './shop-customers.js';
import { isWanted, listProducts, type ShopProduct } from './shop-products.js';

/** An order as it is told of when it is placed and at every later change. Money is in euros. */
export interface ShopOrder {
  readonly order_id: number;
  readonly customer_id: number;
  /** ISO 8601, UTC. */
  readonly placed_at: string;
  readonly status: Status;
  readonly campaign_id: number | null;
  readonly payment_method: (typeof PAYMENTS)[number];
  readonly card_last4: string | null;
  readonly ip_address: string;
  readonly ship_to: { readonly name: string; readonly street: string; readonly city: string };
  readonly note: string | null;
  readonly shipping_fee: number;
  readonly items: readonly ShopOrderItem[];
}

export interface ShopOrderItem {
  readonly line: number;
  readonly product_id: number;
  readonly quantity: number;
  readonly unit_price: number;
  /** Taken off the line. */
  readonly discount: number;
}

type Status = 'placed' | 'shipped' | 'delivered' | 'cancelled' | 'returned';

const PAYMENTS = ['card', 'paypal', 'invoice', 'voucher'] as const;
const MOST_A_DAY = 10_000;
const SECONDS_A_DAY = 86_400;
/** From Thursday on, as 1970 began. */
const ORDERS_BY_WEEKDAY = [210, 240, 330, 350, 220, 190, 200];
/** From January on, in percent: presents are bought before Christmas. */
const SEASON = [84, 82, 92, 96, 100, 98, 90, 94, 100, 106, 130, 142];
/** More each year, in percent. */
const GROWTH = 18;
const ITEMS = spreadByWeight([
  [1, 46],
  [2, 30],
  [3, 15],
  [4, 9],
] as const);
const QUANTITIES = spreadByWeight([
  [1, 74],
  [2, 19],
  [3, 7],
] as const);

/** The orders of a day as they are placed, in the order of their times; the same for the same seed and day. */
export function placeOrders(seed: string, day: number): readonly ShopOrder[] {
  const random = createRandom(`shop:orders:${seed}:${day}`);
  const products = listProducts(seed, day).filter(
    ({ product_id, is_listed }) => is_listed && isWanted(seed, product_id),
  );
  const count = countOrders(day) + drawInteger(random, 40);
  return Array.from({ length: count }, (_, index) => placeOrder(random, day, index, index / count, products));
}

function countOrders(day: number): number {
  const month = new Date(day * SECONDS_A_DAY * 1_000).getUTCMonth();
  const growth = 100 + (GROWTH * (day - OPENING_DAY)) / 365;
  const usual = ORDERS_BY_WEEKDAY[((day % 7) + 7) % 7] ?? 0;
  return Math.round((usual * (SEASON[month] ?? 100) * Math.max(growth, 20)) / 10_000);
}

function placeOrder(
  random: Random,
  day: number,
  index: number,
  timeOfDay: number,
  products: readonly ShopProduct[],
): ShopOrder {
  const campaign = random() < 0.3 ? drawFrom(random, listCampaignIds(day)) : null;
  const payment = drawFrom(random, PAYMENTS);
  return {
    order_id: day * MOST_A_DAY + index,
    customer_id: isDangling(random) ? drawDangling(random) : customerIdAt(drawCustomer(random, day)),
    placed_at: formatInstant(day, Math.floor(timeOfDay * SECONDS_A_DAY)),
    status: 'placed',
    campaign_id: campaign !== null && isDangling(random) ? drawDangling(random) : campaign,
    payment_method: payment,
    card_last4: payment === 'card' ? drawPattern(random, '####') : null,
    ip_address: `10.${drawOctet(random)}.${drawOctet(random)}.${drawOctet(random)}`,
    ship_to: {
      name: `Recipient ${drawPattern(random, '??')}`,
      street: `${drawPattern(random, '!##')} Harbour Road`,
      city: 'Lakeside',
    },
    note: random() < 0.06 ? `Please leave it with number ${drawPattern(random, '!#')}.` : null,
    shipping_fee: random() < 0.5 ? 0 : 4.9,
    items: drawItems(random, products, campaign !== null),
  };
}

/** A product once; a campaign takes a tenth off. */
function drawItems(
  random: Random,
  products: readonly ShopProduct[],
  hasCampaign: boolean,
): readonly ShopOrderItem[] {
  const chosen = new Set(
    Array.from({ length: drawFrom(random, ITEMS) }, () => drawProduct(random, products)),
  );
  return Array.from(chosen, (product, index) => {
    const quantity = drawFrom(random, QUANTITIES);
    const cents = Math.round(product.price * 100);
    return {
      line: index + 1,
      product_id: isDangling(random) ? drawDangling(random) : product.product_id,
      quantity,
      unit_price: product.price,
      discount: hasCampaign ? Math.floor((cents * quantity) / 10) / 100 : 0,
    };
  });
}

/** The same few come back often. */
function drawCustomer(random: Random, day: number): number {
  return Math.floor(random() ** 3 * countCustomers(day));
}

/** The first ones are wanted most: a power of a uniform number is small, more often than not. */
function drawProduct(random: Random, products: readonly ShopProduct[]): ShopProduct {
  const product = products[Math.floor(random() ** 1.4 * products.length)];
  if (product === undefined) throw new RangeError('nothing is for sale');
  return product;
}

function drawOctet(random: Random): string {
  return String(1 + drawInteger(random, 254));
}
