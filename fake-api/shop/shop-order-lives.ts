import { createRandom, drawFrom, spreadByWeight } from '../server/random.js';
import { placeOrders, type ShopOrder } from './shop-orders.js';

/** What becomes of an order in the end. */
type Fate = 'delivered' | 'returned' | 'cancelled';

const FATES = spreadByWeight<Fate>([
  ['delivered', 88],
  ['returned', 7],
  ['cancelled', 5],
]);

/** Days after that of the order on which it is told of again, and as what. */
const CHANGES: Readonly<Record<Fate, ReadonlyMap<number, ShopOrder['status']>>> = {
  delivered: new Map([
    [1, 'shipped'],
    [3, 'delivered'],
  ]),
  returned: new Map([
    [1, 'shipped'],
    [3, 'delivered'],
    [8, 'returned'],
  ]),
  cancelled: new Map([[1, 'cancelled']]),
};
const DAYS_OF_CHANGE = [1, 3, 8];

/** The orders of a day, and those of earlier days whose status has changed on it. */
export function listChangedOrders(seed: string, day: number): readonly ShopOrder[] {
  const changed = DAYS_OF_CHANGE.flatMap((afterDays) =>
    placeOrders(seed, day - afterDays).flatMap((order) => {
      const status = CHANGES[drawFate(seed, order)].get(afterDays);
      return status === undefined ? [] : [{ ...order, status }];
    }),
  );
  return [...placeOrders(seed, day), ...changed];
}

function drawFate(seed: string, { order_id: id }: ShopOrder): Fate {
  return drawFrom(createRandom(`shop:fate:${seed}:${id}`), FATES);
}
