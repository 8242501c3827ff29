import * as Flags from '@oclif/core/flags';
import { BaseCommand } from './cli/base.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Alert extends BaseCommand {
  static override summary = SUMMARIES.alert;
  static override flags = {
    test: Flags.boolean({ summary: 'Send a test message by each channel, and nothing else.' }),
  };
  static override examples = ['<%= config.bin %> alert --test', '<%= config.bin %> alert'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Alert);
    await this.act(flags, async (context) => {
      const { evaluateChannels, sendAlerts, sendTest } = await import('../src/alert/send-alerts.js');
      if (flags.test) {
        const channels = await sendTest(context);
        const error = evaluateChannels(channels);
        const sent = channels.filter(({ problem }) => problem === null).map(({ channel }) => channel);
        const format = (): string => `Test sent by: ${sent.length === 0 ? 'none' : sent.join(', ')}`;
        return { document: { channels }, format, ...(error !== null && { error }) };
      }
      const { openTables } = await import('../src/project.js');
      const { formatAlerts } = await import('../src/actions/alert/alert-report.js');
      const document = await sendAlerts(context, await openTables(context));
      const error = evaluateChannels(document.channels);
      return {
        document,
        format: (terminal) => formatAlerts(document, context.config, terminal),
        ...(error !== null && { error }),
      };
    });
  }
}
