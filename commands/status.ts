import type { Terminal } from '../src/base/config/config.js';
import { BaseCommand } from './cli/base.js';
import { dateFlag, integerFlag, pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Status extends BaseCommand {
  static override summary = SUMMARIES.status;
  static override args = { pipeline: pipelineArg() };
  static override flags = {
    from: dateFlag({ summary: 'First date; default: the first landed date.' }),
    to: dateFlag({ summary: 'Last date; default: today.' }),
    limit: integerFlag({
      summary: 'Maximum number of dates per dataset; default: 20.',
      name: 'limit',
      min: 1,
      max: 1_000_000,
    }),
  };
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status persons --from 2026-11-01 --to 2026-11-30',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Status);
    await this.act(flags, async (context) => {
      const { openChosen } = await import('../src/project.js');
      const { evaluateStatus, readStatus } = await import('../src/actions/status/read-status.js');
      const { formatStatus } = await import('../src/actions/status/status-report.js');
      const { project, pipeline } = await openChosen(context, args.pipeline, 'own');
      const document = await readStatus(project, {
        pipeline,
        from: flags.from ?? null,
        to: flags.to ?? null,
        limit: flags.limit ?? 20,
      });
      const format = (terminal: Terminal): string => formatStatus(document, terminal);
      const error = evaluateStatus(document);
      return error === null ? { document, format } : { document, format, error };
    });
  }
}
