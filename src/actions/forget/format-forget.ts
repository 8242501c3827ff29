import { failure, type LakeveilError } from '../../base/errors.js';
import { countOf, formatCount } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { Finished } from './finish-erasure.js';
import type { ForgetReport } from './forget-people.js';

/** Partitions that are listed; `--json` has all. */
const LISTED = 12;

/** Exit 5 where people may still be in what could not be searched; null if all was. */
export function evaluateForget({ unsearchable, dropped }: ForgetReport): LakeveilError | null {
  const left = unsearchable.filter(({ name }) => !dropped.includes(name));
  if (left.length === 0) return null;
  const found = `${countOf(left.length, 'place')} that cannot be searched for these people`;
  const fix =
    'see the list above: put the missing key into the folder `keys` beside the local key (docs/erasure.md), or remove these partitions whole with `--drop-unsearchable`';
  return failure('E_VERIFY', { found, fix });
}

/** Who was found and where, what was removed, and what is left to do. */
export function formatForget(report: ForgetReport): string {
  const { status, unsearchable, dropped, finished } = report;
  const left = unsearchable.filter(({ name }) => !dropped.includes(name));
  return [
    formatHead(report),
    ...(status === 'resumed' ? [] : formatPlaces(report)),
    ...dropped.map((name) => `  removed whole  ${scrub(name)}`),
    ...left.map(({ name, why }) => `  not searched   ${scrub(name)}: ${scrub(why)}`),
    ...finished.flatMap(formatFinished),
    ...(status === 'planned' ? ['', 'Nothing was changed.'] : []),
  ].join('\n');
}

function formatHead({ status, dataset, values, people, rows, finished }: ForgetReport): string {
  const by = `${countOf(values, 'value')} of ${dataset ?? ''}`;
  if (rows === 0 && status === 'planned') return `Found no row, by ${by}.`;
  if (rows === 0 && status === 'forgotten')
    return `Found no row, by ${by}. Records of these people do not land from now on.`;
  const who = `${people === 1 ? '1 person' : `${formatCount(people)} people`} with ${countOf(rows, 'row')}`;
  switch (status) {
    case 'planned':
      return `Found ${who}, by ${by}.`;
    case 'forgotten':
      return `Erased ${who}, by ${by}. They do not land again.`;
    case 'nothing':
      return `Nothing to erase: ${by} had been erased before, and no row is left.`;
    case 'resumed':
      return finished.length === 0
        ? 'No erasure is unfinished.'
        : `Finished ${countOf(finished.length, 'erasure')}.`;
  }
}

function formatPlaces({ partitions, checkpoints }: ForgetReport): string[] {
  const more = partitions.length - LISTED;
  return [
    ...partitions.slice(0, LISTED).map(({ dataset, date, slot, rows_before, rows_after }) => {
      const moment = slot === null ? date : `${date}T${slot}`;
      return `  ${dataset}  ${moment}  ${formatCount(rows_before)} → ${countOf(rows_after, 'row')}`;
    }),
    ...(more > 0 ? [`  … and ${countOf(more, 'other partition')}`] : []),
    ...checkpoints.map(({ model, rows }) => `  checkpoint of ${model}  ${countOf(rows, 'row')} removed`),
  ];
}

function formatFinished({ receipt, models, removed_copies, targets, not_covered }: Finished): string[] {
  const done = [
    countOf(models.length, 'model') + ' rebuilt',
    countOf(removed_copies.length, 'exported or published file') + ' removed',
    countOf(targets.length, 'target') + ' loaded again',
  ];
  return [
    '',
    ...(models.length === 0 ? [] : [`${done.join(', ')}.`]),
    `Receipt: data_lake/${receipt}. Check it with \`pipeline receipts verify\`.`,
    'Not covered:',
    ...not_covered.map((text) => `  ${scrub(text)}`),
  ];
}
