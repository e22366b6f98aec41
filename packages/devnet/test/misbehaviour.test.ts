import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attestationLightClientAbi, ics26RouterAbi } from '@interchain-attestation/contracts';
import { bytesToHex, type Hex } from '@interchain-attestation/core';
import { type BaseError, decodeErrorResult, decodeFunctionData, encodeFunctionData } from 'viem';
import { type Devnet, type PacketTracker, readClient, signState, startDevnet, trackPackets } from '../src/index.ts';
import { ended, sendMany } from './support/transfers.ts';

describe('attestors that contradict themselves', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  before(async () => {
    net = await startDevnet({ attestorProcesses: 'chain' });
    tracker = trackPackets(net);
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });
  const liars = (count: number): Parameters<typeof signState>[0] =>
    net.attestors
      .filter(({ chain }) => chain === 'alpha')
      .slice(0, count)
      .map(({ key }) => key);
  const lie = async (count: number): Promise<Hex> => {
    const { beta } = net.chains;
    const { latestHeight, timestampSec } = await readClient(beta, beta.lightClient);
    return bytesToHex(signState(liars(count), latestHeight, timestampSec + 1n));
  };
  const update = (proof: Hex): Hex =>
    encodeFunctionData({ abi: ics26RouterAbi, functionName: 'updateClient', args: [net.chains.beta.clientId, proof] });

  test('in one batch with a receive the freeze is taken back with the receive; alone it stays', async () => {
    const { beta } = net.chains;
    const [packet] = await ended(net, tracker, await sendMany(net, tracker, 1));
    const { input } = await beta.client.getTransaction({ hash: packet?.receive?.txHash ?? '0x' });
    const [calls] = decodeFunctionData({ abi: ics26RouterAbi, data: input }).args as readonly [readonly Hex[]];
    const receive = calls.at(-1) as Hex;
    const proof = await lie(3);

    // The receive finds a frozen client and reverts, and with it the update that froze it.
    const data = encodeFunctionData({
      abi: ics26RouterAbi,
      functionName: 'multicall',
      args: [[update(proof), receive]],
    });
    await assert.rejects(
      beta.client.call({ account: net.users.bob.address, to: beta.router, data }),
      (error: BaseError) => {
        const raw = error.walk((cause) => typeof (cause as { data?: unknown }).data === 'string') as {
          data?: Hex;
        } | null;
        const { errorName } = decodeErrorResult({ abi: attestationLightClientAbi, data: raw?.data ?? '0x' });
        return errorName === 'FrozenClientState';
      },
    );
    const wallet = beta.wallet(net.users.bob);
    const hash = await wallet.sendTransaction({
      chain: wallet.chain ?? null,
      account: wallet.account ?? net.users.bob.address,
      to: beta.router,
      data,
      gas: 2_000_000n,
    });
    assert.equal((await beta.client.waitForTransactionReceipt({ hash })).status, 'reverted');
    assert.equal((await readClient(beta, beta.lightClient)).isFrozen, false, 'the batch undid its own freeze');

    const at = { address: beta.lightClient, abi: attestationLightClientAbi, functionName: 'updateClient' } as const;
    await assert.rejects(beta.write(net.users.bob, { ...at, args: [await lie(2)] }), /ThresholdNotMet/);
    await beta.write(net.users.bob, { ...at, args: [proof] });
    assert.equal((await readClient(beta, beta.lightClient)).isFrozen, true, 'alone it freezes');
  });

  test('a frozen client lets nothing through, and nothing is lost or invented', async () => {
    const [packet] = await sendMany(net, tracker, 1);
    assert.ok(packet);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    assert.equal(tracker.current(packet).receive, undefined);
    assert.notEqual(net.relayer?.process.state, 'ended');
    assert.notEqual(net.proofApi?.process.state, 'ended');
  });
});
