import { formatInstant } from '../server/day.js';
import { createRandom, drawFrom, drawInteger, type Random, spreadByWeight } from '../server/random.js';
import { drawDangling, isDangling } from './dangling.js';
import { listProducts } from './store-products.js';
import { countUsers } from './store-users.js';

/** A cart as the Fake Store API gives one. A few are empty; a few name users or products that there are not. */
export interface Cart {
  readonly id: number;
  readonly userId: number;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly products: readonly CartItem[];
  readonly __v: 0;
}

export interface CartItem {
  readonly productId: number;
  readonly quantity: number;
}

const MOST_A_DAY = 10_000;
const SECONDS_A_DAY = 86_400;
/** From Thursday on, as 1970 began: more is bought towards the weekend. */
const CARTS_BY_WEEKDAY = [620, 760, 940, 880, 540, 520, 560];
const ITEMS = spreadByWeight([
  [0, 3],
  [1, 32],
  [2, 29],
  [3, 20],
  [4, 10],
  [5, 6],
] as const);
const QUANTITIES = spreadByWeight([
  [1, 70],
  [2, 20],
  [3, 7],
  [6, 3],
] as const);

/** The carts of a day, in the order of their times; the same for the same seed and day. */
export function listCarts(seed: string, day: number): readonly Cart[] {
  const random = createRandom(`carts:${seed}:${day}`);
  const products = listProducts(seed, day).map(({ id }) => id);
  const usual = CARTS_BY_WEEKDAY[((day % 7) + 7) % 7] ?? 0;
  const count = usual + drawInteger(random, 120);
  return Array.from({ length: count }, (_, index) => ({
    id: day * MOST_A_DAY + index,
    userId: isDangling(random) ? drawDangling(random) : 1 + drawInteger(random, countUsers(day)),
    date: formatInstant(day, Math.floor(((index + random()) / count) * SECONDS_A_DAY)),
    products: drawItems(random, products),
    __v: 0,
  }));
}

function drawItems(random: Random, products: readonly number[]): readonly CartItem[] {
  const ids = new Set(
    Array.from({ length: drawFrom(random, ITEMS) }, () =>
      isDangling(random) ? drawDangling(random) : drawFrom(random, products),
    ),
  );
  return Array.from(ids, (productId) => ({ productId, quantity: drawFrom(random, QUANTITIES) }));
}
