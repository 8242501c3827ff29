import { answerBookings } from './bookings.js';
import { answerPersons } from './persons.js';
import type { Route } from './route.js';
import { answerCarts, answerProducts, answerUsers } from './store.js';

/** Every address that the bundled server has, by its path. */
export const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/api/v1/persons', answerPersons],
  ['/api/v2/persons', answerPersons],
  ['/api/bookings.json', answerBookings],
  ['/api/bookings.csv', answerBookings],
  ['/products', answerProducts],
  ['/users', answerUsers],
  ['/carts', answerCarts],
]);
