import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { integerFlag, parseName, pipelineArg } from './cli/flags.js';
import { INGEST_FLAGS, toIngestRequest, toOverrides } from './cli/ingest-flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Ingest extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.ingest;
  static override aliases = ['fetch-data'];
  static override args = { pipeline: pipelineArg() };
  static override flags = {
    ...INGEST_FLAGS,
    dataset: Flags.string({ summary: 'Land only this dataset of the pipeline.', helpValue: 'NAME' }),
    'limit-pages': integerFlag({
      summary: 'Dry run: fetch this many pages and land nothing.',
      name: 'limit-pages',
      min: 1,
      max: 10_000,
    }),
  };
  static override examples = [
    '<%= config.bin %> ingest persons --date 2026-11-20',
    '<%= config.bin %> ingest persons --source https://fakerapi.it --limit-pages 1',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ingest);
    await this.act(flags, async (context) => {
      const { openChosen, todayOf } = await import('../src/project.js');
      const { ingest } = await import('../src/pipeline.js');
      const { formatIngest } = await import('../src/actions/run/run-summary.js');
      const { project, pipeline } = await openChosen(context, args.pipeline, 'own', toOverrides(flags));
      const document = await ingest(project, {
        ...toIngestRequest(pipeline, flags, todayOf(project, pipeline)),
        dataset: flags.dataset === undefined ? null : parseName(flags.dataset, 'dataset'),
        limitPages: flags['limit-pages'] ?? null,
      });
      return { document, format: (terminal) => formatIngest(document, terminal) };
    });
  }
}
