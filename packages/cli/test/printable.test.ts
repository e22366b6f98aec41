import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '../src/config/error.ts';
import { createOutput, type TextSink } from '../src/output/output.ts';
import { printable, printableFields, printableLine } from '../src/output/printable.ts';
import { reportError } from '../src/output/report-error.ts';

const HOSTILE = 'x\u001b[2K\r\u001b[32mACCEPTED\u001b[39m\n\u009b1A\u202e\u2066\u007f';
const SPELLED = 'x\\x1b[2K\\x0d\\x1b[32mACCEPTED\\x1b[39m\\x0a\\x9b1A\\u202e\\u2066\\x7f';

const sinks = (): { text: () => string; stdout: TextSink; stderr: TextSink } => {
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text) };
  return { text: () => written.join(''), stdout: sink, stderr: sink };
};

describe('text of others', () => {
  test('is spelled out, colours included', () => {
    assert.equal(printable(HOSTILE), SPELLED);
    assert.deepEqual(printableFields({ a: HOSTILE, b: 1n }), { a: SPELLED, b: 1n });
  });

  test('keeps the colours that we put around it, and no other', () => {
    assert.equal(printableLine(`\u001b[31m${printable(HOSTILE)}\u001b[39m`), `\u001b[31m${SPELLED}\u001b[39m`);
  });

  test('cannot paint where we do not', () => {
    const { text, ...out } = sinks();
    const output = createOutput({ json: false, ...out, env: {} });
    output.line(HOSTILE);
    output.table([{ head: 'a' }], [[HOSTILE]]);
    output.pairs([['a', HOSTILE]]);
    output.warn(HOSTILE);
    assert.equal(text().split(SPELLED).length, 5);
    assert.ok(!text().includes('\u001b'));
  });

  test('is harmless in errors, in problems of the configuration, and with --debug', () => {
    const { text, ...out } = sinks();
    const issue = { code: 'config/invalid-value', path: HOSTILE, message: HOSTILE, line: 1, excerpt: HOSTILE } as const;
    const error = new ConfigError('a.yaml', [issue]);
    error.cause = new Error(HOSTILE);
    reportError(error, { json: false, debug: true, ...out, env: {} });
    reportError(new Error(HOSTILE), { json: false, debug: false, ...out, env: {} });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    assert.doesNotMatch(text(), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });
});
