import type { Terminal } from '../src/base/config/config.js';
import { BaseCommand } from './cli/base.js';
import { dateFlag, pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Check extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.check;
  static override args = { pipeline: pipelineArg() };
  static override flags = {
    date: dateFlag({ summary: 'Date of the rows to check; default: the newest landed date.' }),
  };
  static override examples = [
    '<%= config.bin %> check',
    '<%= config.bin %> check bookings --date 2026-11-20',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Check);
    await this.act(flags, async (context) => {
      const { openChosen } = await import('../src/project.js');
      const { checkPipeline, evaluateCheckReport } = await import('../src/actions/check/check-pipeline.js');
      const { formatChecks } = await import('../src/actions/check/check-pipeline.js');
      const { project, pipeline } = await openChosen(context, args.pipeline, 'linked');
      const document = await checkPipeline(project, pipeline, flags.date ?? null);
      const error = evaluateCheckReport(document);
      const format = (terminal: Terminal): string => formatChecks(document, terminal);
      return error === null ? { document, format } : { document, format, error };
    });
  }
}
