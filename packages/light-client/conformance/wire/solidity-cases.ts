import {
  attestationLightClientArtifact,
  ics20TransferArtifact,
  ics26RouterArtifact,
  minimalAppArtifact,
} from '@interchain-attestation/contracts';
import {
  ackCommitment,
  bytesToHex,
  type CommitmentPath,
  encodeAttestationProof,
  encodeIcs20PacketData,
  encodePacketAttestation,
  equalBytes,
  type Hex,
  hashPath,
  ICS20_PORT,
  ICS20_SUCCESS_ACK,
  ICS20_VERSION,
  keccak256,
  type Packet,
  type PacketCompact,
  type Payload,
  packetCommitment,
  prefixDenom,
  sha256,
  signDigest,
  signingDigest,
  utf8ToBytes,
} from '@interchain-attestation/core';
import type { Abi } from 'viem';
import { createRandom, type Random } from '../generate/random.ts';
import { keyAt } from '../generate/signatures.ts';
import type { Anvil } from '../solidity/anvil.ts';
import { decodeProbe, encodeProbe, PROBER, type ProbedCall, type ProbedResult } from '../solidity/prober.ts';
import { CLIENTS, callData, deployWireChain, PORTS, PROOF_HEIGHT, type WireChain } from './solidity.ts';
import { somePayload, someText, someTransfer, someUint64 } from './values.ts';

const PACKETS_PER_TRANSACTION = 16;
const TOKENS = (1n << 256n) - 1n;
const CALL_GAS = '0x1c9c380';

/** A call, and what makes it right; undefined when it is. */
interface CheckedCall {
  readonly call: ProbedCall;
  check(result: ProbedResult): string | undefined;
}

interface Batch {
  readonly chain: WireChain;
  readonly random: Random;
  readonly now: bigint;
  /** Attested entries that the batch's proofs are about. */
  readonly entries: PacketCompact[];
  /** Next sequence of each of our clients. */
  readonly sequences: Map<string, bigint>;
}

const toRouter = ({ chain }: Batch, functionName: string, args: readonly unknown[]): ProbedCall => ({
  target: chain.router,
  data: callData(ics26RouterArtifact.abi as Abi, functionName, args),
});

const succeeds = (what: string): CheckedCall['check'] => {
  return ({ success, data }) => (success ? undefined : `${what} reverts: ${data.slice(0, 300)}`);
};

const holds = (batch: Batch, path: CommitmentPath, expected: Uint8Array): CheckedCall => ({
  call: toRouter(batch, 'getCommitment', [bytesToHex(hashPath(path))]),
  check: ({ data }) =>
    data === bytesToHex(expected)
      ? undefined
      : `${path.kind} of ${path.clientId}/${path.sequence}: Solidity ${data}, TypeScript ${bytesToHex(expected)}`,
});

const payloadArgs = (payload: Payload): object => ({ ...payload, value: bytesToHex(payload.value) });
const packetArgs = (packet: Packet): object => ({
  sequence: packet.sequence,
  sourceClient: packet.sourceClient,
  destClient: packet.destClient,
  timeoutTimestamp: packet.timeoutTimestampSec,
  payloads: packet.payloads.map(payloadArgs),
});

/** A packet of ours, with the next sequence of its client. */
const ownPacket = (batch: Batch, payload: Payload): Packet => {
  const { id, counterparty } = batch.random.pick(CLIENTS);
  const sequence = batch.sequences.get(id) ?? 1n;
  batch.sequences.set(id, sequence + 1n);
  const timeoutTimestampSec = batch.now + 3_600n + BigInt(batch.random.int(70_000));
  return { sequence, sourceClient: id, destClient: counterparty, timeoutTimestampSec, payloads: [payload] };
};

const sentPath = ({ sourceClient, sequence }: Packet): CommitmentPath => ({
  kind: 'packet',
  clientId: sourceClient,
  sequence,
});

const send = (batch: Batch): CheckedCall[] => {
  const payload = { ...somePayload(batch.random), sourcePort: batch.random.pick(PORTS) };
  const packet = ownPacket(batch, payload);
  const acknowledgement = batch.random.bytes(1 + batch.random.int(70));
  batch.entries.push({
    path: hashPath({ kind: 'acknowledgement', clientId: packet.destClient, sequence: packet.sequence }),
    commitment: ackCommitment([acknowledgement]),
  });
  const { sourceClient, timeoutTimestampSec: timeoutTimestamp } = packet;
  const message = { sourceClient, timeoutTimestamp, payload: payloadArgs(payload) };
  const data = callData(minimalAppArtifact.abi as Abi, 'send', [batch.chain.router, message]);
  return [
    { call: { target: batch.chain.app, data }, check: succeeds('sendPacket') },
    holds(batch, sentPath(packet), packetCommitment(packet)),
    // The router hashes the acknowledgement and asks the light client for what TypeScript hashed and attested.
    {
      call: toRouter(batch, 'ackPacket', [
        {
          packet: packetArgs(packet),
          acknowledgement: bytesToHex(acknowledgement),
          proofAcked: '0x',
          proofHeight: HEIGHT,
        },
      ]),
      check: succeeds('ackPacket'),
    },
    holds(batch, sentPath(packet), new Uint8Array(32)),
  ];
};

const HEIGHT = { revisionNumber: 0n, revisionHeight: PROOF_HEIGHT };

const receive = (batch: Batch, client: (typeof CLIENTS)[number], payload: Payload, ack: Uint8Array): CheckedCall[] => {
  const { random, now } = batch;
  const packet: Packet = {
    sequence: someUint64(random),
    sourceClient: client.counterparty,
    destClient: client.id,
    timeoutTimestampSec: random.chance(0.5) ? now + 10_000n : (1n << 64n) - 1n,
    payloads: [payload],
  };
  const entry = { path: hashPath(sentPath(packet)), commitment: packetCommitment(packet) };
  // The same sequence may be drawn twice, with two contents: only the first would be received.
  if (batch.entries.some(({ path }) => equalBytes(path, entry.path))) return [];
  batch.entries.push(entry);
  const path = (kind: CommitmentPath['kind']): CommitmentPath => ({
    kind,
    clientId: client.id,
    sequence: packet.sequence,
  });
  return [
    {
      call: toRouter(batch, 'recvPacket', [{ packet: packetArgs(packet), proofCommitment: '0x', proofHeight: HEIGHT }]),
      check: succeeds('recvPacket'),
    },
    holds(batch, path('acknowledgement'), ackCommitment([ack])),
    {
      call: toRouter(batch, 'getCommitment', [bytesToHex(hashPath(path('receipt')))]),
      check: ({ data }) => (isNothing(data) ? `no receipt for ${client.id}/${packet.sequence}` : undefined),
    },
  ];
};

const isNothing = (data: Hex): boolean => /^0x0*$/.test(data);

const receiveAnything = (batch: Batch): CheckedCall[] => {
  const payload = { ...somePayload(batch.random), destPort: batch.random.pick(PORTS) };
  return receive(batch, batch.random.pick(CLIENTS), payload, Uint8Array.of(1));
};

const transferPayload = (value: Uint8Array): Payload => ({
  sourcePort: ICS20_PORT,
  destPort: ICS20_PORT,
  version: ICS20_VERSION,
  encoding: 'application/x-solidity-abi',
  value,
});

const sendTransfer = (batch: Batch): CheckedCall[] => {
  const { chain, random } = batch;
  const { receiver, memo } = someTransfer(random);
  const denom = chain.token.toLowerCase();
  const amount = random.pick([1n, 255n, 1n << 64n, 10n ** 18n, TOKENS >> 20n]);
  const data = { denom, sender: PROBER.toLowerCase(), receiver, amount, memo };
  const packet = ownPacket(batch, transferPayload(encodeIcs20PacketData(data, 'application/x-solidity-abi')));
  const { sourceClient, timeoutTimestampSec: timeoutTimestamp } = packet;
  const message = { denom, amount, receiver, sourceClient, destPort: ICS20_PORT, timeoutTimestamp, memo };
  return [
    {
      call: { target: chain.transfer, data: callData(ics20TransferArtifact.abi as Abi, 'sendTransfer', [message]) },
      check: succeeds('sendTransfer'),
    },
    holds(batch, sentPath(packet), packetCommitment(packet)),
  ];
};

const receiveTransfer = (batch: Batch): CheckedCall[] => {
  const { random, chain } = batch;
  const client = random.pick(CLIENTS);
  const denom = `u${someText(random)}`;
  const transfer = {
    ...someTransfer(random),
    denom,
    receiver: bytesToHex(random.bytes(20)),
    amount: random.pick([1n, 256n, 1n << 65n]),
  };
  const value = encodeIcs20PacketData(transfer, 'application/x-solidity-abi');
  const calls = receive(batch, client, transferPayload(value), ICS20_SUCCESS_ACK);
  if (calls.length === 0) return [];
  const name = prefixDenom({ port: ICS20_PORT, clientId: client.id }, denom);
  const data = callData(ics20TransferArtifact.abi as Abi, 'ibcERC20Contract', [name]);
  return [
    ...calls,
    {
      call: { target: chain.transfer, data },
      check: ({ success, data: token }) => (success && !isNothing(token) ? undefined : `no token for ${name}`),
    },
  ];
};

const KINDS = [send, send, receiveAnything, receiveAnything, sendTransfer, receiveTransfer];

/** One transaction: connect everything, show the light client the proof once, then all the packets. */
const runBatch = async (anvil: Anvil, chain: WireChain, name: string, now: bigint): Promise<string[]> => {
  const batch: Batch = { chain, random: createRandom(name), now, entries: [], sequences: new Map() };
  const checked = Array.from({ length: PACKETS_PER_TRANSACTION }, () => batch.random.pick(KINDS)(batch)).flat();
  const marker = utf8ToBytes('marker');
  const packets = [...batch.entries, { path: keccak256(marker), commitment: sha256(marker) }];
  const attestationData = encodePacketAttestation({ height: PROOF_HEIGHT, packets });
  const signature = signDigest(signingDigest('packet', attestationData), keyAt(0).privateKey);
  const proof = bytesToHex(encodeAttestationProof({ attestationData, signatures: [signature] }));
  const showProof = callData(attestationLightClientArtifact.abi as Abi, 'verifyMembership', [
    { proof, proofHeight: HEIGHT, path: [bytesToHex(marker)], value: bytesToHex(sha256(marker)) },
  ]);
  const all: CheckedCall[] = [
    ...chain.setup.map((call, i) => ({ call, check: succeeds(`set-up ${i}`) })),
    { call: { target: chain.lightClient, data: showProof }, check: succeeds('the proof of all packets') },
    ...checked,
  ];
  const output = (await anvil.request(
    'eth_call',
    { to: PROBER, data: encodeProbe(all.map(({ call }) => call)), gas: CALL_GAS },
    'latest',
  )) as Hex;
  const results = decodeProbe(output);
  if (results.length !== all.length) return [`${name}: ${results.length} of ${all.length} calls were made`];
  return results.flatMap((result, i) => {
    const difference = all[i]?.check(result);
    return difference === undefined ? [] : [`${name}, call ${i}: ${difference}`];
  });
};

/** Differences between the contracts on `anvil` and `core` over at least `count` generated packets. */
export const compareWithSolidity = async (anvil: Anvil, seed: string, count: number): Promise<string[]> => {
  const chain = await deployWireChain(anvil);
  const { timestamp } = (await anvil.request('eth_getBlockByNumber', 'latest', false)) as { timestamp: Hex };
  const differences: string[] = [];
  for (let i = 0; i * PACKETS_PER_TRANSACTION < count; i++) {
    differences.push(...(await runBatch(anvil, chain, `seed ${seed} transaction ${i}`, BigInt(timestamp))));
  }
  return differences;
};
