import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { Hex } from '@interchain-attestation/core';
import {
  type Guard,
  type GuardSource,
  type GuardStatement,
  type GuardVerdict,
  type OpenGuardOptions,
  openGuard,
  type StatementBlock,
  type StatementEntry,
} from '@interchain-attestation/guard';

export const KEY = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
export const OTHER_KEY = '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF';
export const SOURCE: GuardSource = { chainId: '31337', genesisHash: `0x${'11'.repeat(32)}`, store: 'ibc' };

/** A directory that is gone after the test. */
export const temporaryDirectory = (context: TestContext): string => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'guard-test-'));
  context.after(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
};

/** Opens a guard that is closed after the test. */
export const openTestGuard = async (
  context: TestContext,
  file: string,
  options: Partial<OpenGuardOptions> = {},
): Promise<Guard> => {
  const guard = await openGuard({ path: file, key: KEY, source: SOURCE, create: true, ...options });
  context.after(() => guard.close());
  return guard;
};

/** A guard in a directory of its own. */
export const newGuard = (context: TestContext, options: Partial<OpenGuardOptions> = {}): Promise<Guard> =>
  openTestGuard(context, path.join(temporaryDirectory(context), 'guard.db'), options);

/** 32 bytes that hold a number. */
export const hash = (value: number | bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;

/** Block whose hash follows from its height and a fork number; one second a block. */
export const block = (height: bigint | number, fork = 0, overrides: Partial<StatementBlock> = {}): StatementBlock => ({
  height: BigInt(height),
  hash: hash(BigInt(height) * 16n + BigInt(fork)),
  timestampSec: BigInt(height),
  ...overrides,
});

export const state = (...of: Parameters<typeof block>): GuardStatement => ({ kind: 'state', block: block(...of) });

export const packets = (at: StatementBlock, ...entries: StatementEntry[]): GuardStatement => ({
  kind: 'packets',
  block: at,
  entries,
});

export const commitment = (value: number): Uint8Array => new Uint8Array(32).fill(value);

/** Entry about `client-0`. */
export const entry = (
  kind: StatementEntry['path']['kind'],
  sequence: bigint | number,
  value: number | undefined,
  overrides: Partial<StatementEntry> = {},
): StatementEntry => ({
  path: { kind, clientId: 'client-0', sequence: BigInt(sequence) },
  commitment: value === undefined ? undefined : commitment(value),
  timeoutTimestampSec: 1_000n,
  timeoutProven: true,
  ...overrides,
});

/** The verdict in one word: `ok`, the rule of a conflict, or the reason of a refusal. */
export const word = (verdict: GuardVerdict): string =>
  verdict.ok ? 'ok' : (verdict.conflict?.rule ?? verdict.refused ?? 'none');

/** Records statements one by one and compares the verdicts' words. */
export const expectVerdicts = async (guard: Guard, steps: readonly [GuardStatement, string][]): Promise<void> => {
  const got: string[] = [];
  for (const [statement] of steps) got.push(word(await guard.record(statement)));
  assert.deepEqual(
    got,
    steps.map(([, expected]) => expected),
  );
};
