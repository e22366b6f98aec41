import { type Hex, hexToBytes } from 'viem';
import { attestationLightClientArtifact, gasProbeArtifact } from '../src/artifacts.ts';
import { type Attestors, createAttestors } from './support/attestors.ts';
import { type Chain, sender, startChain } from './support/chain.ts';
import {
  type ClientCall,
  initialHeight,
  initialTimestampSec,
  membershipCall,
  nonMembershipCall,
  updateCall,
} from './support/client-calls.ts';
import { type Deployment, deployEverything } from './support/deployment.ts';
import { batchCalldata, minimalPayload, type Payload, transferPayload } from './support/packets.ts';

/** One measured figure; `ratio` is ours to the peer's, `ok` whether the goal holds. */
export interface BenchCase {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: number;
  readonly ratio?: number;
  readonly goal?: string;
  readonly ok?: boolean;
}

const quorums = [
  [1, 1],
  [3, 5],
  [5, 7],
  [13, 19],
] as const;
const entryCounts = [1, 5, 20] as const;
const batchSizes = [1, 10, 50, 75] as const;

/** The deployed client's warm verifyMembership with 1, 5 and 20 entries, as measured by its own gas tests. */
const peerMembership: Readonly<Record<string, readonly number[]>> = {
  '1of1': [11_903, 13_658, 20_574],
  '3of5': [21_311, 23_067, 30_050],
  '5of7': [31_311, 33_068, 40_118],
};
/** The deployed contracts' multicall with an app that does nothing, 3of5: execution and calldata gas by packets. */
const peerBatch: Readonly<Record<number, readonly [number, number]>> = {
  1: [168_785, 19_916],
  10: [1_279_255, 228_548],
  50: [7_271_956, 3_158_092],
};

const maxTransactionBytes = 131_072;
const maxTransactionGas = 2 ** 24;
const baseGas = 21_000;

/** Measures on anvil what verifying and relaying costs. Needs no arguments; takes about half a minute. */
export async function run(_args: readonly string[] = []): Promise<BenchCase[]> {
  // Cancun charges no floor for calldata, so that execution and calldata can be told apart; the floor is added here.
  const chain = await startChain(['--hardfork', 'cancun']);
  try {
    return [...(await measureClient(chain)), ...(await measureBatches(chain))];
  } finally {
    await chain.stop();
  }
}

async function measureClient(chain: Chain): Promise<BenchCase[]> {
  const probe = await chain.deploy(gasProbeArtifact);
  const cases: BenchCase[] = [];
  for (const [quorum, count] of quorums) {
    const attestors = createAttestors(quorum, count);
    const set = `${quorum}of${count}`;
    const update = await updateCall(attestors);
    cases.push(
      { name: `updateClient ${set} warm`, value: await warmGas(chain, probe, update), unit: 'gas' },
      { name: `updateClient ${set} cold`, value: await coldGas(chain, attestors, update), unit: 'gas' },
    );
    for (const [i, entries] of entryCounts.entries()) {
      const call = await membershipCall(attestors, entries);
      const name = `verifyMembership ${set} ${entries} entries`;
      const goal = quorum === 1 ? 0.8 : 0.7;
      const peer = peerMembership[set]?.[i];
      cases.push(compared(`${name} warm`, await warmGas(chain, probe, call), peer, goal), {
        name: `${name} cold`,
        value: await coldGas(chain, attestors, call),
        unit: 'gas',
      });
    }
    for (const entries of entryCounts) {
      const call = await nonMembershipCall(attestors, entries);
      const name = `verifyNonMembership ${set} ${entries} entries`;
      cases.push(
        { name: `${name} warm`, value: await warmGas(chain, probe, call), unit: 'gas' },
        { name: `${name} cold`, value: await coldGas(chain, attestors, call), unit: 'gas' },
      );
    }
  }
  return cases;
}

/** In the transaction that constructs the client, the caller's encoding included. */
async function warmGas(chain: Chain, probe: Hex, call: ClientCall): Promise<number> {
  const { data } = await chain.client.call({ account: sender, to: probe, data: call.probed, gas: 50_000_000n });
  return Number(BigInt(data ?? '0x0'));
}

/** Execution gas of a transaction of its own. */
async function coldGas(chain: Chain, { addresses, quorum }: Attestors, call: ClientCall): Promise<number> {
  const client = await chain.deploy(attestationLightClientArtifact, [
    addresses,
    quorum,
    initialHeight,
    initialTimestampSec,
    '0x0000000000000000000000000000000000000000',
  ]);
  return (await sendMeasured(chain, client, call.direct)).execution;
}

interface Measured {
  readonly execution: number;
  readonly calldata: number;
  /** What the transaction costs: with the 21,000, and not below the floor of EIP-7623. */
  readonly transaction: number;
  readonly bytes: number;
}

/** Sends a transaction and takes its gas apart: 21,000, the calldata at 4 and 16 gas a byte, and the execution. */
async function sendMeasured(chain: Chain, to: Hex, data: Hex): Promise<Measured> {
  const receipt = await chain.send(to, data);
  const bytes = hexToBytes(data);
  const zeros = bytes.filter((byte) => byte === 0).length;
  const nonZeros = bytes.length - zeros;
  const calldata = 4 * zeros + 16 * nonZeros;
  const gas = Number(receipt.gasUsed);
  const floor = baseGas + 10 * zeros + 40 * nonZeros;
  return {
    execution: gas - baseGas - calldata,
    calldata,
    transaction: Math.max(gas, floor),
    bytes: bytes.length,
  };
}

async function measureBatches(chain: Chain): Promise<BenchCase[]> {
  const attestors = createAttestors(3, 5);
  const initial = { height: initialHeight, timestampSec: initialTimestampSec };
  const deployment = await deployEverything(chain, attestors, initial);
  const source = { chain, deployment, attestors, next: { sequence: 1n, height: initialHeight + 1n } };
  const cases: BenchCase[] = [];

  const minimal = new Map<number, Measured>();
  for (const size of batchSizes) minimal.set(size, await measureBatch(source, size, minimalPayload));
  for (const [size, measured] of minimal) cases.push(...batchCases('minimal app', size, measured, peerBatch[size]));
  cases.push(...batchGoals(minimal));

  // The first transfer also makes the escrow and the token, so it is not the one that is measured.
  await measureBatch(source, 1, transferPayload);
  for (const size of batchSizes) {
    cases.push(...batchCases('ICS-20', size, await measureBatch(source, size, transferPayload)));
  }
  return cases;
}

interface PacketSource {
  readonly chain: Chain;
  readonly deployment: Deployment;
  readonly attestors: Attestors;
  readonly next: { sequence: bigint; height: bigint };
}

/** `multicall([updateClient, n x recvPacket])` with new packets. */
async function measureBatch(
  { chain, deployment, attestors, next }: PacketSource,
  size: number,
  payload: (sequence: bigint) => Payload,
): Promise<Measured> {
  const { timestamp } = await chain.client.getBlock();
  const packets = Array.from({ length: size }, () => {
    const sequence = next.sequence++;
    return {
      sequence,
      sourceClient: deployment.counterpartyId,
      destClient: deployment.clientId,
      timeoutTimestamp: timestamp + 3_600n,
      payloads: [payload(sequence)],
    };
  });
  const height = next.height++;
  const data = await batchCalldata(deployment, attestors, {
    height,
    timestampSec: initialTimestampSec + height,
    packets,
  });
  return await sendMeasured(chain, deployment.router, data);
}

function batchCases(
  app: string,
  size: number,
  { execution, calldata, transaction, bytes }: Measured,
  peer?: readonly [number, number],
): BenchCase[] {
  const name = `multicall ${app} n=${size}`;
  return [
    compared(`${name} execution`, execution, peer?.[0]),
    compared(`${name} calldata`, calldata, peer?.[1]),
    limited(`${name} size`, bytes, 'bytes', maxTransactionBytes),
    limited(`${name} transaction`, transaction, 'gas', maxTransactionGas),
  ];
}

/** The goals that join several batches. Totals are execution and calldata, without the 21,000 a transaction. */
function batchGoals(measured: ReadonlyMap<number, Measured>): BenchCase[] {
  const total = (size: number): number => {
    const { execution, calldata } = measured.get(size) ?? { execution: Number.NaN, calldata: Number.NaN };
    return execution + calldata;
  };
  const [peerOne, peerTen] = [1, 10].map((size) => (peerBatch[size]?.[0] ?? 0) + (peerBatch[size]?.[1] ?? 0));
  const furtherAt10 = (total(10) - total(1)) / 9;
  const furtherAt75 = (total(75) - total(1)) / 74;
  const growth = furtherAt75 / furtherAt10;
  return [
    compared('one packet, execution and calldata', total(1), peerOne, 1),
    { name: 'further packet at n=10', value: Math.round(furtherAt10), unit: 'gas' },
    {
      name: 'further packet at n=75',
      value: Math.round(furtherAt75),
      unit: 'gas',
      goal: 'within 3% of n=10',
      ok: Math.abs(growth - 1) <= 0.03,
    },
    // Three transactions of the peer's that hold 25 each, at its gas a packet of n=10.
    compared('75 packets in one transaction', total(75), 7.5 * (peerTen ?? 0), 0.55),
  ];
}

function compared(name: string, value: number, peer?: number, goal?: number): BenchCase {
  if (peer === undefined) return { name, value, unit: 'gas' };
  const ratio = Math.round((1000 * value) / peer) / 1000;
  const figure = { name, value, unit: 'gas', peer, ratio };
  return goal === undefined ? figure : { ...figure, goal: `<= ${goal} of peer`, ok: value <= goal * peer };
}

function limited(name: string, value: number, unit: string, limit: number): BenchCase {
  return { name, value, unit, goal: `< ${limit}`, ok: value < limit };
}
