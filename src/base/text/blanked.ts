import type { Blanked } from '../types/result.js';
import { countOf } from './numbers.js';

/** What stands in place of a hidden cell, in a terminal and in views: the same for all, so that it says nothing more. */
export const HIDDEN = '*';

/** `6 cells of 2 rows are hidden (*): …`; null if none is. */
export function describeBlanked({ min_cell, rows, cells }: Blanked): string | null {
  if (rows === 0) return null;
  const subject = `${countOf(cells, 'cell')} of ${countOf(rows, 'row')} ${cells === 1 ? 'is' : 'are'} hidden (${HIDDEN})`;
  return `${subject}: fewer than ${countOf(min_cell, 'person').replace(/persons$/, 'people')}, or needed so that no such number can be computed.`;
}

/** Whether a cell is hidden: `at` is the place of its row among all of a report. */
export function isHidden(blanked: Blanked | null, column: string, at: number, total: number): boolean {
  return blanked !== null && at >= total - blanked.rows && blanked.columns.includes(column);
}
