import type { VerifyReport } from '../operations/verify-lake.js';
import { countOf } from './count.js';
import { describeFound } from './found.js';
import { scrub } from './scrub.js';

/** What was held against the manifests, what was mended on the way, and every problem with its place. */
export function formatVerify(report: VerifyReport): string {
  const { date, partitions, files, rows, problems } = report;
  const checked = [countOf(partitions, 'partition'), countOf(files, 'file'), countOf(rows, 'row')].join(', ');
  return [
    `Checked ${checked}${date === null ? '' : ` of ${date}`}.`,
    ...describeFound(report),
    ...(problems.length === 0
      ? ['Everything is as the manifests say.']
      : [`${countOf(problems.length, 'problem')}:`]),
    ...problems.map(({ path, problem }) => `  ${scrub(path)}: ${scrub(problem)}`),
  ].join('\n');
}
