import type { Terminal } from '../src/base/config/config.js';
import { BaseCommand } from './cli/base.js';
import { SUMMARIES } from './cli/summaries.js';

export default class Doctor extends BaseCommand {
  static override summary = SUMMARIES.doctor;
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    await this.act(flags, async (context) => {
      const { runDoctor, formatDoctor } = await import('../src/actions/doctor/doctor.js');
      const { listMachineChecks } = await import('../src/actions/doctor/machine-checks.js');
      const { listProjectChecks } = await import('../src/actions/doctor/project-checks.js');
      const checks = [...listMachineChecks(context.config), ...(await listProjectChecks(context))];
      const { report, error } = await runDoctor(checks);
      const format = (terminal: Terminal): string => formatDoctor(report, terminal);
      return error === null ? { document: report, format } : { document: report, format, error };
    });
  }
}
