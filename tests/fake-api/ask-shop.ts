import { ask } from './ask.js';

/** All records of a day that an address of the shop has, page after page. */
export async function askShop<T>(list: string, date: string): Promise<readonly T[]> {
  const records: T[] = [];
  for (let page = 1; ; page += 1) {
    const { body } = await ask(`/shop/${list}?date=${date}&page=${page}&per_page=1000`);
    const { data, meta } = JSON.parse(body) as { data: T[]; meta: { total: number } };
    records.push(...data);
    if (records.length >= meta.total || data.length === 0) return records;
  }
}
