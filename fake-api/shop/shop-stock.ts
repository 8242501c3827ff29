import { formatDay } from '../server/day.js';
import { createRandom, drawFrom, drawInteger } from '../server/random.js';
import { isWanted, listProducts } from './shop-products.js';

/** What lies in a warehouse in the evening of a day. */
export interface ShopStock {
  readonly day: string;
  readonly product_id: number;
  readonly warehouse: (typeof WAREHOUSES)[number];
  readonly on_hand: number;
  readonly reserved: number;
  /** Order more when no more than this is left. */
  readonly reorder_point: number;
  /** Who counted: staff have names too. */
  readonly counted_by: string;
}

const WAREHOUSES = ['north', 'south'] as const;
const COUNTERS = ['shift one', 'shift two', 'shift three'];
const SHARE_OVERSTOCKED = 0.08;
const SHARE_UNCOUNTED = 0.01;

/** Every product in every warehouse: it runs down to nothing and is filled up again, each on days of its own. */
export function listStock(seed: string, day: number): readonly ShopStock[] {
  return listProducts(seed, day).flatMap(({ product_id: id }) =>
    WAREHOUSES.flatMap((warehouse) => {
      const isUncounted =
        createRandom(`shop:uncounted:${seed}:${id}:${warehouse}:${day}`)() < SHARE_UNCOUNTED;
      return isUncounted ? [] : [countStock(seed, day, id, warehouse)];
    }),
  );
}

function countStock(seed: string, day: number, id: number, warehouse: ShopStock['warehouse']): ShopStock {
  const random = createRandom(`shop:stock:${seed}:${id}:${warehouse}`);
  const full = 30 + drawInteger(random, 120);
  const daysOfStock = 18 + drawInteger(random, 30);
  const daysSince = (day + drawInteger(random, daysOfStock)) % daysOfStock;
  const onHand =
    random() < SHARE_OVERSTOCKED ? full * 20 : full - Math.floor((full * daysSince) / (daysOfStock - 1));
  const left = isWanted(seed, id) ? onHand : full;
  return {
    day: formatDay(day),
    product_id: id,
    warehouse,
    on_hand: left,
    reserved: Math.min(left, drawInteger(random, 5)),
    reorder_point: Math.ceil(full * 0.15),
    counted_by: drawFrom(random, COUNTERS),
  };
}
