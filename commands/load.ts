import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { dateFlag, parseName, pipelineArg } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Load extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.load;
  static override args = {
    pipeline: pipelineArg({ description: 'Name of the pipeline; default: the tables of all pipelines.' }),
  };
  static override flags = {
    to: Flags.string({
      summary: 'Name of the target in targets.yaml.',
      helpValue: 'NAME',
      required: true,
      parse: (input) => Promise.resolve(parseName(input, 'target')),
    }),
    tables: Flags.string({
      summary: 'Tables to load, as gold.sales or sales, with commas; default: all.',
      helpValue: 'A,B',
    }),
    date: dateFlag({ summary: 'Load only this date of tables that have dates.' }),
    force: Flags.boolean({ summary: 'Also load what has not changed since the last load.' }),
  };
  static override examples = [
    '<%= config.bin %> load --to reporting',
    '<%= config.bin %> load shop --to warehouse --tables gold.shop_daily_revenue,shop_sales',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Load);
    await this.act(flags, async (context) => {
      const { findDefinition, openTables } = await import('../src/project.js');
      const { loadTables } = await import('../src/actions/load/load-tables.js');
      const { formatLoad } = await import('../src/actions/load/load-summary.js');
      const project = await openTables(context);
      const document = await loadTables(project, {
        target: flags.to,
        pipeline: args.pipeline === undefined ? null : findDefinition(project, args.pipeline).pipeline,
        tables: (flags.tables ?? '').split(',').flatMap((name) => name.trim() || []),
        date: flags.date ?? null,
        force: flags.force,
      });
      return { document, format: (terminal) => formatLoad(document, terminal) };
    });
  }
}
