import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { dateFlag, integerFlag, pipelineArg, resolveDate, sourceFlag } from './cli/flags.js';
import { toOverrides, toWorkers, workersFlag } from './cli/ingest-flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Backfill extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.backfill;
  static override args = { pipeline: pipelineArg() };
  static override flags = {
    from: dateFlag({ summary: 'First date.', required: true }),
    to: dateFlag({ summary: 'Last date, inclusive.', required: true }),
    'dates-in-parallel': integerFlag({
      summary: 'Number of dates to fetch in parallel.',
      name: 'dates-in-parallel',
      min: 1,
      max: 16,
      default: 2,
    }),
    'dry-run': Flags.boolean({ summary: 'Print the plan without running it.' }),
    force: Flags.boolean({
      summary: 'Land every date again, including pruned dates.',
      exclusive: ['stale-policy'],
    }),
    'stale-policy': Flags.boolean({ summary: 'Land the dates again that were masked under an old policy.' }),
    'as-of-now': Flags.boolean({ summary: 'Store today’s state of a snapshot under other dates.' }),
    records: integerFlag({
      summary: 'Number of records to request.',
      name: 'records',
      min: 1,
      max: 50_000_000,
    }),
    concurrency: integerFlag({
      summary: 'Maximum number of parallel page requests per date.',
      name: 'concurrency',
      min: 1,
      max: 256,
    }),
    workers: workersFlag,
    source: sourceFlag({ summary: '`embedded`, or a URL that replaces the definition’s base URL.' }),
  };
  static override examples = [
    '<%= config.bin %> backfill --from 2026-11-01 --to 2026-11-20 --dry-run',
    '<%= config.bin %> backfill persons --from 2026-11-01 --to 2026-11-20 --dates-in-parallel 4',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Backfill);
    await this.act(flags, async (context) => {
      const { openChosen, todayOf } = await import('../src/project.js');
      const { backfill } = await import('../src/pipeline.js');
      const { chooseDates } = await import('../src/base/dates/date-ranges.js');
      const { formatBackfill } = await import('../src/actions/backfill/backfill-summary.js');
      const { project, pipeline } = await openChosen(context, args.pipeline, 'linked', toOverrides(flags));
      const to = resolveDate(flags.to, false, todayOf(project, pipeline));
      const document = await backfill(project, {
        pipeline,
        dates: chooseDates(flags.from, to),
        datesInParallel: flags['dates-in-parallel'],
        dryRun: flags['dry-run'],
        force: flags.force,
        stalePolicy: flags['stale-policy'],
        source: flags.source ?? null,
        asOfNow: flags['as-of-now'],
        workers: toWorkers(flags.workers),
      });
      return { document, format: (terminal) => formatBackfill(document, terminal) };
    });
  }
}
