import { Command } from '@oclif/core/command';
import { CLIError, ExitError } from '@oclif/core/errors';
import * as Flags from '@oclif/core/flags';
import type { CommandEnd } from '../../src/alert/what-fixes.js';
import { type Config, loadConfig, type Terminal } from '../../src/base/config/config.js';
import { toLakeveilError } from '../../src/base/defect.js';
import type { Effects, Fetch } from '../../src/base/effects.js';
import { failure, LakeveilError } from '../../src/base/errors.js';
import { createEffects } from '../../src/base/terminal/real-effects.js';
import { formatJson } from '../../src/base/text/json.js';
import type { HttpFetch } from '../../src/source/http.js';
import { reportError, wantsJson } from './report-error.js';
import { toUsageError, UsageError } from './usage-error.js';

interface GlobalFlags {
  readonly json: boolean;
  readonly project: string | undefined;
  readonly quiet: boolean;
}

/** What a command works with. */
interface CommandContext {
  readonly config: Config;
  readonly effects: Effects;
}

/** The result of a command: a document for programs, and its text for people. */
interface Outcome {
  readonly document: object;
  /** Without a line break at the end. */
  readonly format: (terminal: Terminal) => string | Promise<string>;
  /** Printed after the result and sets the exit code: the work completed but found a problem. */
  readonly error?: LakeveilError;
  /** The text of the result says what the error would: only the exit code is set. */
  readonly isReported?: boolean;
  /** Awaited after the result is printed: work that continues until the user stops it. */
  readonly until?: () => Promise<void>;
}

/**
 * Shared by all commands: `--json`, `--project`, `--quiet`, configuration, effects, signals, and printing of results and
 * errors. A command parses its flags in `run` and passes its work to `act`.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({ summary: 'Print one JSON document on stdout.', helpGroup: 'GLOBAL' }),
    project: Flags.string({
      summary: 'Project folder; default: this folder if it has pipelines/, else the package.',
      helpGroup: 'GLOBAL',
      helpValue: 'DIR',
    }),
    quiet: Flags.boolean({ summary: 'Print no log and no progress on stderr.', helpGroup: 'GLOBAL' }),
  };

  /** Whether alerts are sent when the command has ended: true of commands that change what others rely on. */
  protected readonly sendsAlerts: boolean = false;
  #terminal: Terminal = { color: false, interactive: false, width: Number.POSITIVE_INFINITY };
  #signal: AbortSignal | null = null;
  #hasPrinted = false;
  #failure: LakeveilError | null = null;

  /**
   * Runs a command's work and prints the result.
   * @throws ExitError when the outcome has an error, and anything that `work` throws
   */
  protected async act(
    flags: GlobalFlags,
    work: (context: CommandContext) => Promise<Outcome>,
  ): Promise<void> {
    const config = loadConfig({ project: flags.project ?? null });
    this.#terminal = config.terminal;
    const watch = watchSignals(() =>
      process.stderr.write('Stopping. Press Ctrl-C again to quit immediately.\n'),
    );
    this.#signal = watch.signal;
    const fetch = openFetch();
    try {
      const { signal } = watch;
      const effects = await createEffects({ config, quiet: flags.quiet, fetch: fetch.fetch, signal });
      await this.#alerting({ config, effects }, async () => {
        const outcome = await work({ config, effects }).finally(() => {
          effects.progress.stop();
        });
        await this.#print(outcome, flags.json);
        this.#hasPrinted = true;
        await outcome.until?.();
      });
    } finally {
      watch.release();
      await fetch.close();
    }
  }

  /** Prints every error of a command and turns it into an exit code. */
  protected override catch(thrown: unknown): Promise<never> {
    if (thrown instanceof ExitError) return Promise.reject(thrown);
    const error = this.#toError(thrown);
    this.#failure = error;
    // A server that is up has nothing to undo: to be terminated is its normal end.
    if (this.#hasPrinted && error.code === 'E_TERMINATED') return Promise.reject(new ExitError(error.exit));
    // stdout holds one document: an error after it goes to stderr.
    reportError(error, wantsJson(this.argv) && !this.#hasPrinted, this.#terminal.color);
    return Promise.reject(new ExitError(error.exit));
  }

  /** Alerts follow the result or the error, since a channel may be slow. */
  async #alerting(context: CommandContext, work: () => Promise<void>): Promise<void> {
    if (!this.sendsAlerts) return work();
    const startedAt = context.effects.now();
    // Loaded afterwards, so that no command starts later for it.
    const alert = async (end: CommandEnd | null): Promise<void> => {
      const { alertAfter } = await import('../../src/alert/send-alerts.js');
      await alertAfter(context, end);
    };
    try {
      await work();
    } catch (thrown) {
      const exit: unknown = await this.catch(thrown).catch((error: unknown) => error);
      const error = this.#failure;
      await alert(error === null ? null : this.#describeEnd(startedAt, error));
      throw exit;
    }
    await alert(this.#describeEnd(startedAt, null));
  }

  #describeEnd(startedAt: Date, error: LakeveilError | null): CommandEnd {
    const isWhole = !this.argv.some((word) => /^--date(?:=|$)/.test(word));
    return { command: this.id ?? '', error, startedAt, word: this.argv.find(isName) ?? null, isWhole };
  }

  async #print(outcome: Outcome, json: boolean): Promise<void> {
    const { document, format, error, isReported } = outcome;
    if (!json) {
      process.stdout.write(`${await format(this.#terminal)}\n`);
      if (error !== undefined && isReported !== true) reportError(error, false, this.#terminal.color);
    } else {
      const { toErrorDocument } = await import('../../src/base/terminal/print-error.js');
      process.stdout.write(`${formatJson({ ...document, ...(error && toErrorDocument(error)) })}\n`);
    }
    if (error === undefined) return;
    this.#failure = error;
    throw new ExitError(error.exit);
  }

  /** Work that a signal stops can fail in many ways; the signal is the error to report. */
  #toError(thrown: unknown): LakeveilError {
    if (this.#signal?.aborted === true) {
      const { stage, date } = thrown instanceof LakeveilError ? thrown.where : {};
      const place = { ...(stage !== undefined && { stage }), ...(date !== undefined && { date }) };
      return toLakeveilError(this.#signal.reason).at(place);
    }
    if (thrown instanceof UsageError) return thrown.failure;
    if (thrown instanceof CLIError) {
      return toUsageError(thrown, {
        command: this.id ?? '',
        flags: Object.keys({ ...this.ctor.flags, ...this.ctor.baseFlags }),
        args: Object.keys(this.ctor.args),
      });
    }
    return toLakeveilError(thrown);
  }
}

function isName(word: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(word);
}

/** More than any definition may request in parallel; each source has its own, lower limit. */
const MAX_CONNECTIONS = 256;

interface OpenFetch {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

/** Loads the HTTP library at the first request, since most commands make none. */
function openFetch(): OpenFetch {
  let opened: Promise<HttpFetch> | null = null;
  const open = async (): Promise<HttpFetch> => {
    const { createFetch } = await import('../../src/source/http.js');
    return createFetch({ connections: MAX_CONNECTIONS });
  };
  return {
    fetch: async (url, init) => {
      opened ??= open();
      return await (
        await opened
      )(url, init);
    },
    close: async () => {
      await (await opened)?.close();
    },
  };
}

interface SignalWatch {
  /** Aborted with E_INTERRUPTED or E_TERMINATED. */
  readonly signal: AbortSignal;
  /** Restores Node's default signal handling. */
  release(): void;
}

/**
 * Turns Ctrl-C and SIGTERM into one abort, so that work can stop between two steps. The second signal ends the process
 * immediately, which is as safe as a kill: by the signal itself, since an exit would wait for a read that hangs.
 * @param onFirst called at the first signal, to print that the work is stopping
 */
export function watchSignals(onFirst: () => void): SignalWatch {
  const controller = new AbortController();
  const stop = (signal: 'SIGINT' | 'SIGTERM', reason: LakeveilError): void => {
    if (!controller.signal.aborted) {
      controller.abort(reason);
      onFirst();
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  const interrupt = (): void => {
    stop('SIGINT', failure('E_INTERRUPTED', {}));
  };
  const terminate = (): void => {
    stop('SIGTERM', failure('E_TERMINATED', {}));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  const release = (): void => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
  };
  return { signal: controller.signal, release };
}
