import {
  ALL_PIPELINES,
  type AlertKey,
  type AlertKind,
  type RunRecord,
  type SentAlert,
} from '../base/types/run-record.js';
import type { Definition } from '../base/types/definition.js';
import type { Problem } from './find-problems.js';
import { covers, type EndedRun, hasSucceeded } from './what-fixes.js';

export type Channel = SentAlert['channels'][number];

/** An alert that was sent and not resolved yet. */
export interface OpenAlert extends AlertKey {
  readonly kind: AlertKind;
  /** The command that failed; absent of conditions. */
  readonly command?: string;
  /** When it was first sent, as an ISO instant. */
  readonly since: string;
  readonly channels: ReadonlySet<Channel>;
}

/** What to send now. */
export interface AlertPlan {
  /** Problems, each with the channels that do not have it yet. */
  readonly opened: readonly { readonly problem: Problem; readonly channels: readonly Channel[] }[];
  /** Alerts that are over, each with the channels that have it. */
  readonly resolved: readonly OpenAlert[];
}

/** Problems that are older than this are not sent for the first time: a channel that is new gets no history. */
const NEW_DAYS = 7;
const DAY_MS = 86_400_000;

/** A condition that lasts is one alert, on whatever date it is found; failures are one for each date and hour. */
export function nameAlert({ pipeline, date, slot, code, subject }: AlertKey): string {
  return JSON.stringify(
    subject === null ? [pipeline, date, slot ?? null, code, null] : [pipeline, null, null, code, subject],
  );
}

/** What the ledger says was sent and is not resolved. Pure. @param runs newest first */
export function findOpenAlerts(runs: readonly RunRecord[]): OpenAlert[] {
  const open = new Map<string, OpenAlert>();
  for (const { alerts = [], started_at } of runs.toReversed()) {
    for (const { state, channels, ...alert } of alerts) {
      const name = nameAlert(alert);
      const known = open.get(name);
      if (state === 'resolved') open.delete(name);
      else {
        const all = new Set([...(known?.channels ?? []), ...channels]);
        open.set(name, { ...alert, since: known?.since ?? started_at, channels: all });
      }
    }
  }
  return [...open.values()];
}

export interface PlanInput {
  readonly problems: readonly Problem[];
  readonly open: readonly OpenAlert[];
  /** The runs of the ledger, and what ended without an entry there. */
  readonly runs: readonly EndedRun[];
  /** The pipelines that `problems` is about: alerts of others stay as they are. */
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly channels: readonly Channel[];
  readonly kinds: ReadonlySet<AlertKind>;
  readonly now: Date;
}

/** Each problem is sent once to each channel, by its name, and once more when it is over. Pure. */
export function planAlerts({
  problems,
  open,
  runs,
  definitions,
  channels,
  kinds,
  now,
}: PlanInput): AlertPlan {
  const known = new Map(open.map((alert) => [nameAlert(alert), alert]));
  const oldest = new Date(now.getTime() - NEW_DAYS * DAY_MS).toISOString();
  const opened = problems.flatMap((problem) => {
    const alert = known.get(nameAlert(problem));
    if (!kinds.has(problem.kind) || (alert === undefined && problem.at < oldest)) return [];
    const missing = channels.filter((channel) => alert?.channels.has(channel) !== true);
    return missing.length === 0 ? [] : [{ problem, channels: missing }];
  });
  const resolved = open.filter((alert) => {
    if (!definitions.has(alert.pipeline) && alert.pipeline !== ALL_PIPELINES) return false;
    return isOver(alert, problems, runs, definitions.get(alert.pipeline));
  });
  return { opened, resolved };
}

/** A condition is over when no date has it now; a failure, when a later run has done what failed. */
function isOver(
  alert: OpenAlert,
  problems: readonly Problem[],
  runs: readonly EndedRun[],
  definition: Definition | undefined,
): boolean {
  if (alert.subject !== null) {
    return !problems.some(
      ({ pipeline, code, subject }) =>
        pipeline === alert.pipeline && code === alert.code && subject === alert.subject,
    );
  }
  return runs.some((run) => hasSucceeded(run, alert.since) && covers(run, alert, definition));
}
