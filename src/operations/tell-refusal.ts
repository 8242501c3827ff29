import type { Problem } from '../dashboard/models.js';
import type { RunWish } from '../dashboard/desk.js';
import type { ErrorCode, LakeveilError } from '../errors.js';
import { tellProblem } from './tell-run.js';

/** As it is typed behind `--date`. */
export function tellMoment({ date, slot }: Pick<RunWish, 'date' | 'slot'>): string {
  return slot === null ? date : `${date}T${slot}`;
}

const COMMANDS: Partial<Record<ErrorCode, (wish: RunWish) => string>> = {
  E_DATE_FUTURE: (wish) =>
    `give an earlier date, or type \`pipeline run ${wish.pipeline} --date ${tellMoment(wish)} --allow-future\``,
  E_DATE_SNAPSHOT: ({ pipeline, date }) =>
    `choose today, or tick “as of now”; to type: \`pipeline run ${pipeline} --date ${date} --as-of-now\``,
  E_SLOT: ({ pipeline, date }) => `to type: \`pipeline run ${pipeline} --date ${date}\``,
  E_SLOT_MISSING: ({ pipeline, date }) =>
    `choose an hour; to type, for all of them: \`pipeline backfill ${pipeline} --from ${date} --to ${date}\``,
};

/** Why a run was not started, for somebody at a button: a flag is told as part of a whole command alone. */
export function tellRefusal(error: LakeveilError, wish: RunWish): Problem {
  const told = tellProblem(error);
  return { ...told, remedy: COMMANDS[error.code]?.(wish) ?? told.remedy };
}
