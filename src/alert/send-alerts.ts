import { basename, join } from 'node:path';
import type { Config } from '../base/config/config.js';
import type { Effects } from '../base/effects.js';
import { toLakeveilError } from '../base/defect.js';
import { failure, type LakeveilError } from '../base/errors.js';
import { readPackage } from '../base/files/package-dir.js';
import { ALL_PIPELINES, type RunRecord, type SentAlert } from '../base/types/run-record.js';
import type { Definition } from '../base/types/definition.js';
import { findLeftBehind } from '../lake/find-left-behind.js';
import { takeLock } from '../lake/lock.js';
import { openLedgerCache, readAllRuns } from '../ledger/read-runs.js';
import { createRunId } from '../ledger/run-id.js';
import { writeRun } from '../ledger/write-run.js';
import { openTables, type Project } from '../project.js';
import { type AlertContent, TEST_CODE } from './alert-message.js';
import { type AlertSettings, hasChannel, readAlertSettings } from './alert-settings.js';
import { type AlertPlan, type Channel, findOpenAlerts, type OpenAlert, planAlerts } from './alert-state.js';
import { SEND_LIMITS, type SendOptions, sendByEmail, sendToWebhook } from './channels.js';
import { type CommandEnd, describeEnd } from './what-fixes.js';
import { describeError, findProblems, type Problem } from './find-problems.js';

interface Context {
  readonly config: Config;
  readonly effects: Effects;
}

/** What `pipeline alert --json` prints. */
export interface AlertReport {
  /** What is wrong now, sent or not. */
  readonly problems: readonly Problem[];
  /** What was sent now. */
  readonly sent: readonly SentAlert[];
  readonly channels: readonly ChannelResult[];
}

interface ChannelResult {
  readonly channel: Channel;
  /** Why it did not take the message; null if it did, or if there was none for it. */
  readonly problem: string | null;
}

const PATIENCE_MS = 30_000;

/**
 * Compares what is wrong now with what was sent, sends what is new and what is over, and records it in the ledger. Processes
 * take turns, so that none sends what another has sent.
 * @param project with all its definitions; null if they do not load
 * @param ended the command that calls; null for one that only sends alerts
 * @throws E_ENV_INVALID, E_LOCKED, E_DISK, E_DISK_READ; what a channel refuses is in the result
 */
export async function sendAlerts(
  context: Context,
  project: Project | null,
  ended: CommandEnd | null = null,
  limits: Pick<SendOptions, 'tryMs' | 'waitsMs'> = SEND_LIMITS,
): Promise<AlertReport> {
  const { config, effects } = context;
  const settings = readAlertSettings(config.variables);
  const lock = await takeLock(join(config.lakeDir, '_alerts.duckdb'), 'alerts', {
    patienceMs: PATIENCE_MS,
    sleep: (ms) => effects.sleep(ms, effects.signal),
    onWait: () => undefined,
  });
  try {
    const now = effects.now();
    const version = readPackage().version;
    const runs = await readAllRuns(config.lakeDir, openLedgerCache(config.databasePath, version));
    const definitions = project?.definitions ?? new Map<string, Definition>();
    const problems = await gatherProblems(context, { project, runs, definitions, ended, now });
    const open = findOpenAlerts(runs);
    const channels = listChannels(settings);
    const done =
      ended === null
        ? runs
        : [...runs, ...describeEnd(ended, namePipeline(null, ended.word, definitions), now)];
    const plan = planAlerts({
      problems,
      open,
      runs: done,
      definitions,
      channels,
      kinds: settings.kinds,
      now,
    });
    const results = await sendPlan(settings, plan, basename(config.projectDir), { effects, ...limits });
    const sent = describeSent(plan, results);
    if (sent.length > 0 || isNewRefusal(results, runs)) {
      const span = { startedAt: now, endedAt: effects.now(), version };
      await writeRun(config.lakeDir, describeRun(sent, results, span));
    }
    return { problems, sent, channels: results };
  } finally {
    await lock.release();
  }
}

interface Gathered {
  readonly project: Project | null;
  readonly runs: readonly RunRecord[];
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly ended: CommandEnd | null;
  readonly now: Date;
}

async function gatherProblems(
  { config }: Context,
  { project, runs, definitions, ended, now }: Gathered,
): Promise<Problem[]> {
  const dead = new Set((await findLeftBehind(config.lakeDir)).dead_staging);
  const manifests = (await project?.lake.list()) ?? [];
  const problems = findProblems({ runs, dead, definitions, manifests, now });
  const error = ended?.error ?? null;
  if (ended === null || error === null || isInLedger(error, ended.startedAt, runs)) return problems;
  const pipeline = namePipeline(error, ended.word, definitions);
  return [...problems, describeError(error, { pipeline, command: ended.command, at: now })];
}

/** The pipeline that an error is about, by its place or by the command line; `*` if neither says. */
function namePipeline(
  error: LakeveilError | null,
  word: string | null,
  definitions: Gathered['definitions'],
): string {
  const { pipeline, file } = error?.where ?? {};
  const ofFile = /^pipelines\/([a-z][a-z0-9_]*)\.yaml$/.exec(file ?? '')?.[1];
  // Where definitions do not load, the word may be one.
  const ofWord = word !== null && (definitions.size === 0 || definitions.has(word)) ? word : undefined;
  return pipeline ?? ofFile ?? ofWord ?? ALL_PIPELINES;
}

/** A channel that stays down fills no ledger. */
function isNewRefusal(results: readonly ChannelResult[], runs: readonly RunRecord[]): boolean {
  const newest = runs.find(({ command }) => command === 'alert');
  const isKnown = newest?.status === 'failed' && newest.alerts?.length === 0;
  return !isKnown && results.some(({ problem }) => problem !== null);
}

/**
 * The same for a command that has ended: whatever goes wrong here is logged, and changes nothing of its end. What a person
 * sees on a terminal before a run is in the ledger, such as a name that is not known, is no alert.
 */
export async function alertAfter(context: Context, ended: CommandEnd | null): Promise<void> {
  const { config, effects } = context;
  try {
    if (!hasChannel(readAlertSettings(config.variables))) return;
    const code = ended?.error?.code;
    const isSeen = code !== undefined && (config.terminal.interactive || STOPPED.includes(code));
    const project = await openTables(context).catch(() => null);
    const { channels } = await sendAlerts(context, project, isSeen ? null : ended);
    for (const { channel, problem } of channels)
      if (problem !== null) effects.log.warn('alert_not_sent', { channel, problem });
  } catch (error) {
    effects.log.warn('alert_not_sent', { problem: toLakeveilError(error).message });
  }
}

const STOPPED: readonly string[] = ['E_INTERRUPTED', 'E_TERMINATED'];

/** The error for channels that did not take a message; null if all did. */
export function evaluateChannels(results: readonly ChannelResult[]): LakeveilError | null {
  const refused = results.filter(({ problem }) => problem !== null);
  const [first] = refused;
  if (first === undefined) return null;
  const kind = refused.map(({ channel, problem }) => `${channel}: ${problem ?? ''}`).join('; ');
  return failure('E_ALERT', { kind });
}

/** Sends a message that says that it is a test. @throws E_USAGE if no channel is set, E_ENV_INVALID */
export async function sendTest(
  { config, effects }: Context,
  limits: Pick<SendOptions, 'tryMs' | 'waitsMs'> = SEND_LIMITS,
): Promise<readonly ChannelResult[]> {
  const settings = readAlertSettings(config.variables);
  if (!hasChannel(settings)) {
    const what = `no channel for alerts is set: ALERT_WEBHOOK_URL and ALERT_SMTP_URL are not in ${config.places}`;
    throw failure('E_USAGE', { what, hint: 'set one of them; docs/operations.md has examples' });
  }
  const problem: Problem = {
    pipeline: ALL_PIPELINES,
    date: null,
    code: TEST_CODE,
    subject: null,
    kind: 'failure',
    severity: 'warn',
    text: 'this is a test of the alerts',
    next: 'nothing to do',
    run_id: null,
    at: effects.now().toISOString(),
  };
  const plan = { opened: [{ problem, channels: listChannels(settings) }], resolved: [] };
  return sendPlan(settings, plan, basename(config.projectDir), { effects, ...limits });
}

function listChannels({ webhook, email }: AlertSettings): Channel[] {
  return [...(webhook === null ? [] : ['webhook' as const]), ...(email === null ? [] : ['email' as const])];
}

/** A run of this command that failed with the same code: the ledger has its date. */
function isInLedger(error: LakeveilError, startedAt: Date, runs: readonly RunRecord[]): boolean {
  const since = startedAt.toISOString();
  return runs.some((run) => run.started_at >= since && run.error?.code === error.code);
}

/** One message for each channel; none where there is nothing to say. */
async function sendPlan(
  settings: AlertSettings,
  plan: AlertPlan,
  project: string,
  options: SendOptions,
): Promise<ChannelResult[]> {
  return Promise.all(
    listChannels(settings).map(async (channel) => {
      const content: AlertContent = {
        opened: plan.opened
          .filter(({ channels }) => channels.includes(channel))
          .map(({ problem }) => problem),
        resolved: plan.resolved.filter(({ channels }) => channels.has(channel)),
        project,
      };
      if (content.opened.length + content.resolved.length === 0) return { channel, problem: null };
      return { channel, problem: await sendBy(channel, settings, content, options) };
    }),
  );
}

async function sendBy(
  channel: Channel,
  { webhook, email }: AlertSettings,
  content: AlertContent,
  options: SendOptions,
): Promise<string | null> {
  if (channel === 'webhook' && webhook !== null) return sendToWebhook(webhook, content, options);
  if (channel === 'email' && email !== null) return sendByEmail(email, content, options);
  return null;
}

/** What the channels took. An alert that is over is resolved even if its channels are no longer set. */
function describeSent(plan: AlertPlan, results: readonly ChannelResult[]): SentAlert[] {
  const refused = new Set(results.flatMap(({ channel, problem }) => (problem === null ? [] : [channel])));
  const opened = plan.opened.flatMap(({ problem, channels }): SentAlert[] => {
    const took = channels.filter((channel) => !refused.has(channel));
    return took.length === 0 ? [] : [{ ...pickAlert(problem), state: 'opened', channels: took }];
  });
  const resolved = plan.resolved.flatMap((alert): SentAlert[] => {
    const took = [...alert.channels].filter((channel) => !refused.has(channel));
    const isLost = [...alert.channels].some((channel) => refused.has(channel));
    return isLost ? [] : [{ ...pickAlert(alert), state: 'resolved', channels: took }];
  });
  return [...opened, ...resolved];
}

function pickAlert({ pipeline, date, code, subject, kind, slot, command }: Problem | OpenAlert) {
  const place = { ...(slot !== undefined && { slot }), ...(command !== undefined && { command }) };
  return { pipeline, date, code, subject, kind, ...place };
}

interface AlertSpan {
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly version: string;
}

/** The entry of the ledger. */
function describeRun(
  sent: readonly SentAlert[],
  results: readonly ChannelResult[],
  { startedAt, endedAt, version }: AlertSpan,
): RunRecord {
  const pipelines = [...new Set(sent.map(({ pipeline }) => pipeline))];
  const error = evaluateChannels(results);
  return {
    format: 1,
    run_id: createRunId(startedAt),
    command: 'alert',
    pipeline: pipelines.length === 1 ? (pipelines[0] ?? ALL_PIPELINES) : ALL_PIPELINES,
    date: null,
    slot: null,
    status: error === null ? 'succeeded' : 'failed',
    started_at: startedAt.toISOString(),
    finished_at: endedAt.toISOString(),
    tool_version: version,
    stages: [],
    datasets: [],
    models: [],
    checks: [],
    releases: [],
    healed: [],
    alerts: [...sent],
    error: error === null ? null : { code: error.code, where: {}, facts: error.facts },
    cpu_ms: null,
    peak_memory_bytes: null,
  };
}
