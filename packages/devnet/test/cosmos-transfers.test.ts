import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ics20TransferAbi, ics26RouterAbi } from '@interchain-attestation/contracts';
import { bytesToHex, type Hex, hexToBytes } from '@interchain-attestation/core';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import { proofApi } from '@interchain-attestation/proto';
import { createGrpcClient } from '@interchain-attestation/service';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { MsgRecvPacket, MsgSendPacket } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { decodeFunctionData } from 'viem';
import {
  balanceOf,
  type CosmosTransferOptions,
  type Devnet,
  type DevnetChain,
  type DevnetCosmosChain,
  type PacketTracker,
  startDevnet,
  type TrackedPacket,
  type TransferOptions,
  trackPackets,
  untilChainsPass,
  voucherOf,
} from '../src/index.ts';
import { alfaOnGaia, clientOn, cosmosOf, fromCosmos, toGaia } from './support/cosmos.ts';
import { ended, whileRelayerSleeps } from './support/transfers.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));

describe('tokens between an EVM chain and a real ibc-go chain', () => {
  let net: Devnet;
  let tracker: PacketTracker;
  let alpha: DevnetChain;
  let gaia: DevnetCosmosChain;
  before(async () => {
    if (skip !== false) return;
    net = await startDevnet({ cosmos: ['gaia'], attestorsPerChain: 3, attestorProcesses: 'chain' });
    tracker = trackPackets(net);
    alpha = net.chains.alpha;
    gaia = cosmosOf(net, 'gaia');
  });
  after(async () => {
    tracker?.close();
    await net?.close();
  });

  const there = (count: number, options: Partial<TransferOptions> = {}): Promise<readonly TrackedPacket[]> =>
    toGaia(net, tracker, count, options);
  const back = (options: Partial<CosmosTransferOptions> = {}): Promise<readonly TrackedPacket[]> =>
    fromCosmos(net, tracker, ['gaia', 'alpha'], options);
  const stakeOnAlpha = async (): Promise<bigint> => {
    const token = await voucherOf(alpha, gaia.denom, clientOn(net, 'alpha', 'gaia'));
    return token === undefined ? 0n : balanceOf(alpha, token, net.users.bob.address);
  };
  const escrowed = async (): Promise<bigint> => {
    const args = [clientOn(net, 'alpha', 'gaia')] as const;
    const at = { address: alpha.transfer, abi: ics20TransferAbi, functionName: 'getEscrow', args } as const;
    return balanceOf(alpha, alpha.token, await alpha.client.readContract(at));
  };
  /** What Alice holds of both tokens at home. To the unit: ibc-go's test application deducts no fees. */
  const ofAlice = (): Promise<readonly bigint[]> => {
    const { alice } = net.users;
    return Promise.all([
      balanceOf(alpha, alpha.token, alice.address),
      gaia.balanceOf(gaia.addressOf(alice), gaia.denom),
    ]);
  };
  /** What Bob holds of each token on the other chain. */
  const ofBob = (): Promise<readonly bigint[]> =>
    Promise.all([gaia.balanceOf(gaia.addressOf(net.users.bob), alfaOnGaia(net).denom), stakeOnAlpha()]);
  const changed = (from: readonly bigint[], by: readonly [bigint, bigint]): readonly bigint[] =>
    from.map((value, index) => value + (by[index] ?? 0n));

  test('a token of alpha goes to gaia and home: the escrow equals the vouchers at every rest', { skip }, async () => {
    const { alice, bob } = net.users;
    const before = await ofAlice();
    await ended(net, tracker, await there(1, { amount: 1_000n }));
    assert.deepEqual([await ofBob(), await escrowed()], [[1_000n, 0n], 1_000n]);
    const home = { sender: bob, denom: alfaOnGaia(net).path, amount: 400n, receiver: alice.address };
    await ended(net, tracker, await back(home));
    assert.deepEqual([await ofBob(), await escrowed()], [[600n, 0n], 600n]);
    assert.deepEqual(await ofAlice(), changed(before, [-600n, 0n]));
  });

  test('a coin of gaia goes to alpha and home', { skip }, async () => {
    const { alice, bob } = net.users;
    const before = await ofAlice();
    await ended(net, tracker, await back({ amount: 5_000n }));
    assert.equal(await stakeOnAlpha(), 5_000n);
    assert.deepEqual(await ofAlice(), changed(before, [0n, -5_000n]));
    const token = await voucherOf(alpha, gaia.denom, clientOn(net, 'alpha', 'gaia'));
    assert.ok(token);
    const home = { sender: bob, token, amount: 2_000n, receiver: gaia.addressOf(alice) };
    await ended(net, tracker, await there(1, home));
    assert.equal(await stakeOnAlpha(), 3_000n);
    assert.deepEqual(await ofAlice(), changed(before, [0n, -3_000n]));
  });

  test('error acknowledgements come back and refund the sender, both ways', { skip }, async () => {
    const before = [await ofAlice(), await ofBob()];
    const sent = await Promise.all([
      there(1, { amount: 77n, receiver: 'cosmos1nobody' }),
      back({ amount: 88n, receiver: 'nobody' }),
    ]);
    const done = await ended(net, tracker, sent.flat(), 'refused');
    assert.ok(
      done.every(({ receive }) => receive !== undefined),
      'both were received, and refused by the app',
    );
    assert.deepEqual([await ofAlice(), await ofBob()], before);
  });

  test('an encoding that the app on alpha does not read is refused and refunded', { skip }, async () => {
    const before = await ofAlice();
    await ended(net, tracker, await back({ encoding: 'application/json', amount: 30n }), 'refused');
    assert.deepEqual(await ofAlice(), before);
  });

  test('packets that nobody brings in time are timed out and refunded, both ways', { skip }, async () => {
    const before = [await ofAlice(), await ofBob()];
    const sent = await whileRelayerSleeps(net, async () => {
      const packets = await Promise.all([
        there(1, { amount: 55n, timeoutSec: 8 }),
        back({ amount: 66n, timeoutSec: 8 }),
      ]);
      await untilChainsPass(net, 9);
      return packets;
    });
    const done = await ended(net, tracker, sent.flat(), 'timed-out');
    assert.ok(done.every(({ receive }) => receive === undefined));
    assert.deepEqual([await ofAlice(), await ofBob()], before);
  });

  test('peers.md #16: fifty at once each way arrive in few transactions', { skip }, async () => {
    const before = await ofBob();
    const sent = await whileRelayerSleeps(net, () => Promise.all([there(50), back({ count: 50 })]));
    const done = await ended(net, tracker, sent.flat(), 'delivered', 90_000);
    assert.deepEqual(await ofBob(), changed(before, [50n, 50n]));
    for (const source of ['alpha', 'gaia']) {
      const packets = done.filter((packet) => packet.source === source);
      const receives = new Set(packets.map(({ receive }) => receive?.txHash));
      assert.equal(packets.length, 50);
      assert.ok(receives.size <= 6, `${receives.size} transactions for the packets of ${source}`);
    }
  });

  test('transactions hold the sequences that were asked of the proof API, and no others', { skip }, async () => {
    const address = net.proofApi?.address ?? '';
    const api = createGrpcClient(proofApi.ProofApiService, { address });
    net.relayer?.process.stop();
    try {
      const [ofAlpha, ofGaia] = await Promise.all([there(3), back({ count: 4 })]);
      const idsOf = (packets: readonly TrackedPacket[]): Uint8Array[] =>
        [...new Set(packets.map(({ send }) => send.txHash))].map((hash) => hexToBytes(hash));
      const [onAlpha, onGaia] = [clientOn(net, 'alpha', 'gaia'), clientOn(net, 'gaia', 'alpha')];
      await untilChainsPass(net, 3);

      const srcPacketSequences = [ofGaia[1], ofGaia[3]].map((packet) => packet?.sequence ?? 0n);
      const toAlpha = await api.relayByTx({
        ...{ srcChain: gaia.chainId, dstChain: `${alpha.chainId}`, srcClientId: onGaia, dstClientId: onAlpha },
        ...{ sourceTxIds: idsOf(ofGaia), srcPacketSequences },
      });
      const { args } = decodeFunctionData({ abi: ics26RouterAbi, data: bytesToHex(toAlpha.tx) });
      const received = (args as readonly [readonly Hex[]])[0].flatMap((data) => {
        const call = decodeFunctionData({ abi: ics26RouterAbi, data });
        return call.functionName === 'recvPacket' ? [call.args[0].packet.sequence] : [];
      });
      assert.deepEqual(received, srcPacketSequences);

      const [first, second, third] = ofAlpha as [TrackedPacket, TrackedPacket, TrackedPacket];
      const toCosmos = await api.relayByTx({
        ...{ srcChain: `${alpha.chainId}`, dstChain: gaia.chainId, srcClientId: onAlpha, dstClientId: onGaia },
        ...{ sourceTxIds: idsOf(ofAlpha), srcPacketSequences: [second.sequence] },
      });
      const { messages } = TxBody.decode(toCosmos.tx);
      const types = messages.map(({ typeUrl }) => typeUrl);
      assert.deepEqual(types, [MsgUpdateClient.typeUrl, MsgRecvPacket.typeUrl]);
      assert.equal(MsgRecvPacket.decode(messages[1]?.value ?? new Uint8Array()).packet.sequence, second.sequence);
      // Bob brings that one himself; the others wait for the relayer.
      await gaia.send(net.users.bob, messages);
      await tracker.until([second], ({ receive }) => receive !== undefined);
      assert.ok([first, third].every((packet) => tracker.current(packet).receive === undefined));
      net.relayer?.process.cont();
      await ended(net, tracker, [...ofAlpha, ...ofGaia]);
    } finally {
      net.relayer?.process.cont();
      api.close();
    }
  });

  test('a packet for an app that alpha does not have holds nothing up, and is timed out', { skip }, async () => {
    const { alice } = net.users;
    const { timestampSec } = await gaia.chain.reader.latestBlock();
    const value = new TextEncoder().encode('mock packet data');
    const payload = { sourcePort: 'mockv2A', destinationPort: 'nowhere', version: 'v1', encoding: 'raw', value };
    const send = (payloads: (typeof payload)[], timeoutSec: bigint) => {
      const sourceClient = clientOn(net, 'gaia', 'alpha');
      const timeoutTimestamp = timestampSec + timeoutSec;
      const message = { sourceClient, timeoutTimestamp, payloads, signer: gaia.addressOf(alice) };
      return gaia.send(alice, [{ typeUrl: MsgSendPacket.typeUrl, value: MsgSendPacket.encode(message).finish() }]);
    };
    const packets = await tracker.sentBy([(await send([payload], 10n)).txId]);
    await ended(net, tracker, await back({ count: 5 }));
    const [late] = await ended(net, tracker, packets, 'timed-out');
    assert.equal(late?.receive, undefined);
    // Of two payloads, which no EVM router takes, ibc-go makes no packet itself.
    await assert.rejects(send([payload, payload], 600n), /payload/);
  });
});
