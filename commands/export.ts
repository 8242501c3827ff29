import * as Flags from '@oclif/core/flags';
import { EXPORT_FORMATS } from '../src/report/export-format.js';
import { BaseCommand } from './cli/base.js';
import { choiceFlag, dateFlag } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Export extends BaseCommand {
  static override summary = SUMMARIES.export;
  static override usage =
    'export [PIPELINE] [NAME…] [--out DIR] [--format csv|json|parquet] [--date YYYY-MM-DD] [--with-tokens]';
  static override strict = false;
  static override flags = {
    out: Flags.string({
      summary: 'Folder for the files; default: exports/<date> in the project.',
      helpValue: 'DIR',
    }),
    format: choiceFlag({
      summary: 'File format: csv (default), json or parquet.',
      name: 'format',
      choices: EXPORT_FORMATS,
      helpValue: 'FORMAT',
    }),
    date: dateFlag({ summary: 'Date of the reports; default: the newest landed date.' }),
    'with-tokens': Flags.boolean({ summary: 'Allow the export of tables that contain tokens.' }),
  };
  static override examples = [
    '<%= config.bin %> export',
    '<%= config.bin %> export top_gmail_countries --format json --out reports',
    '<%= config.bin %> export silver.persons_anonymized --format parquet --with-tokens',
  ];

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Export);
    await this.act(flags, async (context) => {
      const { openTargets } = await import('../src/project.js');
      const { exportOn } = await import('../src/actions/export/export-on.js');
      const { formatExport } = await import('../src/actions/export/export-on.js');
      const { project, ...targets } = await openTargets(context, argv.map(String));
      const document = await exportOn(project, {
        ...targets,
        date: flags.date ?? null,
        format: EXPORT_FORMATS.find((format) => format === flags.format) ?? 'csv',
        out: flags.out ?? null,
        withTokens: flags['with-tokens'],
      });
      return { document, format: () => formatExport(document) };
    });
  }
}
