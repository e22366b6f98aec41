import { isAttestationError } from '@interchain-attestation/core';
import { ConfigError } from '../config/error.ts';
import type { ConfigIssue } from '../config/issue.ts';
import { CliError } from './errors.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { toJson } from './json.ts';
import type { OutputOptions } from './output.ts';
import { printable } from './printable.ts';
import { redactUrls } from './redact.ts';
import { createStyle, type Style } from './style.ts';

const formatIssue = (file: string, issue: ConfigIssue, style: Style): string => {
  const place = issue.line === undefined ? file : `${file}:${issue.line}:${issue.column ?? 1}`;
  const path = issue.path === '' ? '' : `${style.bold(printable(issue.path))}: `;
  const lines = [`  ${style.cyan(place)} ${path}${printable(issue.message)} ${style.dim(`[${issue.code}]`)}`];
  if (issue.excerpt !== undefined && issue.line !== undefined) {
    const gutter = `${issue.line} | `;
    // A long line is cut around the place, so that the mark below it stays on screen.
    const start = Math.max(0, (issue.column ?? 1) - 60);
    // One character each, so that the mark stays below its place.
    const excerpt = [...issue.excerpt.slice(start, start + 100)].map((c) => (printable(c) === c ? c : ' ')).join('');
    const column = Math.min((issue.column ?? 1) - 1 - start, excerpt.length);
    lines.push(`    ${style.dim(gutter)}${excerpt}`, `    ${' '.repeat(gutter.length + column)}${style.red('^')}`);
  }
  return lines.join('\n');
};

/** What to do about an error, where its message cannot know the command line. */
const HINTS: Readonly<Record<string, string>> = {
  'guard/missing':
    'a key that has never signed anything starts once with --create-guards; any other needs its guard file (attest guard import)',
  'guard/locked': 'another process runs this attestor; stop it first',
  'guard/moved': 'the guard was exported: the attestor runs on another host now (attest guard import brings it back)',
  'guard/copied': 'see "attest guard clear --help" before you accept a copy',
  'keystore/wrong-password': 'the password comes from signers.NAME.password of the configuration',
  'deploy/quorum-unreachable':
    'start the attestors first (attest run --only attestor); or, for one client, named with --connection and --chain, pass --initial-height and --initial-timestamp of a block of the chain that it tracks',
};

const causes = (error: unknown): readonly string[] => {
  const texts: string[] = [];
  for (let cause = (error as Error).cause; cause instanceof Error && texts.length < 5; cause = cause.cause) {
    texts.push(cause.message.split('\n')[0] ?? '');
  }
  return texts;
};

/**
 * Says on standard error what went wrong, in one line with its code (the configuration: one line a problem), and as
 * JSON on standard output when asked for.
 * @returns the exit code
 */
export const reportError = (error: unknown, options: OutputOptions & { readonly debug: boolean }): ExitCode => {
  const known = isAttestationError(error)
    ? error
    : new CliError('cli/internal', error instanceof Error ? error.message : String(error), { cause: error });
  const { stderr, stdout, json, env } = options;
  const style = createStyle(stderr.isTTY === true, env);
  const code = exitCodeOf(known.code);
  if (code !== EXIT.interrupted || options.debug) {
    const message = printable(redactUrls(known.message.split('\n')[0] ?? ''));
    stderr.write(`${style.red('error')} ${style.dim(`[${known.code}]`)} ${message}\n`);
    const hint = HINTS[known.code];
    if (hint !== undefined) stderr.write(`${style.dim(`hint: ${hint}`)}\n`);
  }
  if (known instanceof ConfigError) {
    for (const issue of known.issues) stderr.write(`${formatIssue(known.file, issue, style)}\n`);
  }
  if (options.debug) {
    // Stacks keep their file names: only what a URL hides is cut.
    const stack = redactUrls((known.stack ?? '').replaceAll('file://', ''));
    stderr.write(`${stack.split('\n').map(printable).join('\n')}\n`);
    for (const text of causes(known)) stderr.write(`  caused by: ${printable(redactUrls(text))}\n`);
  } else if (known.code === 'cli/internal') {
    stderr.write('this is a bug in attest: run again with --debug and report what it prints\n');
  }
  if (json) {
    const issues = known instanceof ConfigError ? { issues: known.issues } : {};
    const details = 'details' in known ? { details: known.details } : {};
    const body = { code: known.code, message: redactUrls(known.message), retryable: known.retryable, meta: known.meta };
    stdout.write(`${toJson({ ok: false, error: { ...body, ...issues, ...details } })}\n`);
  }
  return code;
};
