import type { Config, Terminal } from '../../base/config/config.js';
import { paint } from '../../base/terminal/paint.js';
import { countOf } from '../../base/text/numbers.js';
import { formatSubject, nameResolved } from '../../alert/alert-message.js';
import { hasChannel, readAlertSettings } from '../../alert/alert-settings.js';
import type { AlertReport } from '../../alert/send-alerts.js';

/** What is wrong now, and what was sent. */
export function formatAlerts(
  { problems, sent, channels }: AlertReport,
  { variables }: Pick<Config, 'variables'>,
  { color }: Terminal,
): string {
  const head = problems.length === 0 ? 'No problems.' : `${countOf(problems.length, 'problem')}:`;
  const lines = problems.flatMap((problem) => [
    `  ${formatSubject(problem)}: ${problem.text} (${problem.code})`,
    `    next: ${problem.next}`,
  ]);
  return [paint(head, 'bold', color), ...lines, '', describeSending({ sent, channels }, variables)].join(
    '\n',
  );
}

function describeSending(
  { sent, channels }: Pick<AlertReport, 'sent' | 'channels'>,
  variables: Config['variables'],
): string {
  if (!hasChannel(readAlertSettings(variables)))
    return 'Not sent: set ALERT_WEBHOOK_URL or ALERT_SMTP_URL, then try `pipeline alert --test`.';
  const names = channels.map(({ channel }) => channel).join(' and ');
  const resolved = sent.filter(({ state }) => state === 'resolved');
  if (sent.length === 0) return `Nothing new to send to ${names}.`;
  const ended = resolved.map((alert) => `${formatSubject(alert)} (${nameResolved(alert)})`).join('; ');
  return [
    `Sent by ${names}: ${countOf(sent.length - resolved.length, 'new problem')}, ${resolved.length} resolved.`,
    ...(resolved.length === 0 ? [] : [`Resolved: ${ended}`]),
  ].join('\n');
}
