import type { DatasetResult } from '../result.js';
import { countOf, formatCount } from './count.js';
import { formatBytes } from './quantity.js';
import { scrub } from './scrub.js';

/** What was taken in, and where it lies now. */
export function formatAdopted(adopted: DatasetResult & { readonly date: string }): string {
  const { dataset, date, landed, duplicates, partitions, unchanged } = adopted;
  const places = partitions.map(({ path, bytes }) => `  ${scrub(path)}, ${formatBytes(bytes)}`);
  return [
    `${unchanged ? 'Unchanged' : 'Adopted'}: ${countOf(landed, 'row')} of ${dataset} for ${date}`,
    ...places,
    ...(duplicates === 0 ? [] : [`  ${formatCount(duplicates)} duplicates left out`]),
    'Next: pipeline transform brings it into the tables',
  ].join('\n');
}
