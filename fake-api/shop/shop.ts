import { DEFAULT_LOCALE, loadVocabulary } from '../persons/vocabulary.js';
import { readDay } from '../server/day.js';
import { readCount } from '../server/page-params.js';
import { type Answer, answerJson, type Route, type RouteRequest } from '../server/route.js';
import { listCampaigns } from './shop-campaigns.js';
import { countCustomers, makeCustomer } from './shop-customers.js';
import { listChangedOrders } from './shop-order-lives.js';
import { listProducts } from './shop-products.js';
import { listStock } from './shop-stock.js';

const DEFAULT_PER_PAGE = 100;
const MOST_PER_PAGE = 1_000;

/** What there is on a day: how much in all, and what stands from `first` to before `end`. */
interface Listing {
  readonly total: number;
  readonly read: (first: number, end: number) => readonly unknown[];
}
type List = (seed: string, day: number) => Listing | Promise<Listing>;

/** An online shop's API: each address takes `date`, and gives what was so on that day, one page at a time. */
export const SHOP_ROUTES: readonly (readonly [path: string, route: Route])[] = [
  ['/shop/customers', answerPages(listCustomers)],
  ['/shop/products', answerPages(listAll(listProducts))],
  ['/shop/orders', answerPages(listAll(listChangedOrders))],
  ['/shop/inventory', answerPages(listAll(listStock))],
  ['/shop/campaigns', answerPages(listAll(listCampaigns))],
];

/** Thousands, of which only those of the page are made. */
async function listCustomers(seed: string, day: number): Promise<Listing> {
  const words = await loadVocabulary(DEFAULT_LOCALE);
  const total = countCustomers(day);
  return {
    total,
    read: (first, end) =>
      Array.from({ length: Math.max(0, Math.min(end, total) - first) }, (_, index) =>
        makeCustomer(seed, first + index, day, words),
      ),
  };
}

function listAll(list: (seed: string, day: number) => readonly unknown[]): List {
  return (seed, day) => {
    const records = list(seed, day);
    return { total: records.length, read: (first, end) => records.slice(first, end) };
  };
}

/** `page` counts from 1; the envelope says how many records there are in all. A page beyond the last one is empty. */
function answerPages(list: List): Route {
  return async ({ params, settings }: RouteRequest): Promise<Answer> => {
    const day = readDay(params.get('date'));
    const page = readCount(params.get('page'), 1);
    const perPage = readCount(params.get('per_page'), DEFAULT_PER_PAGE);
    if (day === null || page === null || perPage === null || perPage > MOST_PER_PAGE) return refuse();
    const { total, read } = await list(settings.seed, day);
    const data = read((page - 1) * perPage, page * perPage);
    const meta = { page, per_page: perPage, total };
    return answerJson(200, JSON.stringify({ data, meta }));
  };
}

function refuse(): Answer {
  const message = `date is YYYY-MM-DD; page counts from 1, per_page from 1 to ${MOST_PER_PAGE}`;
  return answerJson(400, JSON.stringify({ error: { message } }));
}
