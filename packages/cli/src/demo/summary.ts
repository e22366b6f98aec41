import type { Hex } from '@interchain-attestation/core';
import type { Devnet, DevnetChain, NetworkChain, TrackedPacket } from '@interchain-attestation/devnet';
import { formatTable } from '../output/table.ts';
import type { Journey } from './journey.ts';
import type { Narrator } from './narrator.ts';

/** Gas by what it was spent on. Relay transactions carry many packets. */
export interface GasUse {
  readonly send: bigint;
  readonly receive: bigint;
  readonly acknowledge: bigint;
  readonly timeout: bigint;
  readonly relayTransactions: number;
  readonly relayPerPacket: bigint;
}

/** What `attest demo --json` prints. */
export interface DemoResult {
  readonly ok: true;
  readonly packets: readonly Readonly<Record<string, unknown>>[];
  readonly gas: GasUse;
  readonly durationMs: number;
}

const STEPS = ['send', 'receive', 'acknowledge', 'timeout'] as const;
type Step = (typeof STEPS)[number];

/** The chain on which a step of a packet happens. */
const chainOf = (packet: TrackedPacket, step: Step): NetworkChain => (step === 'receive' ? packet.dest : packet.source);

interface Transaction {
  readonly step: Step;
  readonly gas: bigint;
}

/** Gas of each EVM transaction, read once: what Cosmos chains call gas is another unit. */
const readGas = async (net: Devnet, packets: readonly TrackedPacket[]): Promise<ReadonlyMap<Hex, Transaction>> => {
  const wanted = new Map<Hex, { step: Step; chain: DevnetChain }>();
  for (const packet of packets) {
    for (const step of STEPS) {
      const hash = packet[step]?.txHash;
      // A transaction may receive some packets and acknowledge others: it counts as what it was seen for first.
      const name = chainOf(packet, step);
      const chain = name === 'alpha' || name === 'beta' ? net.chains[name] : undefined;
      if (hash !== undefined && chain !== undefined && !wanted.has(hash)) wanted.set(hash, { step, chain });
    }
  }
  const entries = [...wanted].map(async ([hash, { step, chain }]) => {
    const { gasUsed } = await chain.client.getTransactionReceipt({ hash });
    return [hash, { step, gas: gasUsed }] as const;
  });
  return new Map(await Promise.all(entries));
};

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);

const endOf = (packet: TrackedPacket): TrackedPacket['send'] | undefined => packet.acknowledge ?? packet.timeout;

const secondsTo = (
  packets: readonly TrackedPacket[],
  step: (packet: TrackedPacket) => TrackedPacket['send'] | undefined,
): string => {
  const times = packets.flatMap((packet) => {
    const at = step(packet);
    return at === undefined ? [] : [at.seenMs - packet.send.seenMs];
  });
  return times.length === 0 ? '-' : `${(Math.max(...times) / 1000).toFixed(1)} s`;
};

/** The table at the end of the tour, and the numbers behind it. */
export const summarize = async (
  net: Devnet,
  journeys: readonly Journey[],
  durationMs: number,
): Promise<{ readonly result: DemoResult; print(tell: Narrator): void }> => {
  const packets = journeys.flatMap((journey) => journey.packets);
  const transactions = await readGas(net, packets);
  // Totals of the packets that were on EVM chains only: half of a packet's gas would say nothing.
  const onEvm = packets.filter(({ source, dest }) => source in net.chains && dest in net.chains);
  const counted = new Set(onEvm.flatMap((packet) => STEPS.flatMap((step) => packet[step]?.txHash ?? [])));
  const of = (step: Step): readonly bigint[] =>
    [...transactions].filter(([hash, each]) => each.step === step && counted.has(hash)).map(([, { gas }]) => gas);
  const relay = [...of('receive'), ...of('acknowledge'), ...of('timeout')];
  const result: DemoResult = {
    ok: true,
    packets: packets.map((packet) => ({
      direction: `${packet.source} -> ${packet.dest}`,
      sequence: packet.sequence.toString(),
      outcome: packet.outcome,
      sendTx: packet.send.txHash,
      ...(packet.receive === undefined ? {} : { recvTx: packet.receive.txHash }),
      ...(packet.acknowledge === undefined ? {} : { ackTx: packet.acknowledge.txHash }),
      ...(packet.timeout === undefined ? {} : { timeoutTx: packet.timeout.txHash }),
      latencyMs: (endOf(packet)?.seenMs ?? packet.send.seenMs) - packet.send.seenMs,
    })),
    gas: {
      send: sum(of('send')),
      receive: sum(of('receive')),
      acknowledge: sum(of('acknowledge')),
      timeout: sum(of('timeout')),
      relayTransactions: relay.length,
      relayPerPacket: onEvm.length === 0 ? 0n : sum(relay) / BigInt(onEvm.length),
    },
    durationMs,
  };
  const gasOf = (group: readonly TrackedPacket[], step: Step): string => {
    const hashes = new Set(group.flatMap((packet) => packet[step]?.txHash ?? []));
    const known = [...hashes].flatMap((hash) => transactions.get(hash)?.gas ?? []);
    return known.length === 0 ? '-' : sum(known).toLocaleString('en');
  };
  const txCount = (group: readonly TrackedPacket[]): string =>
    String(
      new Set(
        group.flatMap((packet) =>
          [packet.receive, packet.acknowledge, packet.timeout].flatMap((step) => step?.txHash ?? []),
        ),
      ).size,
    );
  return {
    result,
    print: (tell) => {
      const { green, yellow, dim } = tell.style;
      const paint = { delivered: green, refused: yellow, 'timed-out': yellow };
      const rows = journeys
        .filter((journey) => journey.packets.length > 0)
        .map(({ label, packets: group }) => {
          const [first] = group;
          const last = group.at(-1);
          const name = group.length === 1 ? `#${first?.sequence}` : `#${first?.sequence}..${last?.sequence}`;
          const outcome = first?.outcome ?? 'delivered';
          return [
            name,
            label,
            paint[outcome](outcome),
            secondsTo(group, ({ receive }) => receive),
            secondsTo(group, endOf),
            txCount(group),
            gasOf(group, 'receive'),
            gasOf(group, first?.timeout === undefined ? 'acknowledge' : 'timeout'),
          ];
        });
      const columns = [
        { head: 'packet' },
        { head: 'what' },
        { head: 'outcome' },
        { head: 'received', alignRight: true },
        { head: 'finished', alignRight: true },
        { head: 'relay txs', alignRight: true },
        { head: 'receive gas', alignRight: true },
        { head: 'ack/timeout gas', alignRight: true },
      ];
      tell.line();
      for (const text of formatTable(columns, rows, dim)) tell.line(`  ${text}`);
    },
  };
};
