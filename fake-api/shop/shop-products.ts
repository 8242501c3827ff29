import { formatDay } from '../server/day.js';
import { createRandom, drawFrom, drawInteger } from '../server/random.js';
import { OPENING_DAY } from './shop-customers.js';

/** A product as it is on a day. Prices and costs are in euros. */
export interface ShopProduct {
  readonly product_id: number;
  readonly sku: string;
  readonly name: string;
  readonly category: Category;
  readonly price: number;
  readonly cost: number;
  readonly is_listed: boolean;
  readonly listed_on: string;
  /** Whom to ask for more of it. */
  readonly supplier: { readonly name: string; readonly email: string };
}

/** Categories with what is sold there, and prices in cents: from, and how much above. */
const SHELVES = [
  ['kitchen', ['Kettle', 'Pan', 'Knife Set', 'Toaster', 'Mug'], 900, 14_000],
  ['garden', ['Shears', 'Planter', 'Hose', 'Lantern', 'Rake'], 700, 9_000],
  ['office', ['Desk Lamp', 'Chair', 'Notebook', 'Monitor Stand', 'Shelf'], 400, 24_000],
  ['sports', ['Yoga Mat', 'Dumbbell', 'Racket', 'Helmet', 'Water Bottle'], 800, 16_000],
  ['toys', ['Puzzle', 'Building Kit', 'Board Game', 'Kite', 'Train Set'], 600, 8_000],
  ['outdoor', ['Tent', 'Backpack', 'Sleeping Bag', 'Camp Stove', 'Compass'], 1_500, 30_000],
] as const;
type Category = (typeof SHELVES)[number][0];

const LOOKS = ['Classic', 'Compact', 'Sturdy', 'Light', 'Folding', 'Nordic', 'Everyday', 'Foldable'];
const SUPPLIERS = ['northwind', 'lakeside', 'alpine', 'harbour'];

export const PRODUCTS = 150;
const FIRST_ID = 1_001;
const DAYS_OF_A_PRICE = 21;
const DAYS_OF_A_COST = 60;
const SHARE_WITHDRAWN = 0.05;
const SHARE_WITHOUT_BUYERS = 0.06;

/** The whole range on a day. Each product's price holds for three weeks, begun on another day than the others'. */
export function listProducts(seed: string, day: number): readonly ShopProduct[] {
  return Array.from({ length: PRODUCTS }, (_, index) => makeProduct(seed, index, day));
}

/** Whether anybody wants it: what nobody does lies in stock for ever. */
export function isWanted(seed: string, productId: number): boolean {
  return createRandom(`shop:wanted:${seed}:${productId}`)() >= SHARE_WITHOUT_BUYERS;
}

function makeProduct(seed: string, index: number, day: number): ShopProduct {
  const random = createRandom(`shop:product:${seed}:${index}`);
  const [category, nouns, from, above] = drawFrom(random, SHELVES);
  const name = `${drawFrom(random, LOOKS)} ${drawFrom(random, nouns)}`;
  const cents = from + drawInteger(random, above);
  const costShare = 0.45 + 0.25 * random();
  const supplier = drawFrom(random, SUPPLIERS);
  const offset = index * 5;
  return {
    product_id: FIRST_ID + index,
    sku: `${category.slice(0, 3).toUpperCase()}-${String(FIRST_ID + index)}`,
    name: `${name} No. ${String(index + 1)}`,
    category,
    price: drawCents(`shop:price:${seed}:${index}`, day + offset, DAYS_OF_A_PRICE, cents) / 100,
    cost: drawCents(`shop:cost:${seed}:${index}`, day + offset, DAYS_OF_A_COST, cents * costShare) / 100,
    is_listed: random() >= SHARE_WITHDRAWN,
    listed_on: formatDay(OPENING_DAY - drawInteger(random, 600)),
    supplier: { name: `${supplier} trading`, email: `orders.${String(index)}@${supplier}.example` },
  };
}

/** Up to a tenth above or below what is usual, anew after so many days. */
function drawCents(seed: string, day: number, daysOfAPrice: number, usual: number): number {
  const random = createRandom(`${seed}:${Math.floor(day / daysOfAPrice)}`);
  return Math.round(usual * (0.9 + 0.2 * random()));
}
