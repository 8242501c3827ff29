import { BaseCommand } from './cli/base.js';
import { dateFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Report extends BaseCommand {
  static override summary = SUMMARIES.report;
  static override usage = 'report [PIPELINE] [NAME…] [--date YYYY-MM-DD]';
  static override strict = false;
  static override flags = {
    date: dateFlag({ summary: 'Date of the reports; default: the newest landed date.' }),
  };
  static override examples = [
    '<%= config.bin %> report',
    '<%= config.bin %> report top_gmail_countries --date 2026-11-20',
  ];

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Report);
    await this.act(flags, async (context) => {
      const { openTargets } = await import('../src/project.js');
      const { report } = await import('../src/pipeline.js');
      const { formatReportDocument } = await import('../src/actions/report/report-tables.js');
      const { project, pipeline, names } = await openTargets(context, argv.map(String));
      const document = await report(project, pipeline, names, flags.date ?? null);
      return { document, format: (terminal) => formatReportDocument(document, terminal) };
    });
  }
}
