import * as Flags from '@oclif/core/flags';
import { failure } from '../src/base/errors.js';
import { ERASURE_REASONS } from '../src/base/types/erasure.js';
import { BaseCommand } from './cli/base.js';
import { choiceFlag, daysFlag, parseName } from './cli/flags.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Forget extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.forget;
  static override flags = {
    dataset: Flags.string({ summary: 'Dataset of the people.', helpValue: 'NAME' }),
    by: Flags.string({
      summary: 'Landed column with a token of one field, such as email_token.',
      helpValue: 'COLUMN',
    }),
    values: Flags.string({
      summary: 'File with one value of that field per line; default: stdin, or a prompt on a terminal.',
      helpValue: 'FILE',
    }),
    reason: choiceFlag({
      summary: 'Why, for tombstone and receipt: request (default) or another of the list.',
      name: 'reason',
      choices: ERASURE_REASONS,
      helpValue: ERASURE_REASONS.join('|'),
    }),
    'keep-for': daysFlag({
      summary: 'How long the people are kept from landing again, such as 3650d; default: for ever.',
      name: 'keep-for',
    }),
    'drop-unsearchable': Flags.boolean({
      summary: 'Remove partitions and checkpoints whole that cannot be searched for the people.',
    }),
    resume: Flags.boolean({ summary: 'Finish erasures that were interrupted; needs no values.' }),
    'dry-run': Flags.boolean({ summary: 'Show what would be erased; change nothing.', exclusive: ['yes'] }),
    yes: Flags.boolean({ summary: 'Erase without asking.' }),
  };
  static override examples = [
    '<%= config.bin %> forget --dataset persons --by email_token',
    '<%= config.bin %> forget --dataset persons --by email_token --values people.txt --dry-run',
    '<%= config.bin %> forget --dataset bookings --by passenger_token --yes < people.txt',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Forget);
    await this.act(flags, async (context) => {
      const { openProject } = await import('../src/project.js');
      const { forgetPeople, previewForget, resumeForget } =
        await import('../src/actions/forget/forget-people.js');
      const { evaluateForget, formatForget } = await import('../src/actions/forget/format-forget.js');
      const { unpublish } = await import('../src/dashboard/remove-published.js');
      const { ask, canAsk, readValues } = await import('./cli/read-values.js');
      const show = (document: Awaited<ReturnType<typeof forgetPeople>>) => {
        const error = evaluateForget(document);
        const format = (): string => formatForget(document);
        return error === null ? { document, format } : { document, format, error };
      };
      if (flags.resume) return show(await resumeForget(await openProject(context), { unpublish }));
      const [dataset, by] = [parseGiven(flags.dataset, 'dataset'), parseGiven(flags.by, 'by')];
      const request = {
        dataset,
        by,
        unpublish,
        values: await readValues(flags.values ?? null, `Value of ${by}`),
        reason: ERASURE_REASONS.find((reason) => reason === flags.reason) ?? 'request',
        keepForDays: flags['keep-for'] ?? null,
        dropUnsearchable: flags['drop-unsearchable'],
      };
      const project = await openProject(context);
      if (flags['dry-run']) return show(await previewForget(project, request));
      if (!flags.yes) {
        if (!canAsk())
          throw failure('E_USAGE', { what: NOT_ASKED, hint: 'add `--yes`, or look with `--dry-run`' });
        const preview = await previewForget(project, request);
        process.stderr.write(`${formatForget(preview)}\n`);
        const answer = await ask('Erase these rows everywhere? This cannot be undone. Type yes: ', false);
        if (answer.trim() !== 'yes') return { document: preview, format: () => 'Nothing was erased.' };
      }
      return show(await forgetPeople(project, request));
    });
  }
}

const NOT_ASKED = 'nothing was erased: there is no terminal on which to ask';

function parseGiven(value: string | undefined, name: 'dataset' | 'by'): string {
  if (value !== undefined) return parseName(value, name === 'by' ? 'column' : name);
  const hint = 'for example: `pipeline forget --dataset persons --by email_token`';
  throw failure('E_USAGE', { what: `--${name} is missing`, hint });
}
