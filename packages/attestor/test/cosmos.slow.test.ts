import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CosmosChain } from '@interchain-attestation/chains/cosmos';
import {
  ackCommitment,
  decodePacketAttestation,
  decodeStateAttestation,
  encodePacket,
  hashPath,
  type Packet,
  packetCommitment,
  signingDigest,
  UNIVERSAL_ERROR_ACK,
  verifySignature,
} from '@interchain-attestation/core';
import { goProgram, type IbcGoChain, skipWithout } from '@interchain-attestation/go-tools';
import { attestor } from '@interchain-attestation/proto';
import type { RpcError } from '@interchain-attestation/service';
import { createHarness, type Harness } from './support/harness.ts';
import { CHAIN_ID, CLIENT, connectGaia, prepareGaia, startGaia } from './support/ibc-go.ts';
import { type LyingProxy, startLyingProxy } from './support/lying-proxy.ts';

const { PACKET, ACK, RECEIPT } = attestor.CommitmentType;
const program = await goProgram('ibc-go-chain');
const skip = skipWithout(program);

/** The answer of an application to `abci_query`, as CometBFT writes it. */
type QueryResponse = { code?: number; value: string | null; height: string; log: string };

describe('an attestor of an ibc-go chain', () => {
  let node: IbcGoChain;
  /** Another chain that goes by the same id. */
  let impostor: IbcGoChain;
  let proxy: LyingProxy;
  let chain: CosmosChain;
  let harness: Harness;
  let sent: Packet;
  let received: Packet;
  /** A block in which both packets stand. */
  let height: bigint;

  const ask = (packets: readonly Packet[], commitmentType: attestor.CommitmentType, at = height) =>
    harness.client.packetAttestation({ packets: packets.map(encodePacket), height: at, commitmentType });
  const fails = (call: Promise<unknown>, code: string, reason: string): Promise<void> =>
    assert.rejects(call, (error: RpcError) => {
      assert.equal(`${error.code} ${error.reason}`, `rpc/${code} ${reason}`, error.message);
      return true;
    });
  const statement = (answer: { attestation?: { attestedData: Uint8Array; signature: Uint8Array } | undefined }) => {
    const { attestedData, signature } = answer.attestation ?? assert.fail('no attestation');
    assert.ok(verifySignature(signingDigest('packet', attestedData), signature, harness.signer.address));
    return decodePacketAttestation(attestedData);
  };
  const unreceived = (sequence: bigint): Packet => ({ ...received, sequence });

  before(async () => {
    if ('missing' in program) return;
    [node, impostor] = await Promise.all([startGaia(program.path), startGaia(program.path)]);
    proxy = await startLyingProxy(node.rpcUrl);
    chain = connectGaia(node.rpcUrl);
    const gaia = await prepareGaia(chain);
    sent = (await gaia.send()).packet;
    const { event, height: receivedAt } = await gaia.receive(3n);
    received = event.packet;
    height = receivedAt;
    await chain.close();
    chain = connectGaia(proxy.url);
    harness = await createHarness(chain.reader);
  });
  after(async () => {
    await harness?.close();
    await chain?.close();
    await proxy?.close();
    await Promise.all([node?.stop(), impostor?.stop()]);
  });

  test('a state is the time of the block in whole seconds, though the chain counts nanoseconds', { skip }, async () => {
    const answer = await fetch(`${node.rpcUrl}/block?height=${height}`);
    const { result } = (await answer.json()) as { result: { block: { header: { time: string } } } };
    const { time } = result.block.header;
    assert.match(time, /\.\d+Z$/, 'the chain has a fraction of a second to lose');
    const { attestation } = await harness.client.stateAttestation({ height });
    assert.ok(attestation);
    const timestampSec = BigInt(Math.floor(Date.parse(time) / 1_000));
    assert.equal(attestation.timestamp, timestampSec);
    assert.deepEqual(decodeStateAttestation(attestation.attestedData), { height, timestampSec });
    assert.ok(
      verifySignature(signingDigest('state', attestation.attestedData), attestation.signature, harness.signer.address),
    );
    assert.ok((await harness.client.latestHeight({})).height >= height);
    await fails(
      harness.client.stateAttestation({ height: height + 1_000_000n }),
      'failed-precondition',
      'attestor/height-not-final',
    );
  });

  test('a packet, an acknowledgement and the absence of a receipt', { skip }, async () => {
    const { sequence } = sent;
    assert.deepEqual(statement(await ask([sent], PACKET)), {
      height,
      packets: [{ path: hashPath({ kind: 'packet', clientId: CLIENT, sequence }), commitment: packetCommitment(sent) }],
    });
    const path = hashPath({ kind: 'acknowledgement', clientId: CLIENT, sequence: 3n });
    assert.deepEqual(statement(await ask([received], ACK)).packets, [
      { path, commitment: ackCommitment([UNIVERSAL_ERROR_ACK]) },
    ]);
    assert.deepEqual(
      statement(await ask([unreceived(77n), unreceived(78n)], RECEIPT)).packets,
      [77n, 78n].map((missing) => ({
        path: hashPath({ kind: 'receipt', clientId: CLIENT, sequence: missing }),
        commitment: new Uint8Array(32),
      })),
    );
    // The packet received at this height was not there before it: each height answers for itself.
    assert.ok(statement(await ask([received], RECEIPT, height - 1n)));
  });

  test('a packet that is not that one, is not there, or was received', { skip }, async () => {
    const other = { ...sent, timeoutTimestampSec: sent.timeoutTimestampSec + 1n };
    await fails(ask([other], PACKET), 'invalid-argument', 'attestor/wrong-commitment');
    await fails(ask([sent, { ...sent, sequence: 99n }], PACKET), 'not-found', 'attestor/commitment-missing');
    await fails(ask([unreceived(77n)], ACK), 'not-found', 'attestor/commitment-missing');
    await fails(ask([received], RECEIPT), 'invalid-argument', 'attestor/receipt-exists');
    await fails(ask([unreceived(79n), received], RECEIPT), 'invalid-argument', 'attestor/receipt-exists');
  });

  test('nothing is absent unless the application says so, for that height, in an answer that decodes', {
    skip,
  }, async () => {
    const packet = unreceived(80n);
    const lies: Readonly<Record<string, (response: QueryResponse) => void>> = {
      'no code': (response) => {
        delete response.code;
      },
      'a failure': (response) => {
        Object.assign(response, { code: 1, codespace: 'sdk', log: 'internal', value: null });
      },
      'not found, which this question never is': (response) => {
        Object.assign(response, {
          code: 22,
          codespace: 'sdk',
          log: 'rpc error: code = NotFound desc = no',
          value: null,
        });
      },
      'an empty value': (response) => {
        response.value = null;
      },
      'another height': (response) => {
        response.height = String(height - 1n);
      },
      'no protobuf': (response) => {
        response.value = Buffer.from([0xff, 0xff, 0xff]).toString('base64');
      },
      'a value of another height': (response) => {
        // proof_height {revision_height: 1}
        response.value = Buffer.from([0x1a, 0x02, 0x10, 0x01]).toString('base64');
      },
    };
    for (const [name, lie] of Object.entries(lies)) {
      let lied = 0;
      proxy.alter = (call, entry) => {
        if (call.method !== 'abci_query') return;
        lied++;
        lie((entry.result as { response: QueryResponse }).response);
      };
      await assert.rejects(ask([packet], RECEIPT), { code: 'rpc/unavailable' }, name);
      assert.ok(lied > 0, name);
    }
    proxy.alter = undefined;
    assert.ok(statement(await ask([packet], RECEIPT)));
  });

  test('a chain of the same id with another genesis is another source', { skip }, async () => {
    const identity = await chain.reader.identity();
    assert.deepEqual(harness.guard.source, identity);
    assert.deepEqual({ ...identity, genesisHash: '' }, { chainId: CHAIN_ID, genesisHash: '', store: 'ibc' });

    // While it runs: the URL leads elsewhere after an outage. Nothing is taken from there.
    proxy.target = 'http://127.0.0.1:1';
    await assert.rejects(ask([unreceived(81n)], RECEIPT), { code: 'rpc/unavailable' });
    proxy.target = impostor.rpcUrl;
    await assert.rejects(ask([unreceived(81n)], RECEIPT), { code: 'rpc/unavailable' });
    proxy.target = node.rpcUrl;
    assert.ok(statement(await ask([unreceived(81n)], RECEIPT)));

    // At a start: the guard knows what it is the memory of.
    const elsewhere = connectGaia(impostor.rpcUrl);
    await assert.rejects(harness.restart(elsewhere.reader), { code: 'guard/wrong-source' });
    await elsewhere.close();
    await harness.restart(chain.reader);
    assert.ok(statement(await ask([unreceived(82n)], RECEIPT)));
  });
});
