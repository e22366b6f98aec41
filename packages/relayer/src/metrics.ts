import { Counter, Gauge, Histogram, type Registry } from '@interchain-attestation/service';
import type { PacketRecord } from './domain/packet-record.ts';
import { PACKET_STATES, type PacketState, TERMINAL_STATES } from './domain/packet-state.ts';
import type { Emit } from './events.ts';
import type { Relayer } from './relayer.ts';

const LATENCY_BUCKETS_SEC = [0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 30, 60, 120, 300, 900, 1_800, 3_600];
const LATENCIES: readonly (readonly [PacketState, PacketState, string])[] = [
  ['sent', 'received', 'send_to_receive'],
  ['received', 'acknowledged', 'receive_to_acknowledge'],
  ['sent', 'acknowledged', 'send_to_acknowledge'],
  ['sent', 'timed-out', 'send_to_timeout'],
];

/** Metrics of a relayer, fed by its events; counts of packets are asked of the store when they are read. */
export interface RelayerMetrics {
  readonly onEvent: Emit;
  /** Adds what has to be asked for: packets by state, heights, backlog. */
  attach(relayer: Relayer): void;
}

/** Creates the metrics in a registry. */
export const createRelayerMetrics = (registry: Registry): RelayerMetrics => {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    new Counter({ name, help, labelNames: [...labelNames], registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });

  const transitions = counter('relayer_packet_transitions_total', 'Packets that entered a state', ['route', 'state']);
  const latency = new Histogram({
    name: 'relayer_packet_latency_seconds',
    help: 'Time between two stages of a packet',
    labelNames: ['route', 'stage'],
    buckets: LATENCY_BUCKETS_SEC,
    registers,
  });
  const transactions = counter('relayer_transactions_total', 'Transactions by what became of them', [
    'chain',
    'leg',
    'result',
  ]);
  const gas = counter('relayer_gas_used_total', 'Gas used', ['chain', 'leg']);
  const fees = counter('relayer_fees_paid_total', 'Fees paid, in the smallest unit', ['chain', 'leg']);
  const heights = gauge('relayer_chain_height', 'Heights by kind: latest, finalized', ['chain', 'kind']);
  const outages = counter('relayer_outages_total', 'Outages that began', ['target']);
  const missing = counter('relayer_sends_missing_total', 'Packets whose sends a node leaves out of its events', [
    'chain',
  ]);
  const down = gauge('relayer_down', '1 while the target is out', ['target']);
  const halted = gauge('relayer_route_halted', '1 while the route is halted', ['route']);
  const balance = gauge('relayer_signer_balance', 'Balance of the signer, in the smallest unit', ['chain']);
  const balanceLow = gauge('relayer_signer_balance_low', '1 while the balance is below the configured one', ['chain']);

  const onPacket = (record: PacketRecord, to: PacketState): void => {
    transitions.inc({ route: record.routeId, state: to });
    for (const [from, until, stage] of LATENCIES) {
      const start = record.timesMs[from] ?? (from === 'sent' ? record.timesMs.final : undefined);
      const end = record.timesMs[until];
      if (until === to && start !== undefined && end !== undefined) {
        latency.observe({ route: record.routeId, stage }, (end - start) / 1_000);
      }
    }
  };

  const onEvent: Emit = (event) => {
    switch (event.type) {
      case 'packet':
        return onPacket(event.record, event.to);
      case 'batch-submitted':
        return transactions.inc({ chain: event.chainId, leg: event.leg, result: 'submitted' });
      case 'batch-confirmed': {
        const labels = { chain: event.chainId, leg: event.leg };
        transactions.inc({ ...labels, result: 'confirmed' });
        gas.inc(labels, Number(event.gasUsed));
        fees.inc(labels, Number(event.feePaid));
        return;
      }
      case 'batch-failed':
        return transactions.inc({
          chain: event.chainId,
          leg: event.leg,
          result: event.next === 'give-up' ? 'given_up' : 'retried',
        });
      case 'advanced':
        heights.set({ chain: event.chainId, kind: 'latest' }, Number(event.head.height));
        heights.set({ chain: event.chainId, kind: 'finalized' }, Number(event.finalized.height));
        return;
      case 'sends-missing':
        return missing.inc({ chain: event.chainId }, Number(event.last - event.first + 1n));
      case 'outage':
        outages.inc({ target: event.target });
        return down.set({ target: event.target }, 1);
      case 'recovered':
        return down.set({ target: event.target }, 0);
      case 'route-halted':
        return halted.set({ route: event.routeId }, 1);
      case 'route-resumed':
        return halted.set({ route: event.routeId }, 0);
      case 'balance':
        balance.set({ chain: event.chainId }, Number(event.balance));
        return balanceLow.set({ chain: event.chainId }, event.low ? 1 : 0);
      case 'backfill':
      case 'chain-stalled':
        return;
    }
  };

  return {
    onEvent,
    attach: (relayer) => {
      new Gauge({
        name: 'relayer_packets',
        help: 'Packets by state',
        labelNames: ['state'],
        registers,
        async collect() {
          const counts = await relayer.queries.countsByState();
          for (const state of PACKET_STATES) this.set({ state }, counts.get(state) ?? 0);
        },
      });
      new Gauge({
        name: 'relayer_backlog_packets',
        help: 'Packets that are not at their end',
        registers,
        async collect() {
          const counts = await relayer.queries.countsByState();
          const open = [...counts].filter(([state]) => !(TERMINAL_STATES as readonly string[]).includes(state));
          this.set(open.reduce((sum, [, count]) => sum + count, 0));
        },
      });
      for (const { id } of relayer.routes) halted.set({ route: id }, 0);
      for (const { routeId } of relayer.halts()) halted.set({ route: routeId }, 1);
    },
  };
};
