import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { integerFlag } from './cli/flags.js';
import { toWorkers } from './cli/ingest-flags.js';
import { SUMMARIES } from './cli/summaries.js';

const DEFAULT_PORT = 8502;

export default class Schedule extends BaseCommand {
  static override summary = SUMMARIES.schedule;
  static override flags = {
    port: integerFlag({
      summary: `Port of /healthz; default: ${DEFAULT_PORT}.`,
      name: 'port',
      min: 1,
      max: 65_535,
      helpValue: 'P',
    }),
    host: Flags.string({
      summary: 'Address of /healthz, which shows names, dates and error codes.',
      default: '127.0.0.1',
      helpValue: 'ADDRESS',
    }),
    parallel: integerFlag({
      summary: 'Number of pipelines to run at once.',
      name: 'parallel',
      min: 1,
      max: 16,
      default: 1,
    }),
    once: Flags.boolean({
      summary: 'Run what was missed and end, with the worst exit code.',
      exclusive: ['port'],
    }),
  };
  static override examples = ['<%= config.bin %> schedule', '<%= config.bin %> schedule --once'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Schedule);
    const { host, port = DEFAULT_PORT, parallel } = flags;
    const print = (line: string): void => {
      if (!flags.quiet) process.stderr.write(`${line}\n`);
    };
    await this.act(flags, async (context) => {
      const { catchUp, formatSchedule, serveSchedule } =
        await import('../src/actions/schedule/serve-schedule.js');
      const request = { parallel, workers: toWorkers(undefined), print };
      if (flags.once) {
        const { document, worst } = await catchUp(context, request);
        const outcome = { document, format: () => formatSchedule(document) };
        return worst === null ? outcome : { ...outcome, error: worst };
      }
      const { document, stopped } = await serveSchedule(context, { ...request, host, port });
      return { document, format: () => formatSchedule(document), until: stopped };
    });
  }
}
