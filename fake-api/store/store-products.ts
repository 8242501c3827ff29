import { DAY_MS } from '../../src/base/dates/calendar.js';
import { createRandom, drawFrom, drawInteger, type Random } from '../server/random.js';

/** A product as the Fake Store API gives one. */
export interface Product {
  readonly id: number;
  readonly title: string;
  readonly price: number;
  readonly description: string;
  readonly category: Category;
  readonly image: string;
  readonly rating: { readonly rate: number; readonly count: number };
}

/** Categories as the Fake Store API spells them, with what is sold there: nouns, and prices in cents. */
const SHELVES = [
  ['electronics', ['Headphones', 'Keyboard', 'Monitor', 'Hard Drive', 'Tablet'], 1_900, 90_000],
  ['jewelery', ['Ring', 'Bracelet', 'Necklace', 'Earrings', 'Pendant'], 900, 60_000],
  ["men's clothing", ['Jacket', 'T-Shirt', 'Trousers', 'Backpack', 'Scarf'], 1_200, 12_000],
  ["women's clothing", ['Raincoat', 'Blouse', 'Dress', 'Cardigan', 'Boots'], 1_200, 14_000],
] as const;
type Category = (typeof SHELVES)[number][0];

const LOOKS = ['Slim', 'Classic', 'Compact', 'Portable', 'Premium', 'Casual', 'Vintage', 'Light'];
const MATERIALS = ['Cotton', 'Steel', 'Silver', 'Leather', 'Carbon', 'Linen', 'Bamboo', 'Wool'];

export const PRODUCTS = 120;
const DAYS_OF_A_PRICE = 7;
const SHARE_WITHDRAWN = 0.03;
/** Sales are counted from here: a constant, so that the same date gives the same count. */
const FIRST_SALE_DAY = Date.UTC(2024, 0, 1) / DAY_MS;

/** The products on offer on a day. Prices hold for a week, begun on another weekday for each; a few are withdrawn for one. */
export function listProducts(seed: string, day: number): readonly Product[] {
  const products: Product[] = [];
  for (let id = 1; id <= PRODUCTS; id += 1) {
    const week = Math.floor((day + id) / DAYS_OF_A_PRICE);
    const weekly = createRandom(`product:${seed}:${id}:${week}`);
    if (weekly() >= SHARE_WITHDRAWN) products.push(makeProduct(seed, id, day, weekly));
  }
  return products;
}

function makeProduct(seed: string, id: number, day: number, weekly: Random): Product {
  const random = createRandom(`product:${seed}:${id}`);
  const [category, nouns, from, above] = drawFrom(random, SHELVES);
  const [look, material, noun] = [
    drawFrom(random, LOOKS),
    drawFrom(random, MATERIALS),
    drawFrom(random, nouns),
  ];
  const cents = from + drawInteger(random, above);
  const rate = Math.round((1 + 4 * random()) * 10) / 10;
  const perWeek = drawInteger(random, 20);
  return {
    id,
    title: `${look} ${material} ${noun} No. ${String(id)}`,
    price: Math.round(cents * (0.9 + 0.2 * weekly())) / 100,
    description: `${look} ${noun.toLowerCase()} made of ${material.toLowerCase()}, for every day.`,
    category,
    image: `https://fakestoreapi.com/img/${String(id)}.jpg`,
    rating: { rate, count: Math.max(0, Math.floor(((day - FIRST_SALE_DAY) * perWeek) / 7)) },
  };
}
