import { Command } from '@oclif/core/command';
import { CLIError, ExitError } from '@oclif/core/errors';
import * as Flags from '@oclif/core/flags';
import { type Config, loadConfig, type Terminal } from '../../src/base/config/config.js';
import { toLakeveilError } from '../../src/base/defect.js';
import type { Effects, Fetch } from '../../src/base/effects.js';
import { failure, type LakeveilError } from '../../src/base/errors.js';
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

/** What a verb works with. */
interface CommandContext {
  readonly config: Config;
  readonly effects: Effects;
}

/** What a verb gives back: a document for a program, and the same for a person. */
interface Outcome {
  readonly document: object;
  /** Without a line break at the end. */
  readonly format: (terminal: Terminal) => string | Promise<string>;
  /** Told after the result, and decides the exit code: work that was done to its end and found something wrong. */
  readonly error?: LakeveilError;
  /** Awaited after the result was printed: what goes on until somebody stops it. */
  readonly until?: () => Promise<void>;
}

/**
 * What all verbs share: `--json`, `--project`, `--quiet`, configuration, effects, signals, and how results and errors
 * are printed. A verb parses its flags in `run` and hands its work to `act`.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({ summary: 'Print one JSON document on stdout.', helpGroup: 'GLOBAL' }),
    project: Flags.string({
      summary: 'Folder with pipelines/ and sql/; default: this one if it has pipelines/, else the package.',
      helpGroup: 'GLOBAL',
      helpValue: 'DIR',
    }),
    quiet: Flags.boolean({ summary: 'No log and no progress on stderr.', helpGroup: 'GLOBAL' }),
  };

  #terminal: Terminal = { color: false, interactive: false, width: Number.POSITIVE_INFINITY };
  #signal: AbortSignal | null = null;
  #hasPrinted = false;

  /**
   * Runs a verb's work and prints what came of it.
   * @throws ExitError when the outcome has an error, or whatever `work` throws
   */
  protected async act(
    flags: GlobalFlags,
    work: (context: CommandContext) => Promise<Outcome>,
  ): Promise<void> {
    const config = loadConfig({ project: flags.project ?? null });
    this.#terminal = config.terminal;
    const watch = watchSignals(() => process.stderr.write('Stopping; Ctrl-C again ends at once.\n'));
    this.#signal = watch.signal;
    const fetch = openFetch();
    try {
      const { signal } = watch;
      const effects = await createEffects({ config, quiet: flags.quiet, fetch: fetch.fetch, signal });
      const outcome = await work({ config, effects }).finally(() => {
        effects.progress.stop();
      });
      await this.#print(outcome, flags.json);
      this.#hasPrinted = true;
      await outcome.until?.();
    } finally {
      watch.release();
      await fetch.close();
    }
  }

  /** Everything that goes wrong in a verb ends here, in print and as an exit code. */
  protected override catch(thrown: unknown): Promise<never> {
    if (thrown instanceof ExitError) return Promise.reject(thrown);
    const error = this.#tell(thrown);
    // One document on stdout: what goes wrong after it is told on stderr.
    reportError(error, wantsJson(this.argv) && !this.#hasPrinted, this.#terminal.color);
    return Promise.reject(new ExitError(error.exit));
  }

  async #print(outcome: Outcome, json: boolean): Promise<void> {
    const { document, format, error } = outcome;
    if (!json) {
      process.stdout.write(`${await format(this.#terminal)}\n`);
      if (error !== undefined) reportError(error, false, this.#terminal.color);
    } else {
      const { toErrorDocument } = await import('../../src/base/terminal/print-error.js');
      process.stdout.write(`${formatJson({ ...document, ...(error && toErrorDocument(error)) })}\n`);
    }
    if (error !== undefined) throw new ExitError(error.exit);
  }

  /** What stops because of a signal may fail in many ways; the signal is the reason. */
  #tell(thrown: unknown): LakeveilError {
    if (this.#signal?.aborted === true) return toLakeveilError(this.#signal.reason);
    if (thrown instanceof UsageError) return thrown.told;
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

/** More than any definition may ask for at once: the source keeps its own, lower bound. */
const MAX_CONNECTIONS = 256;

interface OpenFetch {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

/** HTTP that loads its library at the first request, since most verbs make none. */
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
  /** Gives the signals back to Node. */
  release(): void;
}

/**
 * Turns Ctrl-C and SIGTERM into one abort, so that work can stop between two steps. A second Ctrl-C ends the process
 * at once, which is as safe as a kill.
 * @param onFirst called at the first signal, to tell a person that the work is stopping
 */
export function watchSignals(onFirst: () => void): SignalWatch {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(failure('E_INTERRUPTED', {}));
    onFirst();
  };
  const terminate = (): void => {
    if (controller.signal.aborted) return;
    controller.abort(failure('E_TERMINATED', {}));
    onFirst();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  const release = (): void => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
  };
  return { signal: controller.signal, release };
}
