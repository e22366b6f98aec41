import { bytesToHex, keccak256, utf8ToBytes } from '@interchain-attestation/core';
import { startDevnet } from '@interchain-attestation/devnet';
import { createMeter, type Meter, type PacketTimes, type RunResult, type Topics } from './relay/measure.ts';

/** One figure of the bench. */
export interface BenchCase {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: number;
  readonly ratio?: number;
  readonly goal?: string;
  readonly ok?: boolean;
}

/** The Go `ibc` CLI on 2 cores. Source: issue 3, section 7: its best figures, whatever the settings they need. */
const PEER = { singleSec: 3.7, lastAckSec: 10, transactions: 22, gas: 77_000_000, cpuSec: 8.5 };
const GOAL = { singleSec: 4.1, lastAckSec: 8, transactions: 10, gas: 0.6 * PEER.gas, cpuSec: 11.8 };

const PACKET = '(uint64,string,string,uint64,(string,string,string,string,bytes)[])';
const topicOf = (signature: string): string => bytesToHex(keccak256(utf8ToBytes(signature)));
const TOPICS: Topics = {
  receive: topicOf(`WriteAcknowledgement(string,uint256,${PACKET},bytes[])`),
  acknowledge: topicOf(`AckPacket(string,uint256,${PACKET},bytes)`),
};

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const median = (values: readonly number[]): number => {
  const ordered = sorted(values);
  const middle = ordered.length >> 1;
  const [low, high] =
    ordered.length % 2 === 1 ? [ordered[middle], ordered[middle]] : [ordered[middle - 1], ordered[middle]];
  return ((low ?? 0) + (high ?? 0)) / 2;
};
const max = (values: readonly number[]): number => sorted(values).at(-1) ?? 0;

const figure = (name: string, value: number, unit: string, peer?: number, goal?: number): BenchCase => ({
  name,
  value,
  unit,
  ...(peer === undefined ? {} : { peer, ratio: value / peer }),
  ...(goal === undefined ? {} : { goal: `<= ${goal}`, ok: value <= goal }),
});

const singles = async (meter: Meter, count: number, label: string): Promise<BenchCase[]> => {
  const runs: PacketTimes[] = [];
  for (let i = 0; i < count; i++) runs.push(...(await meter.run(1)).packets);
  const seconds = (pick: (times: PacketTimes) => number): number[] => runs.map((times) => pick(times) / 1_000);
  const all = seconds(({ broadcastToAck }) => broadcastToAck);
  const steps: readonly (readonly [string, number[]])[] = [
    ['send to receive', seconds(({ sendToReceive }) => sendToReceive)],
    ['receive to acknowledgement', seconds(({ receiveToAck }) => receiveToAck)],
    ['send to acknowledgement', seconds(({ sendToAck }) => sendToAck)],
  ];
  return [
    ...steps.flatMap(([name, values]) => [
      figure(`${label}: ${name}, median`, median(values), 's'),
      figure(`${label}: ${name}, max`, max(values), 's'),
    ]),
    figure(`${label}: broadcast to acknowledgement, median`, median(all), 's', PEER.singleSec, GOAL.singleSec),
    figure(`${label}: broadcast to acknowledgement, max`, max(all), 's'),
  ];
};

const burst = ({ packets, transactions, gas, cpuSec, memoryMb }: RunResult, label: string): BenchCase[] => {
  const lastAck = max(packets.map(({ broadcastToAck }) => broadcastToAck)) / 1_000;
  const lastReceive = max(packets.map(({ included, sendToReceive }) => included + sendToReceive)) / 1_000;
  const afterSend = lastAck - max(packets.map(({ included }) => included)) / 1_000;
  return [
    figure(`${label}: last send included`, max(packets.map(({ included }) => included)) / 1_000, 's'),
    figure(`${label}: last receive`, lastReceive, 's'),
    figure(`${label}: last acknowledgement after the last send's block`, afterSend, 's'),
    figure(`${label}: last acknowledgement`, lastAck, 's', PEER.lastAckSec, GOAL.lastAckSec),
    figure(`${label}: transactions`, transactions, '', PEER.transactions, GOAL.transactions),
    figure(`${label}: gas`, Number(gas), 'gas', PEER.gas, GOAL.gas),
    figure(`${label}: CPU of all our processes`, cpuSec, 's', PEER.cpuSec, GOAL.cpuSec),
    figure(`${label}: memory of all our processes`, memoryMb, 'MB'),
  ];
};

/**
 * Relays over two anvils with a block time of 1 s and finality one block behind, 3 of 5 attestors a direction, every
 * process with its default settings.
 * @param args `--singles N` (20), `--burst N` (200)
 */
export const run = async (args: readonly string[]): Promise<BenchCase[]> => {
  const option = (name: string, fallback: number): number => {
    const at = args.indexOf(name);
    return at === -1 ? fallback : Number(args[at + 1]);
  };
  const count = option('--singles', 20);
  const size = option('--burst', 200);
  const net = await startDevnet({
    onUnexpectedExit: (process, how) => console.error(`${process.name} ended: ${how}`),
  });
  let meter: Meter | undefined;
  try {
    meter = await createMeter(net, TOPICS);
    const cases = [...(await singles(meter, count, 'single')), ...burst(await meter.run(size), `${size} at once`)];
    for (const chain of ['alpha', 'beta']) net.attestors.find((attestor) => attestor.chain === chain)?.process.stop();
    return [
      ...cases,
      ...(await singles(meter, count, 'one of five hung, single')),
      ...burst(await meter.run(size), `one of five hung, ${size} at once`),
    ];
  } finally {
    meter?.close();
    await net.close();
  }
};
