import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemorySigner, systemClock } from '@interchain-attestation/chains';
import type { Guard, OpenGuardOptions } from '@interchain-attestation/guard';
import { silentLogger } from '@interchain-attestation/service';
import { attestorConfigSchema } from '../src/config.ts';
import { startSource } from '../src/source.ts';
import { TEST_KEY } from './support/harness.ts';
import { ScriptedChain } from './support/scripted-chain.ts';

test('the guard remembers as many absences as is configured', async () => {
  let asked: OpenGuardOptions | undefined;
  const config = attestorConfigSchema.parse({
    name: 'a',
    listen: '127.0.0.1:0',
    guardPath: '/nowhere',
    maxAbsences: 5_000_000,
  });
  const source = startSource(
    config,
    {
      chain: new ScriptedChain(5),
      signer: createMemorySigner(TEST_KEY),
      openGuard: async (options) => {
        asked = options;
        throw new Error('seen');
      },
      clock: systemClock,
      logger: silentLogger,
      emit: () => {},
    },
    () => {},
  );
  await assert.rejects(source.started, /seen/);
  assert.equal(asked?.maxAbsences, 5_000_000);
  await source.close();
});

test('a guard that is open is closed again when the attestor cannot be made from it', async () => {
  let closed = 0;
  const guard = {
    status: () => {
      throw new Error('the file is gone');
    },
    close: async () => {
      closed++;
    },
  } as unknown as Guard;
  const source = startSource(
    attestorConfigSchema.parse({ name: 'a', listen: '127.0.0.1:0', guardPath: '/nowhere' }),
    {
      chain: new ScriptedChain(5),
      signer: createMemorySigner(TEST_KEY),
      openGuard: async () => guard,
      clock: systemClock,
      logger: silentLogger,
      emit: () => {},
    },
    () => {},
  );
  await assert.rejects(source.started, /the file is gone/);
  assert.equal(closed, 1);
  await source.close();
});
