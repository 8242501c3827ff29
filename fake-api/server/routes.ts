import { answerBookings } from '../bookings/bookings.js';
import { answerDirectory } from '../directory/directory.js';
import { answerPersons } from '../persons/persons.js';
import { SHOP_ROUTES } from '../shop/shop.js';
import { answerCarts, answerProducts, answerUsers } from '../store/store.js';
import type { Route } from './route.js';

/** Two APIs have this address: JSONPlaceholder is asked by pages, the Fake Store API is not. */
const answerBothUsers: Route = (request) =>
  request.params.has('_page') ? answerDirectory(request) : answerUsers(request);

/** Every address that the bundled server has, by its path. */
export const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/api/v1/persons', answerPersons],
  ['/api/v2/persons', answerPersons],
  ['/api/bookings.json', answerBookings],
  ['/api/bookings.csv', answerBookings],
  ['/products', answerProducts],
  ['/users', answerBothUsers],
  ['/carts', answerCarts],
  ...SHOP_ROUTES,
]);
