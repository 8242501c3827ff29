import * as Args from '@oclif/core/args';
import { BaseCommand } from './cli/base.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Receipts extends BaseCommand {
  protected override readonly sendsAlerts = true;
  static override summary = SUMMARIES.receipts;
  static override args = {
    action: Args.string({
      description: 'verify checks the chain, the signatures and that every erasure has a receipt.',
      options: ['verify'],
      required: true,
    }),
  };
  static override examples = ['<%= config.bin %> receipts verify'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Receipts);
    await this.act(flags, async (context) => {
      const { openPublished } = await import('../src/project.js');
      const { evaluateReceipts, formatReceipts, verifyReceipts } =
        await import('../src/actions/receipts/receipts.js');
      const document = await verifyReceipts(await openPublished(context));
      const error = evaluateReceipts(document);
      const format = (): string => formatReceipts(document);
      return error === null ? { document, format } : { document, format, error };
    });
  }
}
