import { ALL_PIPELINES, type AlertKey } from '../base/types/run-record.js';
import { countOf } from '../base/text/numbers.js';
import { scrub } from '../base/text/scrub.js';
import type { OpenAlert } from './alert-state.js';
import type { Problem } from './find-problems.js';

/** What one message says. */
export interface AlertContent {
  readonly opened: readonly Problem[];
  readonly resolved: readonly OpenAlert[];
  /** The name of the project's folder. */
  readonly project: string;
}

/** Slack takes 50 blocks and 3,000 characters a block. */
const MAX_LISTED = 20;
const MAX_BLOCK = 2900;

/** `persons, 2026-11-20`, and `T09` of an hour */
export function formatSubject({ pipeline, date, slot }: Omit<AlertKey, 'code' | 'subject'>): string {
  const name = pipeline === ALL_PIPELINES ? 'all pipelines' : pipeline;
  return date === null ? name : `${name}, ${date}${slot === undefined ? '' : `T${slot}`}`;
}

/** `1 problem: persons, 2026-11-20` or `Resolved: persons, 2026-11-20`; one line. */
export function formatTitle({ opened, resolved, project }: AlertContent): string {
  const names = (of: readonly AlertKey[]): string => {
    const all = [...new Set(of.map(formatSubject))];
    return all.length > 3 ? `${all.slice(0, 3).join('; ')} and ${all.length - 3} more` : all.join('; ');
  };
  const parts = [
    ...(opened.length === 0 ? [] : [`${countOf(opened.length, 'problem')}: ${names(opened)}`]),
    ...(resolved.length === 0 ? [] : [`${opened.length === 0 ? 'R' : 'r'}esolved: ${names(resolved)}`]),
  ];
  return oneLine(`Lakeveil ${project}: ${parts.join('; ')}`);
}

interface Entry {
  readonly head: string;
  readonly lines: readonly string[];
}

function listEntries({ opened, resolved }: AlertContent): Entry[] {
  const all = [
    ...opened.map((problem) => ({
      head: `${formatSubject(problem)}: ${problem.text}`,
      lines: [
        `${problem.kind} (${problem.code})`,
        `Next: ${problem.next}`,
        ...(problem.run_id === null ? [] : [`Log: pipeline logs ${problem.run_id}`]),
      ],
    })),
    ...resolved.map((alert) => ({
      head: `Resolved: ${formatSubject(alert)}: ${nameResolved(alert)}`,
      lines: [`Open since ${alert.since.slice(0, 16).replace('T', ' ')} UTC`],
    })),
  ];
  if (all.length <= MAX_LISTED) return all;
  const rest = `and ${all.length - MAX_LISTED} more: see \`pipeline alert\``;
  return [...all.slice(0, MAX_LISTED), { head: rest, lines: [] }];
}

/** `E_SOURCE_CONNECT`, or `drift of persons` */
export function nameResolved({ code, subject }: AlertKey): string {
  return subject === null ? code : `${code} of ${subject}`;
}

/** The body of an email. */
export function formatText(content: AlertContent): string {
  const entries = listEntries(content).map(({ head, lines }) =>
    [oneLine(head), ...lines.map((line) => `  ${oneLine(line)}`)].join('\n'),
  );
  return `${entries.join('\n\n')}\n`;
}

/**
 * The body for an incoming webhook of Slack: https://api.slack.com/reference/block-kit/blocks. Others that take `text`
 * (Mattermost, Microsoft Teams, Google Chat) show that.
 */
export function formatBlocks(content: AlertContent): object {
  const title = formatTitle(content);
  const sections = listEntries(content).map(({ head, lines }) => {
    const text = [`*${escapeSlack(oneLine(head))}*`, ...lines.map((line) => escapeSlack(oneLine(line)))].join(
      '\n',
    );
    return { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, MAX_BLOCK) } };
  });
  const header = { type: 'header', text: { type: 'plain_text', text: title.slice(0, 150) } };
  return { text: escapeSlack(title), blocks: [header, ...sections] };
}

/** https://api.slack.com/reference/surfaces/formatting#escaping */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function oneLine(text: string): string {
  return scrub(text.replace(/\s+/g, ' '));
}
