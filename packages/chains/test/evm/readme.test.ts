import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { minimalAppArtifact } from '@interchain-attestation/contracts';
import { hexToBytes, packetCommitment } from '@interchain-attestation/core';
import { type Abi, encodeFunctionData } from 'viem';
import { startAnvil } from '../support/anvil.ts';
import { deployIbc, RELAYER_KEY } from '../support/ibc-contracts.ts';
import { sendAndRead } from './readme-example.ts';

test('the example in the README is the one that runs here', async () => {
  const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
  assert.ok(read('../../README.md').includes(`\`\`\`ts\n${read('./readme-example.ts')}\`\`\``), 'the README differs');
  const anvil = await startAnvil();
  try {
    const ibc = await deployIbc(anvil);
    const { timestamp } = await anvil.rpc<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false]);
    const payload = { sourcePort: ibc.port, destPort: ibc.port, version: 'v1', encoding: 'raw', value: '0x01' };
    const message = { sourceClient: ibc.clientId, timeoutTimestamp: BigInt(timestamp) + 3_600n, payload };
    const abi = minimalAppArtifact.abi as Abi;
    const data = encodeFunctionData({ abi, functionName: 'send', args: [ibc.router, message] });
    const { receipt, commitment } = await sendAndRead(
      { name: 'anvil', chainId: '31337', rpcUrl: anvil.url, router: ibc.router, finality: { tag: 'latest' } },
      RELAYER_KEY,
      { tx: hexToBytes(data), address: ibc.app },
    );
    const [event] = receipt.events;
    assert.ok(event);
    assert.deepEqual(commitment, packetCommitment(event.packet));
  } finally {
    await anvil.stop();
  }
});
