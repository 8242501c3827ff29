import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { integerFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export default class Logs extends BaseCommand {
  static override summary = SUMMARIES.logs;
  static override args = {
    run: Args.string({ description: 'Id of a run, as `pipeline runs` shows it; default: all.' }),
  };
  static override flags = {
    follow: Flags.boolean({
      summary: 'Print new lines until Ctrl-C, or until the run ends.',
      exclusive: ['json'],
    }),
    level: Flags.option({ summary: 'The lowest level to show; default: info.', options: LEVELS })(),
    limit: integerFlag({
      summary: 'Maximum number of lines that are there already; default: 200.',
      name: 'limit',
      min: 1,
      max: 1_000_000,
    }),
  };
  static override examples = [
    '<%= config.bin %> logs',
    '<%= config.bin %> logs --level warn',
    '<%= config.bin %> logs --follow',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs);
    await this.act(flags, async ({ config, effects }) => {
      const { followLogs, LogPrinter, readLogs } = await import('../src/actions/logs/read-logs.js');
      const request = { run: args.run ?? null, limit: flags.limit ?? 200, level: flags.level ?? 'info' };
      const printer = new LogPrinter(config);
      if (!flags.follow) {
        const document = await readLogs(config.logDir, request);
        return { document, format: () => printer.format(document.lines) };
      }
      const { report, follow } = await followLogs(config.logDir, request, effects);
      const print = (lines: typeof report.lines): void => {
        process.stdout.write(`${printer.format(lines)}\n`);
      };
      return { document: report, format: () => printer.format(report.lines), until: () => follow(print) };
    });
  }
}
